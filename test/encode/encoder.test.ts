// The stream of all encoders: backpressure, failures and destruction.
import { once } from 'node:events'
import { PassThrough, Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { createStats, type Encoder } from '../../lib/encode/encoder.js'
import { EncoderStream } from '../../lib/encode/encoder-stream.js'
import type { RecordEncoder } from '../../lib/encode/record-encoder.js'
import type { Emit } from '../../lib/encode/format.js'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import { toNdjson } from '../../lib/encode/ndjson/to-ndjson.js'
import type { Row } from '../../lib/shared/types.js'
import { catchRejection } from '../support/catch-error.js'
import { encodeCsv, encodeRecords } from '../support/encode/encode-csv.js'

/** Creates an encoder stream around the record encoder of a test, and lists the calls of its methods. */
function createEncoder(createRecordEncoder: (emit: Emit) => Partial<RecordEncoder>): {
  encoder: Encoder
  calls: string[]
} {
  const calls: string[] = []
  const encoder = new EncoderStream('test', createStats(), (emit) => {
    const { writeRecords, flush, end, dispose } = createRecordEncoder(emit)
    return {
      writeRecords: (records) => {
        calls.push(`write ${records.length}`)
        return writeRecords?.(records)
      },
      ...(flush && { flush }),
      end: () => {
        calls.push('end')
        return end?.()
      },
      dispose: () => {
        calls.push('dispose')
        return dispose?.()
      },
    }
  })
  return { encoder, calls }
}

const closed = (stream: Encoder) => new Promise((resolve) => stream.once('close', resolve))
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

t.test('a sink that never reads stops the source', async (t) => {
  for (const encoder of [toCsv({ columns: ['text'] }), toNdjson()]) {
    let made = 0
    function* endless() {
      for (;;) yield { text: 'x'.repeat(1000), at: made++ }
    }
    const stuck = new Writable({ highWaterMark: 1, write: () => undefined })
    const running = pipeline(Readable.from(endless()), encoder, stuck)
    await turns(50)
    const before = made
    await turns(200)
    t.equal(made, before, 'the source is not read further')
    t.ok(made < 2000, `${made} records were read`)
    stuck.destroy(new Error('enough'))
    t.match(await catchRejection(running), { message: 'enough' })
  }
})

t.test('an encoder is at most some batches of records ahead of a slow sink', async (t) => {
  let made = 0
  let read = 0
  const records = Array.from({ length: 20_000 }, (_, at) => ({ id: at, text: 'x'.repeat(300) }))
  function* counted() {
    for (const record of records) {
      made++
      yield record
    }
  }
  let ahead = 0
  const slow = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      read += chunk.toString().split('\n').length - 1
      ahead = Math.max(ahead, made - read)
      setImmediate(done)
    },
  })
  await pipeline(Readable.from(counted()), toCsv({ columns: ['id', 'text'], header: false }), slow)
  t.equal(read, 20_000)
  t.ok(ahead < 3000, `${ahead} records ahead`)
})

t.test("with columns: 'all', the rows that are read back wait for a slow sink", async (t) => {
  for (const stringify of [undefined, {}]) {
    const records = Array.from({ length: 20_000 }, (_, at) => ({ id: at, text: 'x'.repeat(100), [`c${at >> 12}`]: '' }))
    const encoder = toCsv({ columns: 'all', sampleSize: 1, stringify })
    let bytes = 0
    let most = 0
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        most = Math.max(most, encoder.stats.bytes - bytes)
        setImmediate(done)
      },
    })
    await pipeline(Readable.from(records), encoder, slow)
    t.equal(bytes, encoder.stats.bytes)
    t.ok(bytes > 2_000_000)
    t.ok(most < 500_000, `${most} bytes ahead`)
  }
})

t.test('a reader that starts late gets everything', async (t) => {
  const encoder = toNdjson()
  encoder.end({ a: 1 })
  await turns(5)
  const chunks: Buffer[] = []
  for await (const chunk of encoder) chunks.push(chunk as Buffer)
  t.equal(Buffer.concat(chunks).toString(), '{"a":1}\n')
})

t.test('records that wait are written in one batch, and a later record in another', async (t) => {
  const { encoder, calls } = createEncoder(() => ({}))
  encoder.resume()
  encoder.cork()
  for (let at = 0; at < 300; at++) encoder.write({ at })
  encoder.uncork()
  await turns(2)
  encoder.write({ at: 300 })
  encoder.end()
  await closed(encoder)
  t.strictSame(calls, ['write 300', 'write 1', 'end', 'dispose'])
})

t.test('rows that arrive one by one become few chunks, and no row waits until another arrives', async (t) => {
  const csv = { columns: ['at'], header: false }
  for (const encoder of [
    toCsv(csv),
    toCsv({ ...csv, preset: 'optimize' }),
    toCsv({ ...csv, delimiter: '||' }),
    toNdjson(),
  ]) {
    const chunks: Buffer[] = []
    encoder.on('data', (chunk: Buffer) => chunks.push(chunk))
    const written = () => Buffer.concat(chunks).toString().split('\n').length - 1
    encoder.write({ at: 'first' })
    await turns(4)
    t.equal(written(), 1)
    const many = Readable.from(Array.from({ length: 20_000 }, (_, at) => ({ at: `${at} ${'x'.repeat(100)}` })))
    many.pipe(encoder, { end: false })
    await once(many, 'end')
    await turns(10)
    t.equal(written(), 20_001)
    t.ok(chunks.length < 30, `${chunks.length} chunks`)
    encoder.end({ at: 'last' })
    await closed(encoder)
    t.equal(written(), 20_002)
  }
})

t.test('a failure to emit pending bytes is the failure of the stream', async (t) => {
  const flush = () => {
    throw new Error('no way')
  }
  const { encoder, calls } = createEncoder(() => ({ flush }))
  const failed = once(encoder, 'error')
  encoder.write({})
  t.match(await failed, [{ code: 'ERR_ENCODE', message: 'test: no way' }])
  await turns(1)
  t.strictSame(calls, ['write 1', 'dispose'])
})

t.test('a chunk that is not a record is ERR_ENCODE', async (t) => {
  const cases: [unknown, string][] = [
    ['text', 'a string'],
    [7, 'a number'],
    [true, 'a boolean'],
    [undefined, 'undefined'],
    [[{ a: 1 }], 'an array'],
    [Buffer.from('x'), 'bytes'],
    [new Uint8Array(2), 'bytes'],
    [() => 1, 'a function'],
    [new Map(), 'a Map'],
    [new Date(0), 'a Date'],
    [Promise.resolve({}), 'a Promise'],
  ]
  for (const [chunk, got] of cases) {
    const encoder = toCsv()
    const failed = once(encoder, 'error')
    encoder.write(chunk)
    const [error] = (await failed) as [Error]
    t.match(error, {
      name: 'ExportError',
      code: 'ERR_ENCODE',
      message: `toCsv: expected a record (an object), got ${got}`,
    })
  }
  t.match(await catchRejection(encodeRecords(['x'], toNdjson())), {
    code: 'ERR_ENCODE',
    message: /^toNdjson: expected a record/,
  })
})

t.test('bytes piped into an encoder are ERR_ENCODE', async (t) => {
  const error = await catchRejection(
    pipeline(Readable.from([Buffer.from('a,b\n')]), toCsv(), new PassThrough().resume()),
  )
  t.match(error, { code: 'ERR_ENCODE', message: 'toCsv: expected a record (an object), got bytes' })
})

t.test('anything that a record encoder throws is the cause of an ERR_ENCODE', async (t) => {
  const cases: [Error, string][] = [
    [new RangeError('too much'), 'test: too much'],
    ['a text' as unknown as Error, 'test: a text'],
  ]
  for (const [failure, message] of cases) {
    const { encoder, calls } = createEncoder(() => ({ writeRecords: () => Promise.reject(failure) }))
    const failed = once(encoder, 'error')
    encoder.write({})
    const [error] = (await failed) as [Error]
    t.match(error, { name: 'ExportError', code: 'ERR_ENCODE', message })
    t.equal(error.cause, failure)
    await turns(1)
    t.strictSame(calls, ['write 1', 'dispose'])
  }
})

t.test('after a failure at the end, the stream emits error and not end', async (t) => {
  const { encoder, calls } = createEncoder(() => ({
    end: () => {
      throw new Error('no footer')
    },
  }))
  const events: string[] = []
  for (const event of ['end', 'finish', 'error', 'close'] as const) encoder.on(event, () => events.push(event))
  encoder.resume()
  encoder.end({})
  await closed(encoder)
  t.strictSame(events, ['error', 'close'])
  t.strictSame(calls, ['write 1', 'end', 'dispose'])
})

t.test('a failure to free resources is the error of a stream without another error', async (t) => {
  const dispose = () => Promise.reject(new Error('stuck'))
  const { encoder } = createEncoder(() => ({ dispose }))
  const errors: unknown[] = []
  encoder.on('error', (error) => errors.push(error))
  encoder.destroy()
  await closed(encoder)
  t.match(errors, [{ name: 'ExportError', code: 'ERR_ENCODE', message: 'test: stuck' }])
})

t.test('a failure to free resources does not hide the first failure', async (t) => {
  const dispose = () => {
    throw new Error('stuck')
  }
  const { encoder } = createEncoder(() => ({ dispose }))
  const errors: unknown[] = []
  encoder.on('error', (error) => errors.push(error))
  encoder.destroy(new Error('first'))
  await closed(encoder)
  t.match(errors, [{ message: 'first' }])
})

t.test('destroying frees resources once, after the pending work', async (t) => {
  const steps: string[] = []
  let release!: () => void
  const { encoder } = createEncoder(() => ({
    writeRecords: async () => {
      steps.push('begin')
      await new Promise<void>((resolve) => (release = resolve))
      steps.push('done')
    },
    dispose: () => {
      steps.push('dispose')
    },
  }))
  encoder.write({})
  await turns(1)
  encoder.destroy()
  encoder.destroy()
  await turns(1)
  t.strictSame(steps, ['begin'])
  release()
  await closed(encoder)
  t.strictSame(steps, ['begin', 'done', 'dispose'])
})

t.test('work that waits for a reader ends when the stream is destroyed', async (t) => {
  let ended = ''
  const { encoder, calls } = createEncoder((emit) => ({
    writeRecords: async () => {
      try {
        for (;;) await emit(Buffer.alloc(100_000))
      } catch (error) {
        ended = (error as Error).message
        throw error
      }
    },
  }))
  const errors: unknown[] = []
  encoder.on('error', (error) => errors.push(error))
  encoder.write({})
  await turns(2)
  t.equal(encoder.stats.bytes, 100_000, 'one chunk waits for the reader')
  encoder.destroy()
  await closed(encoder)
  t.equal(ended, 'test: the stream was destroyed')
  t.strictSame(errors, [], 'a stream that is destroyed without an error has no error')
  t.strictSame(calls, ['write 1', 'dispose'])
})

t.test('an encoder destroyed before its first record closes once', async (t) => {
  const { encoder, calls } = createEncoder(() => ({}))
  let closes = 0
  encoder.on('close', () => closes++)
  encoder.destroy()
  await turns(3)
  t.equal(closes, 1)
  t.strictSame(calls, ['dispose'])
})

t.test('an abort by the signal of a pipeline ends the pipeline with an AbortError', async (t) => {
  const abort = new AbortController()
  function* endless(): Generator<Row> {
    for (let at = 0; ; at++) {
      if (at === 5000) abort.abort()
      yield { at }
    }
  }
  const encoder = toCsv({ columns: 'all' })
  const error = await catchRejection(
    pipeline(Readable.from(endless()), encoder, new PassThrough().resume(), { signal: abort.signal }),
  )
  t.equal(error.name, 'AbortError')
  t.ok(encoder.destroyed)
})

t.test('stats are live', async (t) => {
  const encoder = toCsv({ columns: ['a'] })
  t.match(encoder.stats, { rows: 0, bytes: 0, columns: 0 })
  encoder.write({ a: 1 })
  await once(encoder, 'readable')
  t.match(encoder.stats, { rows: 1, columns: 1 })
  encoder.end({ a: 2 })
  encoder.resume()
  await closed(encoder)
  t.match(encoder.stats, { rows: 2, bytes: 6, columns: 1 })
})

t.test('a record need not be a plain object', async (t) => {
  class Mine {
    a = 1
    get b() {
      return 2
    }
  }
  t.equal(await encodeCsv([new Mine()]), 'a\n1\n')
})

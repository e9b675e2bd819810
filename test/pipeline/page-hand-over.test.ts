// An encoder that is piped directly from an export gets whole pages by a direct call. The stream itself carries records only.
import { once } from 'node:events'
import { PassThrough, Writable, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as tick } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { exportStream, toCsv, toNdjson, toParquet, type ExportRecord, type ExportStream } from '../../lib/index.js'
import { RecordSpans } from '../../lib/spans/record-spans.js'
import { attachKey, PageInFlight, type PageStream } from '../../lib/pages/page-hand-over.js'
import { Random } from '../../lib/testing/random.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { seedsOf } from '../support/random/property.js'
import { startWatched, type WatchedOptions } from '../support/servers/watched-server.js'

async function opened(t: Test, options: WatchedOptions, more: { limit?: number; maxRecords?: number } = {}) {
  const server = await startWatched(t, options)
  const source = exportStream({
    baseUrl: server.url,
    reportId: server.reportId,
    accessToken: server.token,
    limit: 100,
    retry: { minDelay: 1, maxDelay: 2 },
    ...more,
  })
  t.teardown(() => source.destroy())
  const pages = () => server.requests.filter(({ path }) => path.endsWith('/result/json')).length
  return { server, source, pages }
}

/** Collects chunks; `pause` makes it wait. */
class Sink extends Writable {
  readonly chunks: Buffer[] = []
  /** Resolves when a chunk waits. */
  readonly held = new Promise<void>((resolve) => this.once('held', resolve))
  #held: (() => void) | undefined
  #isPaused = false

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk)
    if (this.#isPaused) {
      this.#held = done
      this.emit('held')
    } else done()
  }

  pause(): this {
    this.#isPaused = true
    return this
  }

  go(): void {
    this.#isPaused = false
    this.#held?.()
  }

  get ids(): string[] {
    const lines = Buffer.concat(this.chunks).toString().trimEnd().split('\n')
    return lines.map((line) => (JSON.parse(line) as { processInstanceId: string }).processInstanceId)
  }
}

/** Resolves when so many records were handed over. */
async function handedOver(source: ExportStream, records: number): Promise<void> {
  while (source.stats.records < records) await tick()
}

/** The chunks that went through the stream of the export: records, and null at its end. */
function pushesOf(source: ExportStream): unknown[] {
  const pushed: unknown[] = []
  const push = source.push.bind(source)
  source.push = (chunk: unknown) => {
    pushed.push(chunk)
    return push(chunk)
  }
  return pushed
}

t.test('an encoder that is the only reader gets pages, and the stats are the same as with records', async (t) => {
  const { server, source } = await opened(t, { records: 250 })
  const pushed = pushesOf(source)
  const sink = new Sink()
  await pipeline(source, toNdjson(), sink)
  t.strictSame(pushed, [null])
  t.strictSame(sink.ids, server.ids())
  t.match(source.stats, { records: 250, pages: 3, complete: true, endedBy: 'end' })
})

t.test('while a sink is busy with one page, two more are fetched, and no fourth', async (t) => {
  const { server, source, pages } = await opened(t, { records: 1000 })
  const sink = new Sink({ highWaterMark: 1 }).pause()
  const done = pipeline(source, toNdjson(), sink)
  await handedOver(source, 300)
  await drainEventLoopTurns()
  t.equal(server.requests.length, 3)
  t.equal(source.stats.records, 300)
  sink.go()
  await done
  t.equal(pages(), 10)
  t.equal(source.stats.records, 1000)
})

t.test(
  'after a page of more than 1024 records, the next one is requested when nearly all of it is written',
  async (t) => {
    const { source, pages } = await opened(t, { records: 4000 }, { limit: 2000 })
    const sink = new Sink({ highWaterMark: 1 }).pause()
    const done = pipeline(source, toNdjson(), sink)
    await sink.held
    await drainEventLoopTurns()
    t.equal(pages(), 1)
    sink.go()
    await done
    t.equal(pages(), 2)
  },
)

t.test('two encoders get every page, and the slower one sets the pace', async (t) => {
  const { server, source, pages } = await opened(t, { records: 500 })
  const [fast, slow] = [new Sink(), new Sink({ highWaterMark: 1 }).pause()]
  const done = Promise.all([pipeline(source, toNdjson(), fast), pipeline(source, toNdjson(), slow)])
  await handedOver(source, 300)
  await drainEventLoopTurns()
  t.equal(pages(), 3)
  slow.go()
  await done
  t.strictSame(fast.ids, server.ids())
  t.strictSame(slow.ids, server.ids())
  t.equal(pages(), 5)
})

/** A reader of whole pages that decides itself when it releases and finishes a page. */
class PageReader {
  readonly pages: PageInFlight[] = []
  readonly canTakePages = true
  readonly #arrived: (() => void)[] = []

  constructor(source: ExportStream) {
    ;(source as PageStream)[attachKey]!(this)
    source.on('data', () => undefined)
  }

  readonly takePage = (page: PageInFlight): void => {
    if (page instanceof PageInFlight) this.pages.push(page)
    for (const arrived of this.#arrived.splice(0)) arrived()
  }

  async next(number: number): Promise<RecordSpans> {
    while (this.pages.length < number) await new Promise<void>((resolve) => this.#arrived.push(resolve))
    return this.pages[number - 1]!.records as RecordSpans
  }
}

t.test('the memory of a page is freed when the last reader has finished it, not when it releases it', async (t) => {
  const { server, source } = await opened(t, { records: 250 })
  const [first, second] = [new PageReader(source), new PageReader(source)]
  const records = await first.next(1)
  if (!(records instanceof RecordSpans)) return t.equal(process.env['OPTIMIZE_EXPORT_FASTPATH'], 'off')
  for (const reader of [first, second]) reader.pages[0]!.release(reader)
  await first.next(2)
  t.equal(records.getRecord(7)['processInstanceId'], server.ids()[7])
  first.pages[0]!.finish(first)
  t.equal(records.getRecord(7)['processInstanceId'], server.ids()[7])
  second.pages[0]!.finish(second)
  t.equal(records.bytes.length, 0)
  t.throws(() => records.getRecord(7))
  t.throws(() => records.slice(5, 6).getRecord(0))
  t.equal((await second.next(2)).getRecord(0)['processInstanceId'], server.ids()[100])
})

t.test('the spans of a page are freed without its bytes if a reader keeps the bytes', async (t) => {
  const { source } = await opened(t, { records: 250 })
  const [keeping, other] = [new PageReader(source), new PageReader(source)]
  const records = await keeping.next(1)
  if (!(records instanceof RecordSpans)) return t.equal(process.env['OPTIMIZE_EXPORT_FASTPATH'], 'off')
  const text = records.bytes.toString()
  keeping.pages[0]!.finish(keeping, true)
  t.not(records.starts.length, 0)
  other.pages[0]!.finish(other)
  t.equal(records.starts.length, 0)
  t.equal(records.bytes.toString(), text)
})

t.test('the memory of a page is not freed if a reader was detached before it finished the page', async (t) => {
  const { server, source } = await opened(t, { records: 250 })
  const reader = new PageReader(source)
  const provider = (source as PageStream)[attachKey]!({ canTakePages: true, takePage: () => undefined })
  source.on('data', () => undefined)
  const records = await reader.next(1)
  if (!(records instanceof RecordSpans)) return t.equal(process.env['OPTIMIZE_EXPORT_FASTPATH'], 'off')
  provider.detach()
  reader.pages[0]!.finish(reader)
  t.equal(records.getRecord(0)['processInstanceId'], server.ids()[0])
})

for (const name of ['csv', 'parquet', 'ndjson'] as const)
  t.test(`${name}: a sink may keep every chunk until the end`, async (t) => {
    const { server, source } = await opened(t, { records: 3000, gzip: false }, { limit: 1000 })
    const sink = new Sink()
    const encoders = {
      csv: () => toCsv(),
      parquet: () => toParquet({ codec: 'uncompressed' }),
      ndjson: () => toNdjson(),
    }
    await pipeline(source, encoders[name](), sink)
    const file = Buffer.concat(sink.chunks).toString('latin1')
    for (const id of server.ids()) t.ok(file.includes(id))
  })

t.test('with another data listener, the listener and the encoder get records', async (t) => {
  const { server, source } = await opened(t, { records: 250 })
  const heard: string[] = []
  source.on('data', (record: ExportRecord) => heard.push(record['processInstanceId'] as string))
  const sink = new Sink()
  await pipeline(source, toNdjson(), sink)
  t.strictSame(heard, server.ids())
  t.strictSame(sink.ids, server.ids())
})

t.test(
  'a later reader gets records from the next page on, and a reader that leaves does not stop the others',
  async (t) => {
    const { server, source } = await opened(t, { records: 500 })
    const [first, second] = [new Sink(), new Sink()]
    const leaving = toNdjson()
    source.pipe(leaving).pipe(second)
    const heard: string[] = []
    source.once('page', () => {
      source.on('page', ({ number }) => {
        if (number === 2) source.on('data', (record: ExportRecord) => heard.push(record['processInstanceId'] as string))
        if (number === 4) source.unpipe(leaving)
      })
    })
    await pipeline(source, toNdjson(), first)
    t.strictSame(first.ids, server.ids())
    t.strictSame(heard, server.ids().slice(100))
    t.strictSame(second.ids, server.ids().slice(0, 300))
  },
)

t.test('an encoder that leaves before it has released its page does not block the others', async (t) => {
  const { server, source } = await opened(t, { records: 300 })
  const sink = new Sink()
  const stuck = toNdjson()
  source.pipe(stuck).pipe(new Sink({ highWaterMark: 1 }).pause())
  const done = pipeline(source, toNdjson(), sink)
  await once(source, 'page')
  await drainEventLoopTurns()
  source.unpipe(stuck)
  await done
  t.strictSame(sink.ids, server.ids())
})

t.test('an encoder may be given records before and after pages', async (t) => {
  const { server, source } = await opened(t, { records: 250 })
  const encoder = toNdjson()
  const sink = new Sink()
  const done = pipeline(encoder, sink)
  encoder.write({ processInstanceId: 'before' })
  source.pipe(encoder, { end: false })
  await once(source, 'end')
  encoder.end({ processInstanceId: 'after' })
  await done
  t.strictSame(sink.ids, ['before', ...server.ids(), 'after'])
})

t.test('maxRecords cuts a page', async (t) => {
  const { server, source } = await opened(t, { records: 500 }, { maxRecords: 150 })
  const sink = new Sink()
  await pipeline(source, toNdjson(), sink)
  t.strictSame(sink.ids, server.ids().slice(0, 150))
  t.match(source.stats, { records: 150, complete: false, endedBy: 'maxRecords' })
})

t.test('repeated and lost pages do not change the output', async (t) => {
  const faults = [{ kind: 'drop' as const, page: 3 }]
  const { server, source } = await opened(t, { records: 500, faults })
  const sink = new Sink()
  await pipeline(source, toNdjson(), sink)
  t.strictSame([...sink.ids].sort(), [...server.ids()].sort())
  t.match(source.stats, { restarts: 1, records: 500, complete: true })
})

t.test('destroying the encoder ends the export', async (t) => {
  const { source, pages } = await opened(t, { records: 1000 })
  const encoder = toCsv()
  const sink = new Sink({ highWaterMark: 1 }).pause()
  const done = pipeline(source, encoder, sink)
  await sink.held
  await drainEventLoopTurns()
  const asked = pages()
  encoder.destroy()
  await t.rejects(done)
  t.ok(source.destroyed)
  await drainEventLoopTurns()
  t.equal(pages(), asked)
})

t.test('with a stream between there are records, one at a time', async (t) => {
  const { source } = await opened(t, { records: 120 })
  const pushed = pushesOf(source)
  await pipeline([source as Readable, new PassThrough({ objectMode: true }), toCsv(), new Sink()])
  await tick()
  t.equal(pushed.length, 121)
})

t.test('a page that waits for a paused pipe is not handed over yet', async (t) => {
  const { server, source } = await opened(t, { records: 150 })
  const sink = new Sink()
  source.once('page', () => source.pause())
  const done = pipeline(source, toNdjson(), sink)
  await once(source, 'page')
  await drainEventLoopTurns()
  t.equal(source.stats.records, 0)
  source.resume()
  await done
  t.strictSame(sink.ids, server.ids())
})

t.test('records and pages that arrive at the same time are written in order', async (t) => {
  const encoder = toNdjson()
  const sink = new Sink()
  const done = pipeline(encoder, sink)
  const page = (id: string) => new PageInFlight([{ processInstanceId: id }], () => undefined)
  encoder.cork()
  for (const chunk of [{ processInstanceId: '1' }, page('2'), page('3'), { processInstanceId: '4' }])
    encoder.write(chunk)
  encoder.uncork()
  encoder.end()
  await done
  t.strictSame(sink.ids, ['1', '2', '3', '4'])
})

const isRecord = (chunk: unknown) => typeof (chunk as ExportRecord)['processInstanceId'] === 'string'

t.test('an export that is paused during a request gives records to the next reader', async (t) => {
  const { server, source } = await opened(t, { records: 250 }, { limit: 10 })
  const sink = new Sink()
  const heard: ExportRecord[] = []
  source.once('page', () => {
    source.pause()
    void drainEventLoopTurns().then(() => source.on('data', (record: ExportRecord) => heard.push(record)).resume())
  })
  await pipeline(source, toNdjson(), sink)
  t.ok(heard.every(isRecord))
  t.strictSame(
    heard.map((record) => record['processInstanceId']),
    server.ids(),
  )
  t.strictSame(sink.ids, server.ids())
})

t.test('an export whose encoder was unpiped continues with records, and counts them when they are read', async (t) => {
  const { server, source } = await opened(t, { records: 100 }, { limit: 10 })
  const encoder = toCsv()
  encoder.resume()
  source.pipe(encoder)
  source.once('page', () => source.pause())
  await once(source, 'page')
  await drainEventLoopTurns()
  t.equal(source.stats.records, 0)
  source.unpipe(encoder)
  const ids: unknown[] = []
  for await (const record of source) {
    ids.push(record['processInstanceId'])
    if (ids.length < 100) t.ok(source.stats.records <= ids.length, String(ids.length))
  }
  t.strictSame(ids, server.ids())
  t.match(source.stats, { records: 100, complete: true })
})

t.test('read() beside an encoder gives records or null, and both see all of them', async (t) => {
  const { server, source } = await opened(t, { records: 300 }, { limit: 10 })
  const sink = new Sink()
  const read: unknown[] = []
  const done = pipeline(source, toNdjson(), sink)
  while (!source.readableEnded && !source.destroyed) {
    const chunk: unknown = source.read()
    if (chunk !== null) read.push(chunk)
    await tick()
  }
  await done
  t.ok(read.every(isRecord))
  t.strictSame(sink.ids, server.ids())
})

t.test('consumers that start, pause, read and leave at any time get records only, each once', async (t) => {
  const seeds = seedsOf(10, 20)
  for (const seed of seeds) {
    const random = new Random()
    random.startAt(seed, 1)
    const { server, source } = await opened(t, { records: 200, variables: 1, flowNodes: 0 }, { limit: 7 })
    const sink = new Sink({ highWaterMark: 1 })
    let most = 0
    const others: unknown[] = []
    const hear = (chunk: unknown) => others.push(chunk)
    const done = pipeline(source, toNdjson(), sink)
    const extra = toNdjson()
    extra.resume()
    const acts = [
      () => source.pause(),
      () => source.resume(),
      () => source.on('data', hear),
      () => source.off('data', hear),
      () => others.push(source.read() ?? { processInstanceId: 'none' }),
      () => source.unpipe(extra).pipe(extra, { end: false }),
      () => source.unpipe(extra),
      () => source.on('page', () => source.pause()),
      () => source.removeAllListeners('page'),
    ]
    while (!sink.writableFinished && !sink.destroyed) {
      random.oneOf(acts)()
      const isStill = random.below(3) === 0
      await drainEventLoopTurns(isStill ? 20 : 1)
      source.resume()
      most = Math.max(most, source.stats.records)
    }
    t.ok(most <= 200, `${most} records`)
    await done
    if (!others.every(isRecord) || sink.ids.join() !== server.ids().join())
      t.fail(`seed ${seed}: something else than each record once`)
    t.match(source.stats, { records: 200, complete: true }, `seed ${seed}`)
    source.destroy()
    await server.close()
  }
})

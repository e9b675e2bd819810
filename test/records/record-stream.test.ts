import { once } from 'node:events'
import { setImmediate as tick } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import type { Page, PageSource } from '../../lib/pagination/pager.js'
import { RecordStream } from '../../lib/records/record-stream.js'
import { runs } from '../support/random/property.js'

class Source implements PageSource {
  requestCount = 0
  inFlight = 0
  mostInFlight = 0
  readonly #sizes: readonly number[]
  #id = 0

  constructor(sizes: readonly number[]) {
    this.#sizes = sizes
  }

  async next(): Promise<Page | undefined> {
    const size = this.#sizes[this.requestCount++]
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight)
    await tick()
    this.inFlight--
    if (size === undefined) return undefined
    const records = Array.from({ length: size }, () => ({ id: this.#id++ }))
    return { number: this.requestCount, records, total: 0, bytes: 0 }
  }
}

class Watched extends RecordStream {
  get counted() {
    return this.emittedCount
  }
  get ended() {
    return this.endedBy
  }
}

const streamOf = (sizes: readonly number[], highWaterMark = 16) => {
  const source = new Source(sizes)
  return { source, stream: new Watched(source, { highWaterMark }) }
}
const idOf = (record: unknown) => (record as { id: number }).id

t.test(
  'whatever the pages and the high-water mark, every record is emitted once and in order, and one page is requested at a time',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 40 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        async (sizes, highWaterMark, paused) => {
          const { source, stream } = streamOf(sizes, highWaterMark)
          const ids: number[] = []
          if (paused)
            stream.on('readable', () => {
              for (let record: unknown; (record = stream.read()) !== null;) ids.push(idOf(record))
            })
          else stream.on('data', (record) => ids.push(idOf(record)))
          await once(stream, 'end')
          const all = sizes.reduce((sum, size) => sum + size, 0)
          return (
            ids.length === all &&
            ids.every((id, at) => id === at) &&
            source.mostInFlight === 1 &&
            source.requestCount === sizes.length + 1 &&
            stream.counted === all &&
            stream.ended === 'end'
          )
        },
      ),
      runs(100),
    )
  },
)

t.test('a listener that calls read() gets every record once', async (t) => {
  for (const call of ['read', 'read(0)'] as const) {
    const { source, stream } = streamOf([10, 10, 10, 5], 4)
    const ids: number[] = []
    stream.on('data', (record: { id: number }) => {
      ids.push(record.id)
      if (call === 'read(0)') stream.read(0)
      else {
        const next = stream.read() as { id: number } | null
        if (next) t.fail('the buffer is empty while a record is emitted')
      }
    })
    await once(stream, 'end')
    t.strictSame(
      ids,
      Array.from({ length: 35 }, (_, id) => id),
      call,
    )
    t.equal(source.mostInFlight, 1)
    t.equal(stream.counted, 35)
  }
})

t.test('no page is requested before the first read', async (t) => {
  const { source, stream } = streamOf([1])
  await tick()
  t.equal(source.requestCount, 0)
  stream.destroy()
})

t.test('the next page is requested when all records are pushed and the buffer is not full', async (t) => {
  const { source, stream } = streamOf([10, 10, 10], 5)
  stream.read()
  for (let i = 0; i < 5; i++) await tick()
  t.equal(source.requestCount, 1)
  for (let i = 0; i < 5; i++) t.ok(stream.read())
  for (let i = 0; i < 5; i++) await tick()
  t.equal(source.requestCount, 1)
  t.ok(stream.read())
  for (let i = 0; i < 5; i++) await tick()
  t.equal(source.requestCount, 2)
  stream.destroy()
})

t.test('the stream counts the records that the consumer got, wherever the consumer stops', async (t) => {
  for (const leaveAt of [1, 5, 9, 10]) {
    const { source, stream } = streamOf([10, 10])
    let seen = 0
    stream.on('data', () => {
      if (++seen === leaveAt) stream.destroy()
    })
    await once(stream, 'close')
    t.strictSame([seen, stream.counted, stream.ended, source.requestCount], [leaveAt, leaveAt, 'destroyed', 1])
  }
  const { stream } = streamOf([10, 10])
  let seen = 0
  for await (const record of stream)
    if (idOf(record) === 6) break
    else seen++
  t.strictSame([seen, stream.counted, stream.ended], [6, 7, 'destroyed'])
})

t.test('a page that arrives after the stream was destroyed is dropped', async (t) => {
  const { source, stream } = streamOf([10])
  stream.resume()
  await new Promise((resolve) => process.nextTick(resolve))
  t.equal(source.inFlight, 1)
  stream.destroy()
  await once(stream, 'close')
  for (let i = 0; i < 3; i++) await tick()
  t.strictSame([source.requestCount, source.inFlight, stream.counted], [1, 0, 0])
})

/** Resolves when the stream is closed; once() would reject if an error comes first. */
const closed = (stream: Watched) => new Promise((resolve) => stream.on('close', resolve))

t.test('if a page cannot be fetched, the stream emits that error, once', async (t) => {
  const failure = new Error('broken')
  const stream = new Watched({ next: () => Promise.reject(failure) }, { highWaterMark: 1 })
  const errors: unknown[] = []
  stream.on('error', (error) => errors.push(error))
  stream.resume()
  await closed(stream)
  t.strictSame(errors, [failure])
  t.equal(stream.ended, 'error')
})

t.test('a stream that is destroyed with an AbortError has not failed', async (t) => {
  const { stream } = streamOf([1])
  stream.on('error', () => undefined)
  stream.destroy(Object.assign(new Error('enough'), { name: 'AbortError' }))
  await closed(stream)
  t.equal(stream.ended, 'destroyed')
})

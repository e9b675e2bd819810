import { setImmediate as tick } from 'node:timers/promises'
import t from 'tap'
import { SearchKeepAlive } from '../../lib/pagination/search-keep-alive.js'
import { PagePrefetcher } from '../../lib/pagination/page-prefetcher.js'
import { RecordLimiter } from '../../lib/pagination/record-limiter.js'
import type { Page, PageSource } from '../../lib/pagination/pager.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { startFakeClock } from '../support/machine/fake-clock.js'

const pageOf = (number: number, records = 2, total = 6): Page => ({
  number,
  records: Array.from({ length: records }, (_, n) => ({ n: (number - 1) * records + n })),
  total,
  bytes: 1,
})

/** A source of pages from 1 on, then the end or the error. */
class Pages implements PageSource {
  callCount = 0
  readonly #count: number
  readonly #error: Error | undefined

  constructor(count: number, error?: Error) {
    this.#count = count
    this.#error = error
  }

  async next(): Promise<Page | undefined> {
    const number = ++this.callCount
    await tick()
    if (number <= this.#count) return pageOf(number)
    if (this.#error) throw this.#error
    return undefined
  }
}

function createPrefetcher(pages: PageSource, prefetch = 0, secondMs = 1000) {
  const keepAlive = new SearchKeepAlive({ paginationTimeout: 60, maxPaginationTimeout: 3600, secondMs })
  const early: boolean[] = []
  const prefetcher = new PagePrefetcher(pages, {
    prefetch,
    keepAlive,
    onEarlyFetch: (isExtended) => early.push(isExtended),
  })
  t.teardown(() => prefetcher.close())
  return { prefetcher, keepAlive, early }
}

const settle = () => drainEventLoopTurns(20)

t.test('without prefetch a page is fetched on demand, not before', async (t) => {
  const pages = new Pages(3)
  const { prefetcher, keepAlive } = createPrefetcher(pages)
  keepAlive.noteRequest(Date.now())
  t.equal(pages.callCount, 0)
  t.equal((await prefetcher.next())?.number, 1)
  await settle()
  t.equal(pages.callCount, 1)
})

t.test('with prefetch: 3, exactly three pages are fetched ahead', async (t) => {
  const pages = new Pages(10)
  const { prefetcher, keepAlive } = createPrefetcher(pages, 3)
  keepAlive.noteRequest(Date.now())
  await prefetcher.next()
  await settle()
  t.equal(pages.callCount, 4)
  t.equal((await prefetcher.next())?.number, 2)
  await settle()
  t.equal(pages.callCount, 5)
})

t.test('pages come in order, then undefined for every further call', async (t) => {
  const { prefetcher } = createPrefetcher(new Pages(3), 2)
  const numbers = []
  for (let page = await prefetcher.next(); page; page = await prefetcher.next()) numbers.push(page.number)
  t.same(numbers, [1, 2, 3])
  t.equal(await prefetcher.next(), undefined)
})

t.test('the failure of a page that was fetched ahead comes after the pages before it', async (t) => {
  const { prefetcher } = createPrefetcher(new Pages(2, new Error('third')), 5)
  t.equal((await prefetcher.next())?.number, 1)
  await settle()
  t.equal((await prefetcher.next())?.number, 2)
  await t.rejects(prefetcher.next(), { message: 'third' })
})

for (const prefetch of [0, 1, 2])
  t.test(`with prefetch: ${prefetch}, one more page is fetched when the keep-alive nearly expires`, async (t) => {
    const clock = startFakeClock(t)
    const pages = new Pages(10)
    const { prefetcher, keepAlive, early } = createPrefetcher(pages, prefetch, 1)
    keepAlive.noteRequest(Date.now())
    await prefetcher.next()
    await settle()
    await clock.pass(47, settle)
    t.equal(pages.callCount, 1 + prefetch)
    await clock.pass(53, settle)
    t.equal(pages.callCount, 1 + prefetch + 1)
    t.equal(early.length, 1)
    t.equal(keepAlive.seconds, 600)
    t.equal((await prefetcher.next())?.number, 2)
  })

t.test('after the last page there is no early fetch and no warning', async (t) => {
  const clock = startFakeClock(t)
  const { prefetcher, keepAlive, early } = createPrefetcher(new Pages(1), 0, 1)
  keepAlive.noteRequest(Date.now())
  await prefetcher.next()
  await clock.pass(100, settle)
  t.same(early, [])
  t.equal(await prefetcher.next(), undefined)
})

t.test('a closed prefetcher fetches no more', async (t) => {
  const clock = startFakeClock(t)
  const pages = new Pages(10)
  const { prefetcher, keepAlive } = createPrefetcher(pages, 0, 1)
  keepAlive.noteRequest(Date.now())
  await prefetcher.next()
  prefetcher.close()
  await clock.pass(100, settle)
  t.equal(await prefetcher.next(), undefined)
  t.equal(pages.callCount, 1)
})

t.test('the time between two pages is the drain time of the sink', async (t) => {
  const clock = startFakeClock(t)
  const { prefetcher, keepAlive } = createPrefetcher(new Pages(3), 1, 1)
  const drained: number[] = []
  keepAlive.noteDrained = (ms) => drained.push(ms)
  keepAlive.noteRequest(Date.now())
  await prefetcher.next()
  await clock.pass(20, settle)
  await prefetcher.next()
  t.strictSame(drained, [20])
})

t.test('RecordLimiter cuts the page with the last record and requests no further page', async (t) => {
  const pages = new Pages(3)
  const limiter = new RecordLimiter(pages, 3)
  t.same((await limiter.next())?.records, [{ n: 0 }, { n: 1 }])
  t.equal(limiter.isCapped, false)
  t.same((await limiter.next())?.records, [{ n: 2 }])
  t.equal(limiter.isCapped, true)
  t.equal(await limiter.next(), undefined)
  t.equal(pages.callCount, 2)
})

t.test('RecordLimiter does not cap a report with exactly maxRecords records, or fewer', async (t) => {
  for (const maxRecords of [6, 7]) {
    const limiter = new RecordLimiter(new Pages(3), maxRecords)
    while (await limiter.next());
    t.equal(limiter.isCapped, false)
  }
})

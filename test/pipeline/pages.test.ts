import t from 'tap'
import { exportPages, type ExportOptions, type Page } from '../../lib/index.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { startWatched, type WatchedOptions, type WatchedServer } from '../support/servers/watched-server.js'

async function opened(
  t: { teardown(handler: () => unknown): unknown },
  server: WatchedOptions = {},
): Promise<{ server: WatchedServer; pages: (options?: Partial<ExportOptions>) => ReturnType<typeof exportPages> }> {
  const optimize = await startWatched(t, { records: 30, variables: 1, flowNodes: 0, ...server })
  const source = { baseUrl: optimize.url, reportId: optimize.reportId, accessToken: optimize.token, limit: 10 }
  const retry = { minDelay: 1, maxDelay: 5 }
  return { server: optimize, pages: (options) => exportPages({ ...source, retry, ...options }) }
}

const idsOf = (pages: readonly Page[]) => pages.flatMap(({ records }) => records.map((r) => r['processInstanceId']))

async function all(pages: AsyncIterable<Page>): Promise<Page[]> {
  const list: Page[] = []
  for await (const page of pages) list.push(page)
  return list
}

t.test('options are checked at the call', async (t) => {
  t.throws(() => exportPages({ baseUrl: 'x', reportId: '', accessToken: 'a' }), { code: 'ERR_OPTION' })
})

t.test('pages are numbered from 1 without gaps, also over a restart, and each id comes once', async (t) => {
  for (const prefetch of [0, 2]) {
    const { server, pages } = await opened(t, { faults: [{ kind: 'drop', page: 3 }] })
    const list = await all(pages({ prefetch }))
    t.same(
      list.map(({ number }) => number),
      [1, 2, 3],
    )
    t.same(idsOf(list), server.ids())
    t.ok(list.every(({ total, bytes }) => total === 30 && bytes > 0))
  }
})

t.test('nothing is requested before the first step, and leaving the loop ends the export', async (t) => {
  const { server, pages } = await opened(t, { isHeld: ({ number }) => number === 2 })
  const idle = pages()
  await drainEventLoopTurns()
  t.equal(server.requests.length, 0)
  await idle.return()
  for await (const { number } of pages({ prefetch: 1 })) {
    t.equal(number, 1)
    await server.received(2)
    break
  }
  await server.close()
  t.equal(server.requests.length, 2)
})

t.test('an error of the loop body is not changed', async (t) => {
  const { server, pages } = await opened(t)
  const mine = new Error('mine')
  const loop = async () => {
    for await (const page of pages()) throw Object.assign(mine, { page: page.number })
  }
  t.equal(await loop().catch((error: unknown) => error), mine)
  t.equal(server.requests.length, 1)
})

t.test('a failure has its fields, with the number of emitted records', async (t) => {
  const { pages } = await opened(t, { faults: [{ kind: '500', page: 3 }] })
  await t.rejects(all(pages({ recovery: 'fail' })), { code: 'ERR_HTTP', page: 3, records: 20, status: 500 })
})

t.test('a signal aborts before, during a request, and between two pages, never as a quiet end', async (t) => {
  const { server, pages } = await opened(t, { faults: [{ kind: 'delay', ms: 60_000, request: 1 }] })
  await t.rejects(all(pages({ signal: AbortSignal.abort(new Error('why')) })), {
    name: 'AbortError',
    code: 'ABORT_ERR',
    cause: { message: 'why' },
  })
  t.equal(server.requests.length, 0)
  const during = new AbortController()
  const failed = t.rejects(all(pages({ signal: during.signal })), { name: 'AbortError' })
  await server.received(1)
  during.abort()
  await failed
  for (const prefetch of [0, 2]) {
    const between = new AbortController()
    const seen: number[] = []
    const loop = async () => {
      for await (const { number } of pages({ signal: between.signal, prefetch })) {
        seen.push(number)
        between.abort()
      }
    }
    await t.rejects(loop(), { name: 'AbortError' })
    t.same(seen, [1])
  }
})

t.test('maxRecords cuts the last page', async (t) => {
  const { server, pages } = await opened(t)
  const list = await all(pages({ maxRecords: 15 }))
  t.same(idsOf(list), server.ids().slice(0, 15))
  t.equal(server.requests.length, 2)
})

t.test('pages have the stats and events of a stream', async (t) => {
  const { server, pages } = await opened(t, { faults: [{ kind: 'drop', page: 3 }] })
  const source = pages()
  const calls: unknown[] = []
  const unwanted = () => calls.push('unwanted')
  source
    .on('page', ({ number, records }) => calls.push([number, records]))
    .once('restart', ({ restarts }) => calls.push({ restarts }))
    .on('message', unwanted)
    .on('page', unwanted)
    .off('page', unwanted)
  t.match(source.stats, { records: 0, total: undefined, complete: false, endedBy: undefined })
  t.equal(source.kind, undefined)
  let seen = 0
  for await (const { records } of source) {
    seen += records.length
    t.match(source.stats, { records: seen, total: 30, endedBy: undefined })
  }
  t.strictSame(calls, [[1, 10], [2, 10], { restarts: 1 }, [3, 10]])
  t.match(source.stats, { records: 30, pages: 5, restarts: 1, complete: true, endedBy: 'end' })
  t.equal(source.kind, 'process')
  await source.return()
  t.equal(source.stats.endedBy, 'end')
  t.equal(server.ids().length, 30)
})

t.test('stats show how pages ended', async (t) => {
  const { pages } = await opened(t, { faults: [{ kind: '500', page: 3, times: Infinity }] })
  const capped = pages({ maxRecords: 15 })
  await all(capped)
  t.match(capped.stats, { records: 15, complete: false, endedBy: 'maxRecords' })
  const failed = pages({ recovery: 'fail' })
  await t.rejects(all(failed), { code: 'ERR_HTTP' })
  t.match(failed.stats, { records: 20, complete: false, endedBy: 'error' })
  const left = pages()
  for await (const { number } of left) if (number === 1) break
  t.match(left.stats, { records: 10, complete: false, endedBy: 'destroyed' })
  const abort = new AbortController()
  const aborted = pages({ signal: abort.signal })
  await aborted.next()
  abort.abort()
  await t.rejects(aborted.next(), { name: 'AbortError' })
  t.match(aborted.stats, { complete: false, endedBy: 'destroyed' })
})

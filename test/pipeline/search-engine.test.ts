// Faults of the search engine behind Optimize: refused keep-alives, lost shards, torn pages, too many searches.
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { ExportReadable } from '../../lib/api/export-stream.js'
import { exportStream, type ExportError, type ExportOptions, type RestartEvent } from '../../lib/index.js'
import { resolveExportOptions } from '../../lib/api/export-options.js'
import { startFakeOptimize, type FakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { startFakeClock } from '../support/machine/fake-clock.js'
import { createInstancesWithIds, startScripted } from '../support/servers/scripted-server.js'
import { startWatched } from '../support/servers/watched-server.js'

async function run(
  t: Test,
  given: FakeOptimizeOptions,
  options: Partial<ExportOptions> = {},
  during?: (server: FakeOptimize, ids: string[]) => unknown,
) {
  const server = await startFakeOptimize({ records: 30, variables: 1, flowNodes: 0, ...given })
  t.teardown(() => server.close())
  const source = exportStream({
    baseUrl: server.url,
    reportId: server.reportId,
    accessToken: server.token,
    limit: 10,
    retry: { attempts: 3, minDelay: 1, maxDelay: 5 },
    ...options,
  })
  const ids: string[] = []
  let error: ExportError | undefined
  try {
    for await (const record of source) {
      ids.push(record['processInstanceId'] as string)
      await during?.(server, ids)
    }
  } catch (thrown) {
    error = thrown as ExportError
  }
  const asked = server.requests.map(({ query }) => query)
  return { server, ids, error, stats: source.stats, asked }
}

/** The length of a second of the keep-alive in milliseconds, in the library and in the server. */
const secondMs = 1

/** A sink that is slower than the keep-alive of 60 s, so that the export extends it. */
async function slowly(t: Test, given: FakeOptimizeOptions, options: Partial<ExportOptions> = {}) {
  const clock = startFakeClock(t)
  const settings = { records: 40, variables: 1, flowNodes: 0, secondMs, now: clock.now, gzip: false }
  const server = await startWatched(t, { ...settings, ...given })
  const { url: baseUrl, reportId, token } = server
  let sent = 0
  const accessToken = () => {
    sent++
    return token
  }
  // the clock stands still while a request or its answer is on its way
  const arrived = async () => {
    await drainEventLoopTurns(20)
    await server.answered(sent)
    await drainEventLoopTurns(20)
  }
  const resolved = resolveExportOptions('exportStream', {
    ...{ baseUrl, reportId, accessToken, limit: 10, paginationTimeout: 60, highWaterMark: 1 },
    retry: { minDelay: 1, maxDelay: 2 },
    ...options,
  })
  const source = new ExportReadable(resolved, secondMs)
  const restarts: string[] = []
  source.on('restart', ({ reason }: RestartEvent) => restarts.push(reason))
  const ids: unknown[] = []
  const sink = new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (record: Record<string, unknown>, _, done) => {
      ids.push(record['processInstanceId'])
      void clock.pass(ids.length < 10 ? 8 : 0, arrived).then(() => done())
    },
  })
  const error = await pipeline(source, sink).then(
    () => undefined,
    (thrown: unknown) => thrown as ExportError,
  )
  const keepAlives = server.requests.map(({ query }) => Number(query['paginationTimeout']))
  return { server, ids, error, keepAlives, restarts, stats: source.stats }
}

t.test('an extended keep-alive that the server refuses costs a restart, and is not requested again', async (t) => {
  const { server, ids, error, keepAlives, restarts, stats } = await slowly(t, {
    maxKeepAlive: 60,
    reaperSeconds: 10_000,
  })
  t.equal(error, undefined)
  t.strictSame(ids, server.ids())
  t.match(stats, { complete: true, restarts: 1 })
  t.match(restarts.join('\n'), /for a paginationTimeout of \d+ s; the server accepted 60 s before/)
  t.equal(keepAlives.filter((seconds) => seconds > 60).length, 1, keepAlives.join())
})

t.test('a refusal with 400 and no text costs a restart too; with recovery fail it is the error', async (t) => {
  for (const recovery of ['restart', 'fail'] as const) {
    const clock = startFakeClock(t)
    const all = Array.from({ length: 20 }, (_, n) => `i${n}`)
    const keepAlives: number[] = []
    const server = await startScripted(t, (_, page, query) => {
      const seconds = Number(query['paginationTimeout'])
      keepAlives.push(seconds)
      return seconds > 60
        ? { status: 400, detail: '' }
        : { total: 20, data: createInstancesWithIds(...all.slice((page - 1) * 10, page * 10)) }
    })
    const source = new ExportReadable(
      resolveExportOptions('exportStream', { ...server.options, recovery, paginationTimeout: 60, highWaterMark: 1 }),
      secondMs,
    )
    const ids: unknown[] = []
    const reading = (async () => {
      for await (const record of source) {
        ids.push((record as Record<string, unknown>)['processInstanceId'])
        if (ids.length === 5) await clock.pass(200, drainEventLoopTurns)
      }
    })()
    if (recovery === 'restart') await reading
    else await t.rejects(reading, { code: 'ERR_HTTP', status: 400, page: 2, message: /paginationTimeout of \d+ s/ })
    t.strictSame(ids, recovery === 'restart' ? all : all.slice(0, 10))
    t.equal(keepAlives.filter((seconds) => seconds > 60).length, 1, keepAlives.join())
  }
})

t.test('a paginationTimeout that is refused on the first page is an error that names the option', async (t) => {
  for (const era of ['8.6', '8.8'] as const) {
    const { error, asked } = await run(t, { era, maxKeepAlive: 300 }, { paginationTimeout: 600 })
    t.match(error, { code: 'ERR_HTTP', page: 1, detail: /Keep alive for request/ })
    t.match(error!.message, /a paginationTimeout of 600 s is too long for the server, use a shorter one/)
    t.equal(asked.length, 3)
  }
})

t.test(
  'shards that are lost in the middle and come back cost a restart; if they stay away it is an error',
  async (t) => {
    const back = await run(t, { faults: [{ kind: 'shardsLost', page: 2 }] })
    t.strictSame(back.ids.toSorted(), back.server.ids().toSorted())
    t.match(back.stats, { complete: true, restarts: 1 })
    const away = await run(t, {
      faults: [
        { kind: 'shardsLost', page: 2 },
        { kind: 'shardsLost', page: 1, times: Infinity },
      ],
      records: 30,
    })
    // the first matching fault applies, so the first search is partial from its start, which an export cannot detect
    t.match(away.stats, { complete: true, total: 15, records: 15 })
    const later = await run(
      t,
      {
        faults: [
          { kind: 'shardsLost', request: 2 },
          { kind: 'shardsLost', page: 1, request: 3 },
          { kind: 'shardsLost', page: 1, request: 4 },
        ],
      },
      { maxRestarts: 2 },
    )
    t.match(later.error, { code: 'ERR_INCOMPLETE', message: /a total of at least 30, as in an earlier search, got 15/ })
    t.match(later.stats, { complete: false, total: 30, records: 10 })
  },
)

t.test('a torn page is detected', async (t) => {
  const { server, ids, stats } = await run(t, { faults: [{ kind: 'tornPage', page: 2 }] })
  t.strictSame(ids.toSorted(), server.ids().toSorted())
  t.match(stats, { complete: true, restarts: 1 })
})

t.test('the export waits if there are too many searches', async (t) => {
  for (const status of [429, 500] as const) {
    const server = await startFakeOptimize({ records: 5, maxContexts: 1, tooManyContextsStatus: status })
    t.teardown(() => server.close())
    const { url: baseUrl, reportId, token: accessToken } = server
    const options = { baseUrl, reportId, accessToken, retry: { attempts: 3, minDelay: 1, maxDelay: 5 } }
    await exportStream(options).toArray()
    const second = exportStream(options)
    second.on('retry', () => server.expireContexts())
    t.equal((await second.toArray()).length, 5)
    t.equal(second.stats.retries, 1)
  }
})

t.test('verifyTotal finds a search that was partial from its start', async (t) => {
  const fault = { kind: 'shardsLost' as const, page: 1 }
  const unseen = await run(t, { faults: [fault] })
  t.match(unseen.stats, { complete: true, records: 15, total: 15 })
  const { server, ids, stats, asked } = await run(t, { faults: [fault] }, { verifyTotal: true })
  t.strictSame(ids.toSorted(), server.ids().toSorted())
  t.match(stats, { complete: true, records: 30, total: 30, restarts: 1 })
  const checks = asked.filter(({ limit }) => limit === '1')
  t.strictSame(
    checks.map(({ paginationTimeout, searchRequestId }) => [paginationTimeout, searchRequestId]),
    [
      ['60', undefined],
      ['60', undefined],
    ],
  )
  const failed = await run(t, { faults: [fault] }, { verifyTotal: true, recovery: 'fail' })
  t.match(failed.error, { code: 'ERR_INCOMPLETE', message: /expected 15 records in all, got a total of 30/ })
})

t.test('verifyTotal accepts neither a smaller total nor a report that grows for ever', async (t) => {
  const smaller = await run(t, { faults: [{ kind: 'shardsLost', request: 4 }] }, { verifyTotal: true, maxRestarts: 0 })
  t.match(smaller.error, { code: 'ERR_INCOMPLETE', message: /expected 30 records in all, got a total of 15/ })
  const growing = await run(t, {}, { verifyTotal: true, maxRestarts: 2 }, (server) => server.insert(1))
  t.match(growing.error, { code: 'ERR_INCOMPLETE', message: /gave up after 2 restarts: expected \d+ records in all/ })
  t.equal(new Set(growing.ids).size, growing.ids.length)
})

t.test('a pause of ours is not called one of the server, even if it is longer than a Retry-After may be', async (t) => {
  const retry = { attempts: 1, minDelay: 1, maxDelay: 600_000 }
  const options = { verifyTotal: true, maxRestarts: 0, retry }
  const { error } = await run(t, { faults: [{ kind: 'shardsLost', request: 4 }] }, options)
  t.match(error, { code: 'ERR_INCOMPLETE', message: /got a total of 15 from a search at the end$/ })
})

t.test('verifyTotal sends no request for a report with one answer', async (t) => {
  const { stats, asked } = await run(t, { report: 'map' }, { verifyTotal: true })
  t.equal(stats.complete, true)
  t.equal(asked.length, 1)
})

// A second of the keep-alive lasts 2 ms here, in the library and in the server, so that a sink of some hundred ms is slow. The test
// moves the clock of both.
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { ExportReadable } from '../../lib/api/export-stream.js'
import { resolveExportOptions, type ExportOptions } from '../../lib/api/export-options.js'
import type { ExportRecord } from '../../lib/shared/types.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { startFakeClock } from '../support/machine/fake-clock.js'
import { startWatched } from '../support/servers/watched-server.js'

async function slowly(t: Test, recordMs: number, options: Partial<ExportOptions>, records = 40) {
  const secondMs = 2
  const clock = startFakeClock(t)
  const server = await startWatched(t, { records, variables: 1, flowNodes: 0, secondMs, now: clock.now, gzip: false })
  let sent = 0
  const accessToken = () => {
    sent++
    return server.token
  }
  const given = { baseUrl: server.url, reportId: server.reportId, accessToken, limit: 10, ...options }
  const retry = { minDelay: 1, maxDelay: 5 }
  const source = new ExportReadable(
    resolveExportOptions('exportStream', { paginationTimeout: 60, retry, ...given }),
    secondMs,
  )
  // the clock stands still while a request or its answer is on its way
  const arrived = async () => {
    await drainEventLoopTurns(20)
    await server.answered(sent)
    await drainEventLoopTurns(20)
  }
  const warnings: unknown[] = []
  const ids: unknown[] = []
  let fetchedWhileBusy = 0
  source.on('warning', (warning) => {
    warnings.push(warning)
    fetchedWhileBusy = Math.max(fetchedWhileBusy, source.stats.pages * 10 - ids.length)
  })
  const sink = new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (record: ExportRecord, _, done) => {
      ids.push(record['processInstanceId'])
      void clock.pass(recordMs, arrived).then(() => done())
    },
  })
  await pipeline(source, sink)
  await server.close()
  const keepAlives = server.requests.map(({ query }) => Number(query['paginationTimeout']))
  return {
    ids,
    expected: server.ids(),
    requests: server.requests,
    keepAlives,
    warnings,
    stats: source.stats,
    fetchedWhileBusy,
  }
}

t.test(
  'a sink ten times slower than the keep-alive gets every record, with a limited number of requests',
  async (t) => {
    // a page takes 10 x 120 ms = 1200 ms, the keep-alive is 120 ms
    const { ids, expected, requests, keepAlives, warnings, stats } = await slowly(t, 120, { highWaterMark: 1 }, 30)
    t.same(ids, expected)
    t.equal(stats.complete, true)
    t.ok(requests.length <= 8, `${requests.length} requests`)
    t.ok(warnings.length >= 1)
    t.match(warnings[0], {
      code: 'WARN_KEEP_ALIVE_EXTENDED',
      message: /nearly over before the sink asked .* with a keep-alive of 600 s, longer than before$/,
    })
    t.equal(keepAlives[0], 60)
    t.ok(
      keepAlives.every((seconds, n) => n === 0 || seconds >= keepAlives[n - 1]!),
      keepAlives.join(),
    )
    t.ok(keepAlives.at(-1)! > 60, keepAlives.join())
  },
)

t.test(
  'the requested keep-alive never exceeds maxPaginationTimeout, and an export to a slower sink recovers',
  async (t) => {
    const { ids, expected, keepAlives, warnings, stats } = await slowly(
      t,
      40,
      { maxPaginationTimeout: 70, highWaterMark: 1, maxRestarts: 20 },
      30,
    )
    t.same(ids, expected)
    t.ok(Math.max(...keepAlives) <= 70, keepAlives.join())
    const [first, ...others] = warnings as { message: string }[]
    t.match(first!.message, /with a keep-alive of 70 s, longer than before$/)
    t.ok(others.length > 0)
    for (const { message } of others)
      t.match(message, / of 70 s, the longest allowed; if the search expires, use smaller pages \(limit\)$/)
    t.ok(stats.restarts > 0)
  },
)

t.test('exactly one page is fetched early', async (t) => {
  const { ids, expected, fetchedWhileBusy } = await slowly(t, 30, { highWaterMark: 1 })
  t.same(ids, expected)
  t.ok(fetchedWhileBusy > 0 && fetchedWhileBusy <= 20, String(fetchedWhileBusy))
})

t.test('also with prefetch a slow sink gets every record without a restart', async (t) => {
  const { ids, expected, stats } = await slowly(t, 30, { prefetch: 1, highWaterMark: 1 })
  t.same(ids, expected)
  t.equal(stats.restarts, 0)
})

t.test('a fast sink keeps its keep-alive, without a warning', async (t) => {
  const { ids, expected, keepAlives, warnings } = await slowly(t, 0, { paginationTimeout: 1000 })
  t.same(ids, expected)
  t.same(keepAlives, [1000, 1000, 1000, 1000])
  t.same(warnings, [])
})

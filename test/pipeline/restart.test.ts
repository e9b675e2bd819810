// Restarts and their limits: every record once, a limited number of requests, correct errors and events.
import t from 'tap'
import { exportStream, type ExportError, type ExportOptions, type ExportStats } from '../../lib/index.js'
import { startFakeOptimize, type FakeOptimizeOptions, type LoggedRequest } from '../../lib/testing/index.js'

interface Run {
  readonly ids: unknown[]
  readonly serverIds: string[]
  readonly requests: readonly LoggedRequest[]
  readonly error: ExportError | undefined
  readonly stats: ExportStats
  readonly events: [string, Record<string, unknown>][]
}

async function run(server: FakeOptimizeOptions, options: Partial<ExportOptions> = {}): Promise<Run> {
  const optimize = await startFakeOptimize({ variables: 1, flowNodes: 0, records: 30, ...server })
  const stream = exportStream({
    baseUrl: optimize.url,
    reportId: optimize.reportId,
    accessToken: optimize.token,
    limit: 10,
    retry: { attempts: 3, minDelay: 1, maxDelay: 5 },
    ...options,
  })
  const events: Run['events'] = []
  for (const name of ['page', 'retry', 'restart', 'warning', 'message'] as const)
    stream.on(name, (payload) => events.push([name, payload as unknown as Record<string, unknown>]))
  const ids: unknown[] = []
  let error: ExportError | undefined
  try {
    for await (const record of stream) ids.push(record['processInstanceId'] ?? record['key'])
  } catch (thrown) {
    error = thrown as ExportError
  }
  const serverIds = optimize.ids()
  await optimize.close()
  return { ids, serverIds, requests: optimize.requests, error, stats: stream.stats, events }
}

t.test('a restart skips emitted records, as its event, its pages and stats show', async (t) => {
  const { ids, serverIds, requests, error, stats, events } = await run({ faults: [{ kind: '502', page: 3 }] })
  t.equal(error, undefined)
  t.same(ids, serverIds)
  t.equal(requests.length, 6)
  t.match(stats, { records: 30, total: 30, pages: 5, duplicates: 20, restarts: 1, retries: 0, complete: true })
  t.same(
    events.map(([name, { number, records }]) => [name, number, records]),
    [
      ['page', 1, 10],
      ['page', 2, 10],
      ['restart', undefined, 20],
      ['page', 3, 10],
    ],
  )
  const [, restart] = events[2]!
  t.match(restart, { restarts: 1, page: 3, records: 20, code: 'ERR_HTTP', status: 502 })
  t.match(restart['reason'], /status 502/)
})

t.test('a retry event has the page, the attempt, the delay and the reason', async (t) => {
  const { ids, serverIds, stats, events } = await run({ faults: [{ kind: '503', times: 2 }] })
  t.same(ids, serverIds)
  t.equal(stats.retries, 2)
  const retries = events.filter(([name]) => name === 'retry').map(([, payload]) => payload)
  t.match(retries, [
    { page: 1, attempt: 1, code: 'ERR_HTTP', status: 503, reason: /status 503/ },
    { page: 1, attempt: 2, code: 'ERR_HTTP', status: 503, reason: /status 503/ },
  ])
  t.ok(retries.every(({ delay }) => typeof delay === 'number' && delay >= 0 && delay <= 5))
})

for (const maxRestarts of [0, 1, 3])
  t.test(
    `maxRestarts ${maxRestarts} makes so many new searches, then ERR_INCOMPLETE with the last failure`,
    async (t) => {
      const { ids, serverIds, error, stats, requests, events } = await run(
        { faults: [{ kind: '504', page: 2, times: Infinity }] },
        { maxRestarts },
      )
      t.same(ids, serverIds.slice(0, 10))
      t.match(error, { name: 'ExportError', code: 'ERR_INCOMPLETE', page: 2, records: 10, status: 504 })
      t.match(error!.cause, { code: 'ERR_HTTP', message: /504/ })
      t.equal(error!.reportId, 'e6c5aaa1-6a18-44e7-8480-d562d511ba62')
      t.equal(requests.length, 2 * (maxRestarts + 1))
      t.match(stats, { restarts: maxRestarts, complete: false, endedBy: 'error', records: 10 })
      t.equal(events.filter(([name]) => name === 'restart').length, maxRestarts)
    },
  )

t.test('a search context that is lost again and again is ERR_CURSOR_EXPIRED with the last failure', async (t) => {
  const { error } = await run({ faults: [{ kind: 'expire', page: 2, times: Infinity }] }, { maxRestarts: 1 })
  t.match(error, { code: 'ERR_CURSOR_EXPIRED', page: 2, records: 10, status: 400, detail: /No search context found/ })
  t.match(error!.message, /gave up after 1 restart:/)
  t.match(error!.cause, { code: 'ERR_CURSOR_EXPIRED' })
})

t.test('with recovery fail the error has all its fields', async (t) => {
  const { error, stats, requests } = await run(
    { era: '8.8', faults: [{ kind: 'expire', page: 2 }] },
    { recovery: 'fail' },
  )
  t.match(error, { code: 'ERR_CURSOR_EXPIRED', page: 2, records: 10, status: 500, detail: /No search context found/ })
  t.equal(requests.length, 2)
  t.match(stats, { restarts: 0, complete: false, endedBy: 'error' })
})

t.test('records without an id are an error if a restart would emit them twice', async (t) => {
  const data = Array.from({ length: 30 }, (_, key) => ({ key, variables: {} }))
  for (const [kind, code] of [
    ['502', 'ERR_INCOMPLETE'],
    ['expire', 'ERR_CURSOR_EXPIRED'],
  ] as const) {
    const { ids, error, stats } = await run({ data, faults: [{ kind, page: 2 }] })
    t.same(
      ids,
      data.slice(0, 10).map(({ key }) => key),
    )
    t.match(error, { code, message: /records without an id/ })
    t.ok(error!.cause)
    t.equal(stats.restarts, 0)
  }
})

t.test('records without an id are exported once if nothing fails', async (t) => {
  const data = Array.from({ length: 30 }, (_, key) => ({ key, variables: {} }))
  const { ids, error, stats } = await run({ data })
  t.equal(error, undefined)
  t.same(
    ids,
    data.map(({ key }) => key),
  )
  t.equal(stats.complete, true)
})

t.test('a page without a cursor that has too few records is not the end', async (t) => {
  const body = JSON.stringify({
    numberOfRecordsInResponse: 1,
    totalNumberOfRecords: 30,
    reportId: 'x',
    data: [{ processInstanceId: 'a' }],
  })
  const { ids, error, requests } = await run({ faults: [{ kind: 'body', body, times: Infinity }] }, { maxRestarts: 2 })
  t.same(ids, ['a'])
  t.match(error, { code: 'ERR_INCOMPLETE', message: /expected 30 records in all, got 1/, records: 1 })
  t.equal(requests.length, 3)
})

t.test('more records than promised is an error, even when each is new', async (t) => {
  const body = JSON.stringify({
    searchRequestId: 'abc',
    numberOfRecordsInResponse: 2,
    totalNumberOfRecords: 1,
    reportId: 'x',
    data: [{ processInstanceId: 'a' }, { processInstanceId: 'b' }],
  })
  const { error } = await run({ faults: [{ kind: 'body', body, times: Infinity }] }, { recovery: 'fail' })
  t.match(error, { code: 'ERR_INCOMPLETE', message: /expected 1 records in all, got 2/ })
})

t.test('a server that repeats a page for ever ends the export after a limited number of requests', async (t) => {
  const { ids, serverIds, error, requests, stats } = await run({
    faults: [{ kind: 'repeatPage', page: 2, times: Infinity }],
  })
  t.same(ids, serverIds.slice(0, 10))
  t.match(error, { code: 'ERR_INCOMPLETE', message: /3 pages in a row brought no new record/ })
  t.ok(requests.length <= 16, String(requests.length))
  t.equal(stats.complete, false)
})

for (const kind of ['emptyPage', 'missingRows', 'totalShrinks', '500'] as const)
  t.test(
    `a server that answers ${kind} for ever ends the export with an error after a limited number of requests`,
    async (t) => {
      for (const page of [1, 2, 3]) {
        const { error, requests, stats, ids } = await run({ faults: [{ kind, page, times: Infinity }] })
        t.match(error?.code, kind === '500' && page === 1 ? 'ERR_HTTP' : 'ERR_INCOMPLETE')
        t.ok(requests.length <= 16, String(requests.length))
        t.equal(new Set(ids).size, ids.length)
        t.match(stats, { complete: false, endedBy: 'error' })
        t.equal(stats.records, ids.length)
      }
    },
  )

t.test('an export recovers from a total that shrinks once and rows that are missing once', async (t) => {
  for (const kind of ['missingRows', 'totalShrinks', 'emptyPage'] as const) {
    const { ids, serverIds, stats } = await run({ faults: [{ kind, page: 2, rows: 4 }] })
    t.same(ids.toSorted(), serverIds.toSorted(), kind)
    t.match(stats, { complete: true, restarts: 1 })
  }
})

t.test('maxRecords ends with maxRecords, incomplete, unless there are no more', async (t) => {
  for (const [maxRecords, records, complete, endedBy, asked] of [
    [15, 15, false, 'maxRecords', 2],
    [10, 10, false, 'maxRecords', 1],
    [30, 30, true, 'end', 3],
    [31, 30, true, 'end', 3],
  ] as const) {
    const { ids, serverIds, requests, stats } = await run({}, { maxRecords })
    t.same(ids, serverIds.slice(0, records))
    t.match(stats, { complete, endedBy, records, total: 30 })
    t.equal(requests.length, asked)
  }
})

t.test('a report that changes its kind is ERR_RESPONSE', async (t) => {
  const body = JSON.stringify({ totalNumberOfRecords: 1, data: [{ key: 'a', value: 1, label: 'A' }] })
  const changed = JSON.stringify({ totalNumberOfRecords: 30, data: [{ key: 'a', value: 1, label: 'A' }] })
  const { error } = await run({
    faults: [
      { kind: '502', page: 2 },
      { kind: 'body', body, request: 3 },
    ],
  })
  t.match(error, { code: 'ERR_RESPONSE', message: /changed its kind from process to map/, records: 10 })
  // in the middle of a search it shows by its numbers first
  const middle = await run({ faults: [{ kind: 'body', body: changed, page: 2 }] }, { recovery: 'fail' })
  t.match(middle.error, { code: /ERR_INCOMPLETE|ERR_RESPONSE/ })
})

t.test('an error of a listener ends the export with that error', async (t) => {
  const optimize = await startFakeOptimize({ records: 3 })
  t.teardown(() => optimize.close())
  const stream = exportStream({ baseUrl: optimize.url, reportId: optimize.reportId, accessToken: optimize.token })
  stream.on('page', () => {
    throw new Error('mine')
  })
  await t.rejects(stream.toArray(), { message: 'mine' })
  t.match(stream.stats, { complete: false, endedBy: 'error' })
})

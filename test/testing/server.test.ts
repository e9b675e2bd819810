import t from 'tap'
import { startFakeOptimize, type LoggedRequest } from '../../lib/testing/index.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { ask, askPage, idsIn, page, pagesOf, parsed, start } from './support/client.js'

const headers = { authorization: 'Bearer demo' }

t.test('the log has every request and its outcome', async (t) => {
  const optimize = await start(t, { records: 3, faults: [{ kind: '503', request: 2 }] })
  const before = Date.now()
  const { searchRequestId } = await page(optimize, { limit: 2 }, { 'x-mine': 'yes' })
  await askPage(optimize, { searchRequestId })
  await ask(`${optimize.url}/api/public/report?collectionId=c&collectionId=d`, { headers })
  await ask(`${optimize.url}/api/readyz`)
  const path = `/api/public/export/report/${optimize.reportId}/result/json`
  const [first, second, list, ready] = optimize.requests
  t.match(first, {
    number: 1,
    method: 'GET',
    path,
    query: { limit: '2' },
    headers: { authorization: 'Bearer demo', 'x-mine': 'yes' },
    kind: 'export',
    carriesCursor: false,
    searchNumber: 1,
    page: 1,
    status: 200,
    finished: true,
  })
  t.ok(first!.at >= before && first!.at <= Date.now())
  t.notOk('fault' in first!)
  t.match(second, { number: 2, query: { searchRequestId }, carriesCursor: true, status: 503, fault: '503' })
  t.notOk('page' in second!)
  t.match(list, { kind: 'list', query: { collectionId: 'd' }, status: 200 })
  t.match(ready, { kind: 'other', path: '/api/readyz', status: 200 })
  t.notOk(optimize.requests.some(({ path, query }) => `${path}${JSON.stringify(query)}`.includes('demo')))
})

t.test('the log numbers searches and their pages', async (t) => {
  const optimize = await start(t, { records: 4 })
  await pagesOf(optimize, { limit: 2 })
  await page(optimize, { limit: 2 })
  t.same(
    optimize.requests.map(({ searchNumber, page }) => [searchNumber, page]),
    [
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 1],
    ],
  )
})

t.test('a list needs the id of the collection, and the list of an unknown collection is empty', async (t) => {
  const optimize = await start(t, { collections: { c: ['r1', 'r2'] }, records: 2 })
  const list = (query: string) => ask(`${optimize.url}/api/public/report${query}`, { headers })
  t.same(JSON.parse((await list('?collectionId=c')).body.toString()), [{ id: 'r1' }, { id: 'r2' }])
  for (const unknown of ['x', 'toString']) {
    const answer = await list(`?collectionId=${unknown}`)
    t.equal(answer.status, 200)
    t.equal(answer.body.toString(), '[]')
  }
  const without = await list('')
  t.equal(without.status, 400)
  t.match(without.body.toString(), /Must specify a collection ID for this request\./)
  t.equal((await ask(`${optimize.url}/api/public/report?collectionId=c`)).status, 401)
})

t.test('the reports of a collection can be exported', async (t) => {
  const optimize = await start(t, { collections: { c: ['r1'] }, records: 2 })
  const answer = await ask(`${optimize.url}/api/public/export/report/r1/result/json`, { headers })
  t.match(parsed(answer), { reportId: 'r1', totalNumberOfRecords: 2 })
})

t.test('definitions show whether a report is raw data', async (t) => {
  for (const [report, expected] of [
    ['process', { exportEntityType: 'single_process_report', data: { view: { properties: ['rawData'] } } }],
    ['decision', { exportEntityType: 'single_decision_report', data: { view: { properties: ['rawData'] } } }],
    ['number', { combined: false, data: { view: { properties: ['frequency'] } } }],
    ['combined', { combined: true }],
    ['incomplete', { data: { view: null } }],
  ] as const) {
    const { url, reportId } = await start(t, { report })
    const body = JSON.stringify([reportId])
    const answer = await ask(`${url}/api/public/export/report/definition/json`, { method: 'POST', headers, body })
    t.equal(answer.status, 200)
    t.match((JSON.parse(answer.body.toString()) as unknown[])[0], { id: reportId, ...expected })
  }
})

t.test('definitions of unknown reports are 404, and a body that is not a list of ids is 400', async (t) => {
  const { url } = await start(t)
  const post = (body: string) =>
    ask(`${url}/api/public/export/report/definition/json`, { method: 'POST', headers, body })
  t.equal((await post('["x"]')).status, 404)
  for (const body of ['{', '{}', '[1]']) t.equal((await post(body)).status, 400)
})

t.test('readyz needs no token and says whether the server is ready', async (t) => {
  const optimize = await start(t)
  const status = async () => (await ask(`${optimize.url}/api/readyz`)).status
  t.equal(optimize.ready, true)
  t.equal(await status(), 200)
  optimize.ready = false
  t.equal(await status(), 503)
})

t.test('close() ends open connections and may be called again', async (t) => {
  const optimize = await start(t, { isHeld: () => true })
  const waiting = askPage(optimize)
  await optimize.received(1)
  await Promise.all([optimize.close(), optimize.close()])
  t.equal((await waiting).failure, 'ECONNRESET')
  t.equal((await askPage(optimize)).failure, 'ECONNREFUSED')
  await optimize.close()
})

t.test('onRequest is called with the log entry of each request, and a promise holds the answer', async (t) => {
  const calls: unknown[] = []
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  const onRequest = (request: LoggedRequest) => {
    calls.push([request, request.status])
    return request.number === 1 ? 'no promise' : released
  }
  const optimize = await startFakeOptimize({ records: 4, onRequest, faults: [{ kind: '503', request: 2 }] })
  t.teardown(() => optimize.close())
  const first = await page(optimize, { limit: 2 })
  const { searchRequestId } = first
  const held = [
    askPage(optimize, { searchRequestId }),
    askPage(optimize, { searchRequestId }),
    ask(`${optimize.url}/api/readyz`),
  ]
  while (calls.length < 4) await drainEventLoopTurns(1)
  await drainEventLoopTurns()
  t.strictSame(
    calls,
    optimize.requests.map((request) => [request, 0]),
  )
  t.strictSame(
    optimize.requests.map(({ status, finished }) => [status, finished]),
    [[200, true], ...Array<[number, boolean]>(3).fill([0, false])],
  )
  t.ok(
    optimize.requests.some((request) => request.page === 2),
    'an export is processed at once',
  )
  release()
  const statuses = (await Promise.all(held)).map(({ status }) => status)
  t.strictSame(statuses.toSorted(), [200, 200, 503])
})

t.test('if onRequest throws or rejects, the connection is closed, and the request is no longer active', async (t) => {
  const onRequest = ({ number }: LoggedRequest) => {
    if (number === 2) return Promise.reject(new Error('later'))
    if (number === 3) throw new Error('at once')
    return undefined
  }
  const optimize = await startFakeOptimize({ records: 9, shards: 2, onRequest })
  t.teardown(() => optimize.close())
  const { searchRequestId } = await page(optimize, { limit: 2 })
  t.equal((await askPage(optimize, { searchRequestId })).failure, 'ECONNRESET')
  t.equal((await askPage(optimize, { searchRequestId })).failure, 'ECONNRESET')
  t.strictSame(idsIn(await page(optimize, { searchRequestId })), optimize.ids().slice(4, 6), 'the page is not torn')
})

t.test('a port may be chosen, and one that is in use is an error', async (t) => {
  const first = await start(t)
  const port = Number(new URL(first.url).port)
  await t.rejects(startFakeOptimize({ port }), { code: 'EADDRINUSE' })
  await first.close()
  const second = await start(t, { port })
  t.equal(second.url, first.url)
})

t.test('an option that is unknown or out of range is an error', async (t) => {
  for (const [options, message] of [
    [{ record: 5 }, /record: unknown option, did you mean records/],
    [{ era: '9.9' }, /era: expected '3\.7', '8\.6', '8\.7' or '8\.8'/],
    [{ secondMs: 0 }, /secondMs: expected a number above 0/],
    [{ onRequest: 5 }, /onRequest: expected a function of the request/],
    [{ now: 5 }, /now: expected a function/],
    [{ contextPath: 'optimize/' }, /contextPath: expected '' or a path/],
    [{ serverTimezone: 'Nowhere/Land' }, /serverTimezone: expected a time zone/],
    [{ collections: { c: [1] } }, /collections: expected an object of arrays of report ids/],
    [{ collections: [] }, /collections/],
    [{ data: 'text' }, /data: expected an array or a function of the index/],
    [{ faults: {} }, /faults: expected an array/],
    [{ faults: [{ kind: 'none' }] }, /faults\.0\.kind: expected 'hangUp'/],
    [{ faults: [{ kind: 'drop', times: 0 }] }, /faults\.0\.times: expected an integer of at least 1 or Infinity/],
    [{ faults: [{ kind: 'body', body: 5 }] }, /faults\.0\.body: expected a string or a Buffer/],
    [{ randomFaults: { rate: 2 } }, /randomFaults\.rate: expected a number from 0 to 1/],
    [{ randomFaults: { rate: 1, kinds: [] } }, /randomFaults\.kinds: expected an array of fault kinds/],
  ] as const) {
    await t.rejects(startFakeOptimize(options as object), { code: 'ERR_OPTION', message })
  }
})

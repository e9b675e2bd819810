import { once } from 'node:events'
import nock from 'nock'
import t from 'tap'
import { listNamedReports, listReports, type ListOptions } from '../../lib/api/list-reports.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { catchRejection, catchError } from '../support/catch-error.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'

const baseUrl = 'https://optimize.example.com/ctx/'
const options: ListOptions = { baseUrl, accessToken: 'my-token', collectionId: 'c 1/ä' }

nock.disableNetConnect()
nock.enableNetConnect('127.0.0.1')
t.afterEach(() => nock.cleanAll())

const endpoint = () =>
  nock('https://optimize.example.com').get('/ctx/api/public/report').query({ collectionId: 'c 1/ä' })

async function idsOf(given: ListOptions): Promise<string[]> {
  const ids: string[] = []
  for await (const id of listReports(given)) ids.push(id)
  return ids
}

t.test('listReports yields the ids of a collection in the order of the server', async (t) => {
  const optimize = await startFakeOptimize({ collections: { mine: ['b', 'a', 'c'] } })
  t.teardown(() => optimize.close())
  t.strictSame(await idsOf({ baseUrl: optimize.url, accessToken: optimize.token, collectionId: 'mine' }), [
    'b',
    'a',
    'c',
  ])
})

t.test('the headers of the caller are sent with every request', async (t) => {
  const optimize = await startFakeOptimize({ collections: { mine: ['b'] } })
  t.teardown(() => optimize.close())
  const given = {
    baseUrl: optimize.url,
    accessToken: optimize.token,
    collectionId: 'mine',
    headers: { 'X-Tenant': 'a' },
  }
  await idsOf(given)
  await listNamedReports(given)
  t.strictSame(
    optimize.requests.map(({ headers }) => headers['x-tenant']),
    ['a', 'a', 'a'],
  )
  t.throws(() => listReports({ ...given, headers: { Authorization: 'x' } }), /headers: expected/)
})

t.test('an unknown collection has no ids', async (t) => {
  const optimize = await startFakeOptimize()
  t.teardown(() => optimize.close())
  t.strictSame(await idsOf({ baseUrl: optimize.url, accessToken: optimize.token, collectionId: 'other' }), [])
})

t.test('the request has the encoded id, the path of the base URL, and the token in its header', async (t) => {
  const scope = endpoint()
    .matchHeader('authorization', 'Bearer my-token')
    .reply(200, [{ id: 'r1', name: 'more' }])
  t.strictSame(await idsOf(options), ['r1'])
  t.ok(scope.isDone())
})

t.test('no request is sent before the first id is read', async (t) => {
  const scope = endpoint().reply(200, [])
  const ids = listReports(options)
  t.notOk(scope.isDone())
  t.strictSame(await ids.next(), { value: undefined, done: true })
  t.ok(scope.isDone())
})

t.test('the loop over a listing can be left at any id', async (t) => {
  endpoint().reply(200, [{ id: 'a' }, { id: 'b' }])
  for await (const id of listReports(options)) {
    t.equal(id, 'a')
    break
  }
})

t.test('a wrong token is ERR_AUTH, after one refresh', async (t) => {
  const optimize = await startFakeOptimize({ collections: { mine: ['a'] } })
  t.teardown(() => optimize.close())
  const refreshes: boolean[] = []
  const accessToken = ({ refresh }: { refresh: boolean }) => {
    refreshes.push(refresh)
    return 'a-wrong-token'
  }
  const error = await catchRejection(idsOf({ baseUrl: optimize.url, accessToken, collectionId: 'mine' }))
  t.match(error, {
    name: 'ExportError',
    code: 'ERR_AUTH',
    status: 401,
    message: /^collection mine: the token was refused/,
  })
  t.notOk(error.message.includes('a-wrong-token'))
  t.strictSame(refreshes, [false, true])
})

t.test('a 404 is ERR_HTTP, not ERR_REPORT_NOT_FOUND', async (t) => {
  endpoint().reply(404, '')
  t.match(await catchRejection(idsOf(options)), {
    code: 'ERR_HTTP',
    status: 404,
    message: 'collection c 1/ä: there is no list of reports at this baseUrl, got status 404',
  })
})

t.test('the error for a refusal has the detail of the server', async (t) => {
  endpoint().reply(400, {
    errorCode: 'badRequestError',
    detailedMessage: 'Must specify a collection ID for this request.',
  })
  t.match(await catchRejection(idsOf(options)), {
    code: 'ERR_HTTP',
    status: 400,
    detail: 'Must specify a collection ID for this request.',
  })
})

t.test('a failure that is safe to repeat is repeated', async (t) => {
  const random = Math.random
  Math.random = () => 0
  t.teardown(() => (Math.random = random))
  endpoint().reply(503, 'busy')
  endpoint().reply(200, '[{"id":')
  endpoint().reply(200, [{ id: 'a' }])
  t.strictSame(await idsOf(options), ['a'])
})

t.test('an answer that is not a list of reports is ERR_RESPONSE', async (t) => {
  const cases: [string, RegExp][] = [
    ['{"id":"a"}', /^collection c 1\/ä: expected a list of reports$/],
    ['null', /expected a list of reports/],
    ['[{"name":"a"}]', /expected a report with an id/],
    ['[{"id":7}]', /expected a report with an id/],
    ['["a"]', /expected a report with an id/],
  ]
  for (const [body, message] of cases) {
    endpoint().reply(200, body)
    t.match(await catchRejection(idsOf(options)), { name: 'ExportError', code: 'ERR_RESPONSE', message }, body)
  }
})

t.test('a body that is not JSON is ERR_RESPONSE, after five attempts', async (t) => {
  const random = Math.random
  Math.random = () => 0
  t.teardown(() => (Math.random = random))
  endpoint().times(5).reply(200, '<html>')
  const error = await catchRejection(idsOf(options))
  t.match(error, { code: 'ERR_RESPONSE', message: /not valid JSON \(\d+ bytes/ })
  t.ok(nock.isDone())
})

t.test('a token function that throws is ERR_AUTH with the cause', async (t) => {
  const accessToken = () => {
    throw new Error('no network here')
  }
  const error = await catchRejection(idsOf({ ...options, accessToken }))
  t.match(error, { code: 'ERR_AUTH' })
  t.match(error.cause, { message: 'no network here' })
})

t.test('an abort ends the listing with an AbortError', async (t) => {
  const requested = once(endpoint().delay(86_400_000).reply(200, []), 'request')
  const abort = new AbortController()
  const listing = catchRejection(idsOf({ ...options, signal: abort.signal }))
  await requested
  abort.abort()
  t.equal((await listing).name, 'AbortError')
  nock.abortPendingRequests()
})

t.test('with an aborted signal nothing is requested', async (t) => {
  const scope = endpoint().reply(200, [])
  t.equal((await catchRejection(idsOf({ ...options, signal: AbortSignal.abort() }))).name, 'AbortError')
  const signal = AbortSignal.abort(new Error('enough'))
  t.equal((await catchRejection(idsOf({ ...options, signal }))).message, 'enough', 'and the error is the reason')
  t.notOk(scope.isDone())
})

t.test('an abort between two attempts rejects with the reason too', async (t) => {
  const abort = new AbortController()
  const fetch = () => {
    void drainEventLoopTurns(20).then(() => abort.abort(new Error('enough')))
    return Promise.resolve(new Response('', { status: 503, headers: { 'retry-after': '60' } }))
  }
  t.equal((await catchRejection(idsOf({ ...options, fetch, signal: abort.signal }))).message, 'enough')
})

t.test('bad options are OptionErrors at the call', async (t) => {
  const cases: [object, RegExp][] = [
    [
      { ...options, collectionId: '' },
      /collectionId: expected the id of a collection, or its address in the browser, got ""/,
    ],
    [
      { ...options, collectionId: undefined },
      /collectionId: expected the id of a collection, or its address in the browser, got nothing/,
    ],
    [{ ...options, baseUrl: 'optimize' }, /baseUrl: expected an http or https URL without user, query or hash/],
    [{ ...options, accessToken: '' }, /accessToken: expected/],
    [{ ...options, collectionID: 'a' }, /collectionID: unknown option, did you mean collectionId/],
    [{ ...options, signal: {} }, /signal: expected an AbortSignal/],
    [{ ...options, agent: 7 }, /agent: expected/],
    [{ ...options, fetch: 7 }, /fetch: expected a function/],
  ]
  for (const [given, message] of cases) {
    const error = catchError(() => listReports(given as ListOptions))
    t.match(error, { name: 'OptionError', code: 'ERR_OPTION', message })
    t.match(error.message, /^listReports: /)
  }
})

// Requests that always fail: the number of attempts, the longest wait, and the message of the error.
import t, { type Test } from 'tap'
import { clientCredentials, exportStream, listReports } from '../../lib/index.js'
import type { ExportOptions } from '../../lib/api/export-options.js'
import { startFakeOptimize, type Fault } from '../../lib/testing/index.js'
import { catchRejection } from '../support/catch-error.js'

async function failing(t: Test, fault: Fault, options: Partial<ExportOptions> = {}) {
  const server = await startFakeOptimize({ records: 20, faults: [{ times: Infinity, ...fault }] })
  t.teardown(() => server.close())
  const { url: baseUrl, reportId, token: accessToken } = server
  const source = exportStream({ baseUrl, reportId, accessToken, limit: 10, ...options })
  const delays: number[] = []
  source.on('retry', ({ delay }) => delays.push(delay))
  const { message } = await catchRejection(source.toArray())
  return { message: message.replace(reportId, 'R'), delays, requests: server.requests.length }
}

t.test('the error for a refused first page has the attempts and the text of the server', async (t) => {
  const said = (text: string) => JSON.stringify({ errorCode: 'serverError', detailedMessage: text })
  const cases: readonly [string, number | undefined, string][] = [
    [said('all shards failed'), undefined, ', after 5 attempts: all shards failed'],
    [said('x'.repeat(250)), 2, `, after 2 attempts: ${'x'.repeat(200)}…`],
    [said('token demo'), 1, ': token …'],
    ['', 3, ', after 3 attempts'],
    ['<html>no</html>', 2, ', after 2 attempts'],
  ]
  for (const [body, attempts, ending] of cases) {
    const retry = { minDelay: 2, maxDelay: 8, ...(attempts === undefined ? {} : { attempts }) }
    const { message, delays, requests } = await failing(t, { kind: 'body', status: 500, body }, { retry })
    t.equal(message, `report R: page 1: the server failed, got status 500${ending}`)
    t.equal(requests, attempts ?? 5)
    t.equal(delays.length, requests - 1)
    t.ok(delays.every((delay, at) => delay <= Math.min(8, 2 * 2 ** at)))
  }
})

t.test('other failures of a first page have the attempts too', async (t) => {
  const retry = { attempts: 3, minDelay: 1, maxDelay: 1 }
  t.match((await failing(t, { kind: 'drop' }, { retry })).message, /: page 1: .*\(ECONNRESET\), after 3 attempts$/)
  const patient = await failing(t, { kind: '429', retryAfter: 3600 }, { retry })
  t.equal(patient.requests, 1)
  t.match(patient.message, /got status 429; the server asks to wait 3600 s, longer than the limit of 300 s(: .*)?$/)
})

t.test('the error for a later page has the text of the server, after the restarts', async (t) => {
  const body = JSON.stringify({ detailedMessage: 'all shards failed' })
  const options = { maxRestarts: 1, retry: { minDelay: 1, maxDelay: 1 } }
  const { message } = await failing(t, { kind: 'body', status: 500, body, page: 2 }, options)
  t.equal(message, 'report R: page 2: gave up after 1 restart: the server failed, got status 500: all shards failed')
})

t.test('the errors for lists of reports and tokens have the attempts too', async (t) => {
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  const fetch = async () => new Response('upstream is down\n', { status: 501, headers })
  const nowhere = { baseUrl: 'http://h', accessToken: 'demo', collectionId: 'c', fetch }
  t.equal(
    (await catchRejection(listReports(nowhere).next())).message,
    'collection c: the server does not support this request, got status 501: upstream is down',
  )
  const tokens = clientCredentials({ tokenUrl: 'http://h/token', clientId: 'a', clientSecret: 'secret', fetch })
  t.equal(
    (await catchRejection(tokens())).message,
    'token endpoint http://h: expected a token, got status 501: upstream is down',
  )
})

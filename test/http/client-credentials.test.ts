import { once } from 'node:events'
import { inspect } from 'node:util'
import nock from 'nock'
import t, { type Test } from 'tap'
import { exportStream } from '../../lib/api/export-stream.js'
import { clientCredentials, type ClientCredentialsOptions } from '../../lib/http/token/client-credentials.js'
import type { FetchLike } from '../../lib/http/transport.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { catchRejection, catchError } from '../support/catch-error.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'

const SECRET = 's3cr&t "key" ü'
const options: ClientCredentialsOptions = {
  tokenUrl: 'https://login.example.com/oauth/token?realm=a',
  clientId: 'my client',
  clientSecret: SECRET,
}

nock.disableNetConnect()
t.teardown(() => nock.enableNetConnect())
t.afterEach(() => nock.cleanAll())

const endpoint = () => nock('https://login.example.com').post('/oauth/token?realm=a')

/** A token endpoint that answers with token-1, token-2 and so on. */
function replyWithTokens(expiresIn: unknown = 300): { countRequests: () => number } {
  let requestCount = 0
  nock('https://login.example.com')
    .post('/oauth/token?realm=a')
    .times(100)
    .reply(200, () => ({ access_token: `token-${++requestCount}`, expires_in: expiresIn, token_type: 'Bearer' }))
  return { countRequests: () => requestCount }
}

/** Replaces Date.now until the test ends. */
function useFakeTime(t: Test, start = Date.now()): { advance: (ms: number) => void } {
  const now = Date.now
  let time = start
  Date.now = () => time
  t.teardown(() => (Date.now = now))
  return { advance: (ms) => (time += ms) }
}

/** Removes the waits between two attempts, except those that the server asks for. */
function withoutBackoff(t: Test): void {
  const random = Math.random
  Math.random = () => 0
  t.teardown(() => (Math.random = random))
}

t.test('by default a request is a form as in RFC 6749', async (t) => {
  let body = ''
  const scope = endpoint()
    .matchHeader('content-type', 'application/x-www-form-urlencoded')
    .matchHeader('accept', 'application/json')
    .reply(200, (_path, given) => {
      body = given as string
      return { access_token: 'abc', expires_in: 300 }
    })
  t.equal(await clientCredentials(options)(), 'abc')
  t.ok(scope.isDone())
  t.strictSame(Object.fromEntries(new URLSearchParams(body)), {
    grant_type: 'client_credentials',
    client_id: 'my client',
    client_secret: SECRET,
  })
})

t.test('a request can be JSON, with an audience and a scope', async (t) => {
  const scope = endpoint()
    .matchHeader('content-type', 'application/json')
    .reply(200, (_path, body) => {
      t.strictSame(body, {
        grant_type: 'client_credentials',
        client_id: 'my client',
        client_secret: SECRET,
        audience: 'optimize.camunda.io',
        scope: 'read',
      })
      return { access_token: 'abc', expires_in: 300 }
    })
  t.equal(
    await clientCredentials({ ...options, format: 'json', audience: 'optimize.camunda.io', scope: 'read' })(),
    'abc',
  )
  t.ok(scope.isDone())
})

t.test('a token is requested once, and again from 30 s before it expires', async (t) => {
  const clock = useFakeTime(t)
  const { countRequests } = replyWithTokens(300)
  const accessToken = clientCredentials(options)
  t.equal(await accessToken(), 'token-1')
  clock.advance(269_999)
  t.equal(await accessToken(), 'token-1')
  clock.advance(1)
  t.equal(await accessToken(), 'token-2')
  t.equal(await accessToken(), 'token-2')
  t.equal(countRequests(), 2)
})

t.test('the lifetime of a token includes the time of its request', async (t) => {
  const clock = useFakeTime(t)
  let requestCount = 0
  nock('https://login.example.com')
    .post('/oauth/token?realm=a')
    .times(2)
    .reply(200, () => {
      clock.advance(10_000)
      return { access_token: `token-${++requestCount}`, expires_in: '60' }
    })
  const accessToken = clientCredentials(options)
  t.equal(await accessToken(), 'token-1')
  clock.advance(19_999)
  t.equal(await accessToken(), 'token-1')
  clock.advance(1)
  t.equal(await accessToken(), 'token-2')
})

t.test('a token without a lifetime is used until it is refused', async (t) => {
  for (const expiresIn of [undefined, null, 'soon', {}]) {
    nock.cleanAll()
    const { countRequests } = replyWithTokens(expiresIn)
    const accessToken = clientCredentials(options)
    t.equal(await accessToken(), 'token-1')
    t.equal(await accessToken(), 'token-1')
    t.equal(await accessToken({ refresh: true }), 'token-2')
    t.equal(countRequests(), 2)
  }
})

t.test('refresh requests a new token, which is then cached', async (t) => {
  const { countRequests } = replyWithTokens()
  const accessToken = clientCredentials(options)
  t.equal(await accessToken({ refresh: false }), 'token-1')
  t.equal(await accessToken({ refresh: true }), 'token-2')
  t.equal(await accessToken({}), 'token-2')
  t.equal(countRequests(), 2)
})

t.test('a token that was replaced is not replaced again, if a late request with it is refused', async (t) => {
  const { countRequests } = replyWithTokens()
  const accessToken = clientCredentials(options)
  t.equal(await accessToken(), 'token-1')
  for (let late = 0; late < 3; late++) t.equal(await accessToken({ refresh: true, refusedToken: 'token-1' }), 'token-2')
  t.equal(await accessToken({ refresh: true, refusedToken: 'token-2' }), 'token-3')
  t.equal(countRequests(), 3)
})

t.test('several callers share one request', async (t) => {
  const { countRequests } = replyWithTokens()
  const accessToken = clientCredentials(options)
  const got = await Promise.all(Array.from({ length: 20 }, (_, at) => accessToken({ refresh: at % 2 === 0 })))
  t.strictSame(new Set(got), new Set(['token-1']))
  t.equal(countRequests(), 1)
})

t.test('two token functions share no token', async (t) => {
  replyWithTokens()
  t.equal(await clientCredentials(options)(), 'token-1')
  t.equal(await clientCredentials(options)(), 'token-2')
})

t.test('the Retry-After of a 429 is waited for', async (t) => {
  withoutBackoff(t)
  endpoint().reply(429, '', { 'retry-after': '1' })
  replyWithTokens()
  const began = performance.now()
  t.equal(await clientCredentials(options)(), 'token-1')
  t.ok(performance.now() - began >= 950)
})

t.test('a request that is safe to repeat has five attempts', async (t) => {
  withoutBackoff(t)
  endpoint().reply(503, 'busy')
  endpoint().replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
  endpoint().reply(429)
  endpoint().reply(500)
  replyWithTokens()
  t.equal(await clientCredentials(options)(), 'token-1')

  nock.cleanAll()
  endpoint().times(5).reply(503, 'busy')
  const { countRequests } = replyWithTokens()
  t.match(await catchRejection(clientCredentials(options)()), {
    name: 'ExportError',
    code: 'ERR_AUTH',
    status: 503,
    message: 'token endpoint https://login.example.com: expected a token, got status 503',
  })
  t.equal(countRequests(), 0)
})

t.test('a Retry-After that is longer than a request waits for its token is not waited for', async (t) => {
  endpoint().reply(429, '', { 'retry-after': '90' })
  t.match(await catchRejection(clientCredentials(options)()), {
    code: 'ERR_AUTH',
    status: 429,
    message: /got status 429; the server asks to wait 90 s, longer than the limit of 85 s$/,
  })
})

t.test('attempts that take long are not repeated, so that the error names the endpoint', async (t) => {
  withoutBackoff(t)
  const now = performance.now.bind(performance)
  let time = 0
  performance.now = () => time
  t.teardown(() => (performance.now = now))
  endpoint()
    .times(5)
    .reply(() => {
      time += 30_000
      return [503, 'busy']
    })
  const error = await catchRejection(clientCredentials(options)())
  t.match(error, {
    code: 'ERR_AUTH',
    message: 'token endpoint https://login.example.com: expected a token, got status 503, after 3 attempts',
  })
})

t.test('a token whose lifetime is an empty text is used until the server refuses it', async (t) => {
  const { countRequests } = replyWithTokens('')
  const getToken = clientCredentials(options)
  t.equal(await getToken(), 'token-1')
  t.equal(await getToken(), 'token-1')
  t.equal(countRequests(), 1)
})

t.test('a refusal is ERR_AUTH at once, with the text of the endpoint', async (t) => {
  const cases: [number, unknown, string][] = [
    [401, { error: 'invalid_client' }, 'expected a token, got status 401: invalid_client'],
    [
      400,
      { error: 'invalid_request', error_description: 'no audience' },
      'expected a token, got status 400: invalid_request: no audience',
    ],
    [403, '<html>no</html>', 'expected a token, got status 403'],
    [404, '', 'expected a token, got status 404'],
  ]
  for (const [status, body, message] of cases) {
    endpoint().reply(status, body as string)
    const error = await catchRejection(clientCredentials(options)())
    t.match(error, {
      name: 'ExportError',
      code: 'ERR_AUTH',
      status,
      message: `token endpoint https://login.example.com: ${message}`,
    })
  }
})

t.test('after a refusal the next call sends a request again', async (t) => {
  endpoint().reply(401, { error: 'invalid_client' })
  replyWithTokens()
  const accessToken = clientCredentials(options)
  t.match(await catchRejection(accessToken()), { code: 'ERR_AUTH' })
  t.equal(await accessToken(), 'token-1')
})

t.test('an answer without a usable token is ERR_AUTH', async (t) => {
  const cases: [string, RegExp][] = [
    ['<html>login</html>', /: the body is not valid JSON \(18 bytes\)$/],
    ['', /: the body is not valid JSON \(0 bytes/],
    ['[]', /: the answer has no valid access_token$/],
    ['null', /: the answer has no valid access_token/],
    ['{"access_token":""}', /: the answer has no valid access_token/],
    ['{"access_token":7,"expires_in":300}', /: the answer has no valid access_token/],
    ['{"token":"abc"}', /: the answer has no valid access_token/],
  ]
  for (const [body, message] of cases) {
    endpoint().reply(200, body)
    t.match(
      await catchRejection(clientCredentials(options)()),
      { name: 'ExportError', code: 'ERR_AUTH', message },
      body,
    )
  }
})

t.test('a redirect to another origin is ERR_AUTH, and the secret does not follow it', async (t) => {
  endpoint().reply(307, '', { location: 'https://evil.example.com/token' })
  const evil = nock('https://evil.example.com').post('/token').reply(200, { access_token: 'x' })
  t.match(await catchRejection(clientCredentials(options)()), {
    code: 'ERR_AUTH',
    message: /refused a redirect to another origin, https:\/\/evil\.example\.com$/,
  })
  t.notOk(evil.isDone())
})

t.test('no error contains the secret, in whatever form the endpoint repeats it', async (t) => {
  withoutBackoff(t)
  const forms = [SECRET, encodeURIComponent(SECRET), new URLSearchParams({ s: SECRET }).toString().slice(2)]
  for (const form of forms) {
    endpoint().reply(401, { error: 'invalid_client', error_description: `bad secret ${form} in request` })
    endpoint()
      .times(5)
      .replyWithError(new Error(`could not send ${form}`))
    for (const status of [401, undefined]) {
      const error = await catchRejection(clientCredentials(options)())
      t.match(error, { code: 'ERR_AUTH', ...(status ? { status } : {}) })
      const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error) + String(error.stack)
      for (const secret of forms) t.notOk(shown.includes(secret), `${secret} is not in ${shown}`)
      t.notOk(shown.includes('s3cr'))
      t.notOk(shown.includes('realm=a'), 'nor is the query of the URL')
    }
  }
})

t.test('the message for a bad option does not show the secret', async (t) => {
  const error = catchError(() => clientCredentials({ ...options, clientSecret: [SECRET] as never }))
  t.match(error, {
    code: 'ERR_OPTION',
    message: /^clientCredentials: clientSecret: expected a non-empty string, got an array$/,
  })
})

t.test('a caller that aborts stops waiting at once, and the other one gets its token', async (t) => {
  endpoint().delay(100).reply(200, { access_token: 'abc', expires_in: 300 })
  const accessToken = clientCredentials(options)
  const abort = new AbortController()
  const events: string[] = []
  const first = accessToken({ refresh: false, signal: abort.signal }).catch((error: unknown) => {
    events.push((error as Error).name)
  })
  const second = accessToken().then((token) => events.push(token))
  setImmediate(() => abort.abort())
  await Promise.all([first, second])
  t.strictSame(events, ['AbortError', 'abc'])
})

t.test('the request is aborted when the last caller has aborted', async (t) => {
  let signal: AbortSignal | undefined
  const fetch: FetchLike = (_url, init) => {
    signal = init.signal
    return new Promise((_, reject) => init.signal.addEventListener('abort', () => reject(new Error('aborted'))))
  }
  const accessToken = clientCredentials({ ...options, fetch })
  const [a, b] = [new AbortController(), new AbortController()]
  const both = [accessToken({ signal: a.signal }), accessToken({ signal: b.signal })]
  a.abort(new Error('mine'))
  t.match(await catchRejection(both[0]!), { message: 'mine' })
  t.equal(signal?.aborted, false)
  b.abort()
  t.equal((await catchRejection(both[1]!)).name, 'AbortError')
  t.equal(signal?.aborted, true)
})

t.test('a call after the last caller has aborted sends a new request', async (t) => {
  let calls = 0
  const fetch: FetchLike = (_url, init) => {
    if (++calls === 1)
      return new Promise((_, reject) => init.signal.addEventListener('abort', () => reject(new Error('aborted'))))
    return Promise.resolve(new Response('{"access_token":"abc"}') as never)
  }
  const accessToken = clientCredentials({ ...options, fetch })
  const abort = new AbortController()
  const first = accessToken({ signal: abort.signal })
  abort.abort()
  await catchRejection(first)
  t.equal(await accessToken(), 'abc')
  t.equal(await accessToken(), 'abc')
  t.equal(calls, 2)
})

t.test('a call with an aborted signal sends no request', async (t) => {
  const { countRequests } = replyWithTokens()
  t.equal((await catchRejection(clientCredentials(options)({ signal: AbortSignal.abort() }))).name, 'AbortError')
  t.equal(countRequests(), 0)
})

t.test('an abort ends the wait between two attempts', async (t) => {
  const replied = once(endpoint().reply(429, '', { 'retry-after': '60' }), 'replied')
  const abort = new AbortController()
  const waiting = catchRejection(clientCredentials(options)({ signal: abort.signal }))
  await replied
  await drainEventLoopTurns()
  abort.abort()
  t.equal((await waiting).name, 'AbortError')
})

t.test('no listener stays on a used signal', async (t) => {
  replyWithTokens(0)
  const accessToken = clientCredentials(options)
  const { signal } = new AbortController()
  let listeners = 0
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--
    remove(...args)
  }
  for (let call = 0; call < 5; call++) await accessToken({ signal })
  t.equal(listeners, 0)
})

t.test('bad options are OptionErrors at the call', async (t) => {
  const cases: [object, RegExp][] = [
    [{ ...options, tokenUrl: 'login' }, /tokenUrl: expected an http or https URL without a user/],
    [{ ...options, tokenUrl: 'https://u:p@login/' }, /tokenUrl: expected/],
    [{ ...options, clientId: '' }, /clientId: expected a non-empty string, got ""/],
    [{ ...options, clientSecret: undefined }, /clientSecret: expected a non-empty string, got nothing/],
    [{ ...options, audience: 7 }, /audience: expected a non-empty string, got 7/],
    [{ ...options, format: 'xml' }, /format: expected 'form' or 'json', got "xml"/],
    [{ ...options, agent: 'a' }, /agent: expected a node http\(s\) Agent/],
    [{ ...options, fetch: 'a' }, /fetch: expected a function/],
    [{ ...options, clientID: 'a' }, /clientID: unknown option, did you mean clientId/],
  ]
  for (const [given, message] of cases) {
    const error = catchError(() => clientCredentials(given as ClientCredentialsOptions))
    t.match(error, { name: 'OptionError', code: 'ERR_OPTION', message })
    t.match(error.message, /^clientCredentials: /)
  }
})

t.test('an export whose tokens expire continues with new tokens, and has every record once', async (t) => {
  nock.enableNetConnect('127.0.0.1')
  const oauth = { clientId: 'c', clientSecret: 'secret', requestsPerToken: 2 }
  for (const format of ['form', 'json'] as const) {
    const optimize = await startFakeOptimize({ records: 500, variables: 1, oauth })
    t.teardown(() => optimize.close())
    const accessToken = clientCredentials({
      tokenUrl: `${optimize.url}/oauth/token`,
      clientId: 'c',
      clientSecret: 'secret',
      audience: 'optimize',
      format,
    })
    const ids = new Set<unknown>()
    for await (const record of exportStream({
      baseUrl: optimize.url,
      reportId: optimize.reportId,
      accessToken,
      limit: 100,
    }))
      ids.add((record as { processInstanceId: string }).processInstanceId)
    t.equal(ids.size, 500)
  }
})

t.test('an export without a token is ERR_AUTH with the refusal as its cause', async (t) => {
  nock.enableNetConnect('127.0.0.1')
  const optimize = await startFakeOptimize({ oauth: { clientId: 'c', clientSecret: 'other' } })
  t.teardown(() => optimize.close())
  const accessToken = clientCredentials({
    tokenUrl: `${optimize.url}/oauth/token`,
    clientId: 'c',
    clientSecret: 'mistaken',
  })
  const source = exportStream({ baseUrl: optimize.url, reportId: optimize.reportId, accessToken })
  const error = await catchRejection(source.toArray())
  t.match(error, { name: 'ExportError', code: 'ERR_AUTH', message: /got status 401: invalid_client/ })
  t.match(error.cause, { code: 'ERR_AUTH' })
  t.notOk(inspect(error, { depth: 10 }).includes('mistaken'))
})

t.test(
  'a token that lives 30 s or less is used until it expires, one that lives longer until 30 s before',
  async (t) => {
    for (const [lifetime, used] of [
      [10, 10],
      [30, 30],
      [31, 1],
      [60, 30],
    ] as const) {
      const clock = useFakeTime(t)
      const { countRequests } = replyWithTokens(lifetime)
      const accessToken = clientCredentials(options)
      await accessToken()
      clock.advance(used * 1000 - 1)
      await accessToken()
      t.equal(countRequests(), 1, `after ${used} s of ${lifetime}, less 1 ms`)
      clock.advance(1)
      await accessToken()
      t.equal(countRequests(), 2)
      nock.cleanAll()
    }
  },
)

t.test("auth: 'basic' sends the client in a header, each part form-encoded, and not in the body", async (t) => {
  const oauth = { clientId: 'my client:ö', clientSecret: SECRET, auth: 'basic' } as const
  const server = await startFakeOptimize({ records: 3, oauth })
  nock.enableNetConnect()
  t.teardown(() => nock.disableNetConnect())
  t.teardown(() => server.close())
  const tokenUrl = `${server.url}/oauth/token`
  for (const format of ['form', 'json'] as const) {
    const { clientId, clientSecret } = oauth
    const given = { tokenUrl, clientId, clientSecret, format, audience: 'optimize-api' }
    const accessToken = clientCredentials({ ...given, auth: 'basic' })
    const records = await exportStream({ baseUrl: server.url, reportId: server.reportId, accessToken }).toArray()
    t.equal(records.length, 3)
    const { headers } = server.requests.at(-2)!
    const encoded = Buffer.from(headers['authorization']!.replace('Basic ', ''), 'base64').toString()
    t.equal(encoded, 'my+client%3A%C3%B6:s3cr%26t+%22key%22+%C3%BC')
    const refused = await catchRejection(clientCredentials(given)())
    t.match(refused, { code: 'ERR_AUTH', status: 401 })
    t.match(
      refused.message,
      /status 401; the endpoint expects HTTP Basic: set auth: "basic", or --token-auth basic: invalid_client$/,
    )
    t.notMatch(inspect(refused), /s3cr/)
  }
})

t.test('the Basic header that a server sends back is redacted', async (t) => {
  let header = ''
  endpoint().reply(function () {
    header = String(this.req.headers['authorization'])
    return [400, { error: 'invalid_request', error_description: `bad header ${header}` }]
  })
  const error = await catchRejection(clientCredentials({ ...options, auth: 'basic' })())
  t.match(error.message, /bad header Basic …$/)
  t.ok(header.length > 20)
})

import t from 'tap'
import { ExportError } from '../../lib/shared/errors.js'
import { Client, type ClientOptions } from '../../lib/http/client.js'
import type { FailedAttempt } from '../../lib/http/retry.js'
import { BodyFailure, RequestFailure } from '../../lib/http/failure.js'
import { Redactor } from '../../lib/shared/secrets/redactor.js'
import type { TokenContext } from '../../lib/http/token/resolve-token.js'
import { Transport, type FetchInit } from '../../lib/http/transport.js'

type Reply = number | { status: number; headers?: Record<string, string>; body?: string } | Error

const url = new URL('http://optimize/api?limit=1')
const noDelay = { attempts: 5, minDelay: 0, maxDelay: 0 }
const tooManyRequests = (seconds: string) => ({ status: 429, headers: { 'retry-after': seconds } })
const reset = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })

/** A client whose server sends these replies in order, and repeats the last one. */
function createClient(replies: Reply[], options: Partial<ClientOptions> = {}) {
  const requests: { url: string; init: FetchInit }[] = []
  const retries: FailedAttempt[] = []
  const transport = new Transport({
    fetch: async (to, init) => {
      const reply = replies[Math.min(requests.push({ url: to, init }), replies.length) - 1]!
      if (reply instanceof Error) throw reply
      const { status, headers = {}, body = '{}' } = typeof reply === 'number' ? { status: reply } : reply
      return new Response(body, { status, headers })
    },
    agent: undefined,
    timeoutMs: 10_000,
    maxBytes: 1000,
  })
  const client = new Client({
    transport,
    accessToken: 'mySecret',
    tokenIn: 'header',
    headers: {},
    retry: noDelay,
    redactor: new Redactor(),
    signal: new AbortController().signal,
    onRetry: (failed) => retries.push(failed),
    ...options,
  })
  return { requests, retries, client, get: (hasCursor = false) => client.get(url, hasCursor, ({ status }) => status) }
}

/** Returns the number of requests after which the client fails with this code. */
async function countRequestsUntil(
  replies: Reply[],
  hasCursor: boolean,
  code: string,
  options: Partial<ClientOptions> = {},
) {
  const { requests, get } = createClient(replies, options)
  const outcome = await get(hasCursor).catch((error: unknown) => error)
  return outcome instanceof RequestFailure && outcome.code === code ? requests.length : outcome
}

t.test('get returns the result of its parser for an answer with status 200', async (t) => {
  const { requests, get } = createClient([200])
  t.equal(await get(), 200)
  t.equal(requests.length, 1)
  t.equal(requests[0]!.url, url.href)
  t.strictSame(requests[0]!.init.headers, {
    accept: 'application/json',
    'accept-encoding': 'gzip',
    authorization: 'Bearer mySecret',
  })
})

t.test('the token in the query is encoded, and the URL of the caller is not changed', async (t) => {
  const { requests, get } = createClient([200], { tokenIn: 'query', accessToken: 'a b&c' })
  await get()
  t.equal(requests[0]!.url, 'http://optimize/api?limit=1&access_token=a+b%26c')
  t.notOk('authorization' in requests[0]!.init.headers)
  t.equal(url.href, 'http://optimize/api?limit=1')
})

t.test('the first attempt counts as one of the attempts', async (t) => {
  for (const attempts of [1, 2, 5]) {
    const retry = { ...noDelay, attempts }
    t.equal(await countRequestsUntil([503], false, 'ERR_HTTP', { retry }), attempts)
    t.equal(await countRequestsUntil([refused()], true, 'ERR_NETWORK', { retry }), attempts)
  }
})

t.test('a request with a cursor is repeated only after a 429 or without a connection', async (t) => {
  t.equal(await countRequestsUntil([429], true, 'ERR_HTTP'), 5)
  t.equal(await countRequestsUntil([refused()], true, 'ERR_NETWORK'), 5)
  for (const status of [408, 500, 502, 503, 504]) t.equal(await countRequestsUntil([status], true, 'ERR_HTTP'), 1)
  t.equal(await countRequestsUntil([reset()], true, 'ERR_NETWORK'), 1)
})

t.test('a request without a cursor is repeated after each of these failures', async (t) => {
  for (const reply of [429, 408, 500, 502, 503, 504, reset(), refused()]) {
    const { requests, retries, get } = createClient([reply, 200])
    t.equal(await get(), 200)
    t.equal(requests.length, 2)
    t.strictSame(
      retries.map(({ attempt, delay }) => ({ attempt, delay })),
      [{ attempt: 1, delay: 0 }],
    )
  }
})

t.test('a final failure is not repeated', async (t) => {
  for (const status of [400, 413, 501]) t.equal(await countRequestsUntil([status], false, 'ERR_HTTP'), 1)
  t.equal(await countRequestsUntil([403], false, 'ERR_AUTH'), 1)
  t.equal(await countRequestsUntil([404], false, 'ERR_REPORT_NOT_FOUND'), 1)
  t.equal(await countRequestsUntil([202], false, 'ERR_RESPONSE'), 1)
})

t.test('each retry is reported with its number and its failure', async (t) => {
  const { retries, get } = createClient([503, reset(), tooManyRequests('0'), 200])
  await get()
  t.strictSame(
    retries.map(({ attempt, failure: { code, status } }) => ({ attempt, code, status })),
    [
      { attempt: 1, code: 'ERR_HTTP', status: 503 },
      { attempt: 2, code: 'ERR_NETWORK', status: undefined },
      { attempt: 3, code: 'ERR_HTTP', status: 429 },
    ],
  )
})

t.test('after a Retry-After of more than five minutes the request is not repeated', async (t) => {
  t.equal(await countRequestsUntil([tooManyRequests('301')], false, 'ERR_HTTP'), 1)
  t.equal(
    await countRequestsUntil([tooManyRequests(new Date(Date.now() + 3_600_000).toUTCString())], false, 'ERR_HTTP'),
    1,
  )
})

t.test('a Retry-After of up to five minutes is waited for, and an abort ends the wait', async (t) => {
  const abort = new AbortController()
  const delays: number[] = []
  const { requests, get } = createClient([tooManyRequests('300')], {
    signal: abort.signal,
    onRetry: ({ delay }) => {
      delays.push(delay)
      abort.abort()
    },
  })
  await t.rejects(get(), { name: 'AbortError' })
  t.strictSame(delays, [300_000])
  t.equal(requests.length, 1)
})

/** A token function that returns these tokens in order and keeps its arguments. */
function tokensOf(...tokens: unknown[]) {
  const refreshes: boolean[] = []
  const accessToken = (({ refresh }: TokenContext) => tokens[refreshes.push(refresh) - 1] ?? 'last') as () => string
  return { refreshes, accessToken }
}

t.test('after a 401 a new token is requested once and sent', async (t) => {
  for (const hasCursor of [false, true]) {
    const { refreshes, accessToken } = tokensOf('old', Promise.resolve('new'))
    const { requests, retries, get } = createClient([401, 200], { accessToken })
    t.equal(await get(hasCursor), 200)
    t.strictSame(refreshes, [false, true])
    t.strictSame(
      requests.map(({ init }) => init.headers['authorization']),
      ['Bearer old', 'Bearer new'],
    )
    t.strictSame(retries, [], 'a refresh is not a retry')
  }
})

t.test('a second 401 is ERR_AUTH', async (t) => {
  const { refreshes, accessToken } = tokensOf()
  t.equal(await countRequestsUntil([401], false, 'ERR_AUTH', { accessToken }), 2)
  t.strictSame(refreshes, [false, true])
  t.equal(await countRequestsUntil([401, 503, 401], false, 'ERR_AUTH'), 3, 'also with a retry between them')
})

t.test('after the refresh a retry calls the token function without refresh', async (t) => {
  const { refreshes, accessToken } = tokensOf()
  const { get } = createClient([401, 503, 503, 200], { accessToken })
  t.equal(await get(), 200)
  t.strictSame(refreshes, [false, true, false, false])
})

t.test('a refresh does not count as an attempt', async (t) => {
  const { requests, get } = createClient([401, 200], { retry: { ...noDelay, attempts: 1 } })
  t.equal(await get(), 200)
  t.equal(requests.length, 2)
})

t.test('a token function is called before every request, each time with the right refresh', async (t) => {
  const { refreshes, accessToken } = tokensOf()
  const { get } = createClient([200, 401, 200, 503, 200], { accessToken })
  for (let i = 0; i < 3; i++) await get()
  t.strictSame(refreshes, [false, false, true, false, false])
})

t.test('with refresh, a token function gets the token that was refused', async (t) => {
  const refused: unknown[] = []
  const { get } = createClient([200, 401, 200], {
    accessToken: ({ refusedToken }) => `Bearer token-${refused.push(refusedToken)}`,
  })
  for (let i = 0; i < 2; i++) await get()
  t.strictSame(refused, [undefined, undefined, 'token-2'])
})

t.test('a token function that throws is ERR_AUTH with the cause, and nothing is sent', async (t) => {
  const cause = new Error('vault is sealed')
  for (const accessToken of [
    () => Promise.reject(cause),
    (): never => {
      throw cause
    },
  ]) {
    const { requests, get } = createClient([200], { accessToken })
    await t.rejects(get(), { code: 'ERR_AUTH', message: 'the accessToken function failed', cause })
    t.equal(requests.length, 0)
  }
})

t.test('the message contains the message of an ExportError from a token function', async (t) => {
  const accessToken = () => Promise.reject(new ExportError('ERR_AUTH', 'token endpoint: expected a token'))
  await t.rejects(createClient([200], { accessToken }).get(), {
    message: 'the accessToken function failed: token endpoint: expected a token',
  })
})

t.test('a token function that returns no token is ERR_AUTH', async (t) => {
  for (const token of ['', ' \n', 'Bearer ', 7, null, undefined, {}, ['x']]) {
    const { requests, get } = createClient([200], { accessToken: (() => token) as () => string })
    await t.rejects(get(), { code: 'ERR_AUTH', message: 'accessToken: expected a non-empty string' })
    t.equal(requests.length, 0)
  }
})

t.test('a token that is not valid in a header is ERR_AUTH and is not shown', async (t) => {
  for (const token of ['sesame-text\r\nX-Evil: 1', 'sésame-text', 'sesame-text\u0000']) {
    const redactor = new Redactor()
    const { requests, get } = createClient([200], { accessToken: () => token, redactor })
    const message = 'accessToken: expected a token of printable ASCII characters'
    await t.rejects(get(), { code: 'ERR_AUTH', message })
    t.equal(requests.length, 0)
    t.equal(redactor.redact(`a ${token} b`), 'a … b')
  }
})

t.test('the token in use is redacted from its first request on', async (t) => {
  const redactor = new Redactor()
  await createClient([200], { redactor, accessToken: () => 'Bearer mySecret' }).get()
  t.equal(redactor.redact('mySecret was sent'), '… was sent')
})

t.test('an abort before or during the call of a token function rejects with its reason', async (t) => {
  const abort = new AbortController()
  const accessToken = () => {
    abort.abort(new Error('enough'))
    throw new Error('aborted')
  }
  const { requests, get } = createClient([200], { accessToken, signal: abort.signal })
  await t.rejects(get(), { message: 'enough' })
  await t.rejects(get(), { message: 'enough' })
  t.equal(requests.length, 0)
})

t.test('a request is repeated after a truncated body, but not after JSON of another structure', async (t) => {
  const reads = (failure: Error) => {
    let times = 0
    return () => {
      if (++times < 3) throw failure
      return times
    }
  }
  t.equal(await createClient([200]).client.get(url, false, reads(new BodyFailure('cut', true))), 3)
  for (const [unreadable, hasCursor] of [
    [true, true],
    [false, true],
    [false, false],
  ] as const) {
    const { requests, client } = createClient([200])
    await t.rejects(client.get(url, hasCursor, reads(new BodyFailure('m', unreadable))), {
      constructor: RequestFailure,
      code: 'ERR_RESPONSE',
    })
    t.equal(requests.length, 1)
  }
})

t.test('an error of the parser that is not a BodyFailure is rethrown', async (t) => {
  const bug = new TypeError('a bug')
  const { client } = createClient([200])
  const read = () => {
    throw bug
  }
  await t.rejects(client.get(url, false, read), bug)
})

import t from 'tap'
import { ExportError } from '../../lib/shared/errors.js'
import { Client, type ClientOptions } from '../../lib/http/client.js'
import type { FailedAttempt } from '../../lib/http/retry.js'
import { BodyFailure, RequestFailure } from '../../lib/http/failure.js'
import { Redactor } from '../../lib/http/redactor.js'
import type { TokenContext } from '../../lib/http/token/resolve-token.js'
import { Transport, type FetchInit } from '../../lib/http/transport.js'

type Reply = number | { status: number; headers?: Record<string, string>; body?: string } | Error

const url = new URL('http://optimize/api?limit=1')
const noDelay = { attempts: 5, minDelay: 0, maxDelay: 0 }
const limited = (seconds: string) => ({ status: 429, headers: { 'retry-after': seconds } })
const reset = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })

/** A client whose server sends these replies in order, and repeats the last one. */
function clientOf(replies: Reply[], options: Partial<ClientOptions> = {}) {
  const asked: { url: string; init: FetchInit }[] = []
  const retries: FailedAttempt[] = []
  const transport = new Transport({
    fetch: async (to, init) => {
      const reply = replies[Math.min(asked.push({ url: to, init }), replies.length) - 1]!
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
  return { asked, retries, client, get: (hasCursor = false) => client.get(url, hasCursor, ({ status }) => status) }
}

/** How many requests it takes until the client gives up with this code. */
async function triesUntil(replies: Reply[], hasCursor: boolean, code: string, options: Partial<ClientOptions> = {}) {
  const { asked, get } = clientOf(replies, options)
  const outcome = await get(hasCursor).catch((error: unknown) => error)
  return outcome instanceof RequestFailure && outcome.code === code ? asked.length : outcome
}

t.test('the answer is the parsed body of a 200', async (t) => {
  const { asked, get } = clientOf([200])
  t.equal(await get(), 200)
  t.equal(asked.length, 1)
  t.equal(asked[0]!.url, url.href)
  t.strictSame(asked[0]!.init.headers, {
    accept: 'application/json',
    'accept-encoding': 'gzip',
    authorization: 'Bearer mySecret',
  })
})

t.test('the token in the query is encoded, and the URL of the caller is not changed', async (t) => {
  const { asked, get } = clientOf([200], { tokenIn: 'query', accessToken: 'a b&c' })
  await get()
  t.equal(asked[0]!.url, 'http://optimize/api?limit=1&access_token=a+b%26c')
  t.notOk('authorization' in asked[0]!.init.headers)
  t.equal(url.href, 'http://optimize/api?limit=1')
})

t.test('attempts includes the first attempt', async (t) => {
  for (const attempts of [1, 2, 5]) {
    const retry = { ...noDelay, attempts }
    t.equal(await triesUntil([503], false, 'ERR_HTTP', { retry }), attempts)
    t.equal(await triesUntil([refused()], true, 'ERR_NETWORK', { retry }), attempts)
  }
})

t.test('a request with a cursor is repeated only after a 429 or without a connection', async (t) => {
  t.equal(await triesUntil([429], true, 'ERR_HTTP'), 5)
  t.equal(await triesUntil([refused()], true, 'ERR_NETWORK'), 5)
  for (const status of [408, 500, 502, 503, 504]) t.equal(await triesUntil([status], true, 'ERR_HTTP'), 1)
  t.equal(await triesUntil([reset()], true, 'ERR_NETWORK'), 1)
})

t.test('a first request is repeated after all of these', async (t) => {
  for (const reply of [429, 408, 500, 502, 503, 504, reset(), refused()]) {
    const { asked, retries, get } = clientOf([reply, 200])
    t.equal(await get(), 200)
    t.equal(asked.length, 2)
    t.strictSame(
      retries.map(({ attempt, delay }) => ({ attempt, delay })),
      [{ attempt: 1, delay: 0 }],
    )
  }
})

t.test('a final failure is not repeated', async (t) => {
  for (const status of [400, 413, 501]) t.equal(await triesUntil([status], false, 'ERR_HTTP'), 1)
  t.equal(await triesUntil([403], false, 'ERR_AUTH'), 1)
  t.equal(await triesUntil([404], false, 'ERR_REPORT_NOT_FOUND'), 1)
  t.equal(await triesUntil([202], false, 'ERR_RESPONSE'), 1)
})

t.test('each retry is reported with its number and its failure', async (t) => {
  const { retries, get } = clientOf([503, reset(), limited('0'), 200])
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

t.test('a Retry-After beyond five minutes is a failure at once', async (t) => {
  t.equal(await triesUntil([limited('301')], false, 'ERR_HTTP'), 1)
  t.equal(await triesUntil([limited(new Date(Date.now() + 3_600_000).toUTCString())], false, 'ERR_HTTP'), 1)
})

t.test('a Retry-After of up to five minutes is waited for, and an abort ends the wait', async (t) => {
  const abort = new AbortController()
  const delays: number[] = []
  const { asked, get } = clientOf([limited('300')], {
    signal: abort.signal,
    onRetry: ({ delay }) => {
      delays.push(delay)
      abort.abort()
    },
  })
  await t.rejects(get(), { name: 'AbortError' })
  t.strictSame(delays, [300_000])
  t.equal(asked.length, 1)
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
    const { asked, retries, get } = clientOf([401, 200], { accessToken })
    t.equal(await get(hasCursor), 200)
    t.strictSame(refreshes, [false, true])
    t.strictSame(
      asked.map(({ init }) => init.headers['authorization']),
      ['Bearer old', 'Bearer new'],
    )
    t.strictSame(retries, [], 'a refresh is no retry')
  }
})

t.test('a second 401 is ERR_AUTH', async (t) => {
  const { refreshes, accessToken } = tokensOf()
  t.equal(await triesUntil([401], false, 'ERR_AUTH', { accessToken }), 2)
  t.strictSame(refreshes, [false, true])
  t.equal(await triesUntil([401, 503, 401], false, 'ERR_AUTH'), 3, 'also with a retry between them')
})

t.test('after the refresh a retry asks for the token as usual', async (t) => {
  const { refreshes, accessToken } = tokensOf()
  const { get } = clientOf([401, 503, 503, 200], { accessToken })
  t.equal(await get(), 200)
  t.strictSame(refreshes, [false, true, false, false])
})

t.test('a refresh does not count as an attempt', async (t) => {
  const { asked, get } = clientOf([401, 200], { retry: { ...noDelay, attempts: 1 } })
  t.equal(await get(), 200)
  t.equal(asked.length, 2)
})

t.test('a token function is called before every request, each time with the right refresh', async (t) => {
  const { refreshes, accessToken } = tokensOf()
  const { get } = clientOf([200, 401, 200, 503, 200], { accessToken })
  for (let i = 0; i < 3; i++) await get()
  t.strictSame(refreshes, [false, false, true, false, false])
})

t.test('with refresh, a token function gets the token that was refused', async (t) => {
  const refused: unknown[] = []
  const { get } = clientOf([200, 401, 200], {
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
    const { asked, get } = clientOf([200], { accessToken })
    await t.rejects(get(), { code: 'ERR_AUTH', message: 'the accessToken function failed', cause })
    t.equal(asked.length, 0)
  }
})

t.test('the message contains the message of an ExportError from a token function', async (t) => {
  const accessToken = () => Promise.reject(new ExportError('ERR_AUTH', 'token endpoint: expected a token'))
  await t.rejects(clientOf([200], { accessToken }).get(), {
    message: 'the accessToken function failed: token endpoint: expected a token',
  })
})

t.test('a token function that returns no token is ERR_AUTH', async (t) => {
  for (const token of ['', ' \n', 'Bearer ', 7, null, undefined, {}, ['x']]) {
    const { asked, get } = clientOf([200], { accessToken: (() => token) as () => string })
    await t.rejects(get(), { code: 'ERR_AUTH', message: 'accessToken: expected a non-empty string' })
    t.equal(asked.length, 0)
  }
})

t.test('a token that is not valid in a header is ERR_AUTH and is not shown', async (t) => {
  for (const token of ['geheim\r\nX-Evil: 1', 'gehéim', 'geheim\u0000']) {
    const redactor = new Redactor()
    const { asked, get } = clientOf([200], { accessToken: () => token, redactor })
    const message = 'accessToken: expected a token of printable ASCII characters'
    await t.rejects(get(), { code: 'ERR_AUTH', message })
    t.equal(asked.length, 0)
    t.equal(redactor.redact(`a ${token} b`), 'a … b')
  }
})

t.test('the token in use is masked from its first request on', async (t) => {
  const redactor = new Redactor()
  await clientOf([200], { redactor, accessToken: () => 'Bearer mySecret' }).get()
  t.equal(redactor.redact('mySecret was sent'), '… was sent')
})

t.test('an abort while a token is fetched ends with its reason, and so does one before', async (t) => {
  const abort = new AbortController()
  const accessToken = () => {
    abort.abort(new Error('enough'))
    throw new Error('aborted')
  }
  const { asked, get } = clientOf([200], { accessToken, signal: abort.signal })
  await t.rejects(get(), { message: 'enough' })
  await t.rejects(get(), { message: 'enough' })
  t.equal(asked.length, 0)
})

t.test('after a truncated body the request is repeated, after JSON of another structure not', async (t) => {
  const reads = (failure: Error) => {
    let times = 0
    return () => {
      if (++times < 3) throw failure
      return times
    }
  }
  t.equal(await clientOf([200]).client.get(url, false, reads(new BodyFailure('cut', true))), 3)
  for (const [unreadable, hasCursor] of [
    [true, true],
    [false, true],
    [false, false],
  ] as const) {
    const { asked, client } = clientOf([200])
    await t.rejects(client.get(url, hasCursor, reads(new BodyFailure('m', unreadable))), {
      constructor: RequestFailure,
      code: 'ERR_RESPONSE',
    })
    t.equal(asked.length, 1)
  }
})

t.test('other errors of the parser are rethrown', async (t) => {
  const bug = new TypeError('a bug')
  const { client } = clientOf([200])
  const read = () => {
    throw bug
  }
  await t.rejects(client.get(url, false, read), bug)
})

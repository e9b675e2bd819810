// Functions and objects of the caller: token functions, a fetch, an iterator used by hand. An export neither hangs nor leaks secrets.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import t from 'tap'
import { ExportError, exportPages, exportStream, type ExportOptions, type FetchLike } from '../../lib/index.js'
import { type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { startWatched } from '../support/servers/watched-server.js'

const never = new Promise<never>(() => undefined)

async function opened(t: { teardown(handler: () => unknown): unknown }, options: FakeOptimizeOptions = {}) {
  const server = await startWatched(t, { records: 30, variables: 1, flowNodes: 0, ...options })
  const source: ExportOptions = {
    baseUrl: server.url,
    reportId: server.reportId,
    accessToken: server.token,
    limit: 10,
    retry: { minDelay: 1, maxDelay: 5 },
  }
  return { server, source }
}

const idsOf = async (records: AsyncIterable<unknown>) => {
  const ids: string[] = []
  for await (const record of records) ids.push((record as { processInstanceId: string }).processInstanceId)
  return ids
}

t.test('a token function that never answers ends with the export, by signal and by destroy()', async (t) => {
  const { server, source } = await opened(t)
  const abort = new AbortController()
  const asked: (() => void)[] = []
  const accessToken = () => {
    asked.shift()?.()
    return never
  }
  const both = Promise.all([1, 2].map(() => new Promise<void>((resolve) => asked.push(resolve))))
  const hanging = { ...source, accessToken }
  const pages = t.rejects(exportPages({ ...hanging, signal: abort.signal }).next(), { name: 'AbortError' })
  const stream = exportStream({ ...hanging, signal: abort.signal })
  const records = t.rejects(stream.toArray(), { name: 'AbortError' })
  await both
  abort.abort()
  await Promise.all([pages, records])
  const destroyed = exportStream(hanging)
  destroyed.resume()
  destroyed.destroy()
  await once(destroyed, 'close')
  t.equal(server.requests.length, 0)
})

t.test('a token function that throws, returns no token or never returns is ERR_AUTH', async (t) => {
  const { server, source } = await opened(t)
  const bad: [unknown, object][] = [
    [() => Promise.reject(new Error('vault closed')), { cause: { message: 'vault closed' } }],
    [
      () => {
        throw new TypeError('no vault')
      },
      { cause: { name: 'TypeError', message: 'no vault' } },
    ],
    [() => AbortSignal.abort('a text').throwIfAborted(), {}],
    [() => undefined, {}],
    [() => 7, {}],
    [() => ({ token: 'x' }), {}],
    [() => '', {}],
    [() => 'Bearer ', {}],
    [() => 'two\r\nlines: 1', {}],
    [() => 'tökén', {}],
  ]
  for (const [accessToken, more] of bad)
    await t.rejects(exportStream({ ...source, accessToken: accessToken as () => string }).toArray(), {
      name: 'ExportError',
      code: 'ERR_AUTH',
      page: 1,
      records: 0,
      ...more,
    })
  t.equal(server.requests.length, 0)
})

t.test('the cause of ERR_AUTH is the very object that the token function threw', async (t) => {
  const { source } = await opened(t)
  class VaultError extends Error {
    readonly vault = { sealed: true }
  }
  for (const thrown of [new VaultError('sealed'), { sealed: true }, 'a text', 7]) {
    const accessToken = () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw thrown
    }
    const error: unknown = await exportStream({ ...source, accessToken })
      .toArray()
      .catch((reason: unknown) => reason)
    t.match(error, { code: 'ERR_AUTH', page: 1 })
    t.equal((error as Error).cause, thrown)
  }
})

t.test(
  'a token function that never answers is ERR_TIMEOUT after requestTimeout, and its signal is aborted',
  async (t) => {
    const { source, server } = await opened(t)
    const asked: AbortSignal[] = []
    const accessToken = ({ signal }: { signal: AbortSignal }) => {
      asked.push(signal)
      return never
    }
    await t.rejects(exportStream({ ...source, accessToken, requestTimeout: 30 }).toArray(), {
      code: 'ERR_TIMEOUT',
      message: /the accessToken function gave no token within 30 ms$/,
      page: 1,
    })
    t.strictSame(
      asked.map(({ aborted }) => aborted),
      [true],
    )
    t.equal(server.requests.length, 0)
  },
)

t.test('the error for a refused static token mentions client credentials, for a function it does not', async (t) => {
  const { source } = await opened(t)
  const messageOf = async (accessToken: ExportOptions['accessToken']) =>
    String(
      await exportStream({ ...source, accessToken })
        .toArray()
        .catch((error: unknown) => error),
    )
  const hint =
    /Optimize 8\.10 and later accept only OIDC tokens by default: use clientCredentials\(\), or .* OPTIMIZE_CLIENT_ID/
  t.match(await messageOf('wrong-token'), hint)
  t.notMatch(await messageOf(() => 'wrong-token'), hint)
})

t.test('a static token that is refused after a page has probably expired', async (t) => {
  const { server, source } = await opened(t)
  const stream = exportStream(source)
  stream.once('page', () => server.expireTokens('next-token'))
  await t.rejects(stream.toArray(), {
    code: 'ERR_AUTH',
    page: 2,
    message:
      /It was accepted before, so it has probably expired: use clientCredentials\(\) or a function, or .*--token-file/,
  })
})

t.test('the status of a token endpoint is that of the error', async (t) => {
  const { source } = await opened(t)
  const refused = new ExportError('ERR_AUTH', 'token endpoint: expected a token, got status 401', { status: 401 })
  const accessToken = () => Promise.reject(refused)
  await t.rejects(exportStream({ ...source, accessToken }).toArray(), { code: 'ERR_AUTH', status: 401, cause: refused })
})

t.test('a token that expires during the export is renewed, and the cursor has not moved', async (t) => {
  for (const era of ['3.7', '8.6', '8.7', '8.8'] as const) {
    const { server, source } = await opened(t, { era })
    const asked: boolean[] = []
    let token = server.token
    const accessToken = ({ refresh }: { refresh: boolean }) => {
      asked.push(refresh)
      if (refresh) token = server.token
      return token
    }
    const stream = exportStream({ ...source, accessToken })
    stream.on('page', ({ number }) => {
      if (number === 2) server.expireTokens('next-token')
    })
    t.strictSame(await idsOf(stream), server.ids())
    t.strictSame(asked, [false, false, false, true])
    t.match(stream.stats, { retries: 0, restarts: 0, complete: true })
    const [third, again] = server.requests.slice(2)
    t.equal(server.requests.length, 4)
    t.strictSame(again!.query, third!.query)
    t.strictSame([third!.status, again!.status], [401, 200])
  }
})

t.test('the fetch of Node gives the same records', async (t) => {
  const { server, source } = await opened(t, {
    faults: [
      { kind: '429', page: 2, retryAfter: 0 },
      { kind: 'redirectSame', page: 3 },
      { kind: 'cut', page: 3 },
    ],
  })
  const stream = exportStream({ ...source, fetch: globalThis.fetch })
  t.strictSame(await idsOf(stream), server.ids())
  t.match(stream.stats, { retries: 1, restarts: 1, complete: true })
})

t.test('a fetch that never answers and ignores its signal is ERR_TIMEOUT', async (t) => {
  const { source } = await opened(t)
  const hanging = { ...source, requestTimeout: 20, retry: { attempts: 2, minDelay: 1, maxDelay: 1 } }
  await t.rejects(exportStream({ ...hanging, fetch: () => never }).toArray(), { code: 'ERR_TIMEOUT', page: 1 })
  const body = new Readable({ read: () => undefined })
  const fetch: FetchLike = () =>
    Promise.resolve({ status: 200, headers: { get: () => null }, body, arrayBuffer: () => never })
  await t.rejects(exportStream({ ...hanging, fetch }).toArray(), { code: 'ERR_TIMEOUT', page: 1 })
})

t.test('a fetch with invalid results is an ExportError', async (t) => {
  const { source } = await opened(t)
  for (const nonsense of [undefined, null, {}, { status: 200 }, { status: 200, headers: { get: () => null } }]) {
    const fetch = (() => Promise.resolve(nonsense)) as unknown as FetchLike
    await t.rejects(exportStream({ ...source, fetch }).toArray(), { name: 'ExportError', code: 'ERR_NETWORK' })
  }
  const fetch = (() => {
    throw new Error('no network here')
  }) as FetchLike
  await t.rejects(exportStream({ ...source, fetch }).toArray(), { name: 'ExportError', code: 'ERR_NETWORK' })
})

t.test('TLS that breaks within a body is not a failed connection: the request is not repeated', async (t) => {
  const { server, source } = await opened(t)
  const broken = Object.assign(new Error('bad record mac'), { code: 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC' })
  let requests = 0
  const fetch: FetchLike = async (url, init) => {
    const answer = await globalThis.fetch(url, init)
    if (++requests !== 2) return answer
    const body = Readable.from(
      (function* () {
        yield Buffer.from('{')
        throw broken
      })(),
    )
    return { status: answer.status, headers: answer.headers, body, arrayBuffer: () => answer.arrayBuffer() }
  }
  await t.rejects(exportStream({ ...source, fetch, recovery: 'fail' }).toArray(), { code: 'ERR_NETWORK', page: 2 })
  t.equal(server.requests.length, 2)
})

t.test('leaving the loop over pages aborts the running request at once', async (t) => {
  const { server, source } = await opened(t, { faults: [{ kind: 'delay', ms: 60_000, page: 2 }] })
  const pages = exportPages(source)
  t.equal((await pages.next()).value?.number, 1)
  const second = t.rejects(pages.next(), { name: 'AbortError' })
  await server.received(2)
  t.strictSame(await pages.return(), { done: true, value: undefined })
  await second
  t.strictSame(await pages.next(), { done: true, value: undefined })
  t.equal(server.requests[1]!.finished, false)
})

t.test('a destroyed Readable of pages does not keep the process alive', async (t) => {
  const { server, source } = await opened(t, { faults: [{ kind: 'delay', ms: 60_000, page: 1 }] })
  const readable = Readable.from(exportPages(source))
  readable.resume()
  await server.received(1)
  readable.destroy()
  await once(readable, 'close')
})

t.test('a redirect to another server is refused on every page, and neither token nor cursor goes there', async (t) => {
  const visits: unknown[] = []
  const other = createServer((request, response) => {
    visits.push(request.url, request.headers)
    response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const to = `http://127.0.0.1:${(other.address() as AddressInfo).port}/login?next=1`
  for (const page of [1, 2, 3]) {
    const { server, source } = await opened(t, { faults: [{ kind: 'redirect', page, to, times: Infinity }] })
    for (const fetch of [undefined, globalThis.fetch as unknown as FetchLike])
      await t.rejects(exportStream({ ...source, fetch }).toArray(), {
        code: 'ERR_RESPONSE',
        message: /refused a redirect to another origin, http:\/\/127\.0\.0\.1:\d+$/,
        page,
      })
    t.equal(server.requests.length, 2 * page)
  }
  t.strictSame(visits, [])
})

t.test('neither the error for invalid JSON nor its cause quotes the text', async (t) => {
  for (const body of ['<geheim>', '{"searchRequestId":"geheim"geheim', '"geheim" "geheim"', 'geheim']) {
    const { source } = await opened(t, { faults: [{ kind: 'body', body, times: Infinity }] })
    const error = (await exportStream({ ...source, retry: { attempts: 1 } })
      .toArray()
      .catch((thrown: unknown) => thrown)) as Error
    t.match(error, { code: 'ERR_RESPONSE', cause: { name: 'SyntaxError' } })
    t.notMatch(`${error.message} ${(error.cause as Error).message}`, /geheim/, body)
  }
})

t.test('one signal for many exports causes no listener warning of Node.js', async (t) => {
  const { source } = await opened(t)
  const warnings: string[] = []
  const listener = ({ message }: Error) => void warnings.push(message)
  process.on('warning', listener)
  t.teardown(() => process.off('warning', listener))
  const { signal } = new AbortController()
  const exports = Array.from({ length: 12 }, (_, n) =>
    n % 2 === 0 ? exportStream({ ...source, signal }) : exportPages({ ...source, signal }),
  )
  await Promise.all(exports.map(async (each) => t.notSame(await each[Symbol.asyncIterator]().next(), { done: true })))
  for (const each of exports) await ('destroy' in each ? each.destroy() : each.return())
  await new Promise(setImmediate)
  t.strictSame(warnings, [])
})

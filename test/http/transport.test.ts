import { randomBytes } from 'node:crypto'
import { getEventListeners, once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import nock from 'nock'
import t, { type Test } from 'tap'
import { BodyFailure } from '../../lib/http/failure.js'
import { Transport, type FetchAnswer, type FetchLike, type TransportOptions } from '../../lib/http/transport.js'

// nock patches node:http when it is imported; these tests are about real sockets
nock.restore()

type Handler = (request: http.IncomingMessage, response: http.ServerResponse, number: number) => void

/** Starts a real server; `requests` has the requests that it got, `sockets` counts its connections. */
async function serve(t: Test, handler: Handler) {
  const requests: { url: string; headers: http.IncomingHttpHeaders; method: string }[] = []
  let sockets = 0
  const server = http.createServer((request, response) => {
    const { url = '', headers, method = '' } = request
    handler(request, response, requests.push({ url, headers, method }))
  })
  server.on('connection', () => sockets++)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { base: `http://127.0.0.1:${port}`, port, requests, server, sockets: () => sockets }
}

function openTransport(t: Test, options: Partial<TransportOptions> = {}) {
  const transport = new Transport({
    fetch: undefined,
    agent: undefined,
    timeoutMs: 5000,
    maxBytes: 1_000_000,
    ...options,
  })
  t.teardown(() => transport.close())
  return {
    transport,
    get: (url: string, signal = new AbortController().signal) =>
      transport.send({ url: new URL(url), headers: { authorization: 'Bearer mySecret' }, signal }),
  }
}

/** Sends a GET until the connection is ready within the time limit, which can take longer on a busy machine. */
async function getConnected({ get }: ReturnType<typeof openTransport>, url: string) {
  for (;;)
    try {
      return await get(url)
    } catch (error) {
      if ((error as { kind?: string }).kind !== 'connectTimeout') throw error
    }
}

const globalFetch = fetch as unknown as FetchLike
const text = ({ body }: { body: Buffer }) => body.toString()
const failed = (kind: string, message?: string | RegExp) => ({ name: 'Error', kind, ...(message ? { message } : {}) })

t.test('an answer has the status, the headers and the whole body', async (t) => {
  for (const fetch of [undefined, globalFetch]) {
    const { base, requests } = await serve(t, (_, response) => {
      response.writeHead(200, { 'x-a': 'b' }).write('{"a":')
      response.end('"ü"}')
    })
    const answer = await openTransport(t, { fetch }).get(`${base}/x?y=z`)
    t.equal(answer.status, 200)
    t.equal(answer.headers.get('X-A'), 'b')
    t.equal(text(answer), '{"a":"ü"}')
    t.match(requests, [{ method: 'GET', url: '/x?y=z', headers: { authorization: 'Bearer mySecret' } }])
  }
})

t.test('a POST sends its body', async (t) => {
  const { base, requests } = await serve(t, (request, response) => request.pipe(response))
  const { transport } = openTransport(t)
  const { signal } = new AbortController()
  const answer = await transport.send({ url: new URL(base), method: 'POST', headers: {}, body: 'a=b', signal })
  t.equal(text(answer), 'a=b')
  t.equal(requests[0]!.method, 'POST')
})

t.test('a server without an answer is a timeout', async (t) => {
  const { base } = await serve(t, () => undefined)
  for (const fetch of [undefined, globalFetch])
    await t.rejects(
      getConnected(openTransport(t, { timeoutMs: 300, fetch }), base),
      failed('timeout', 'no complete answer within 300 ms'),
    )
})

t.test('a body that arrives too slowly is a timeout', async (t) => {
  const { base } = await serve(t, (_, response) => {
    response.writeHead(200).write('{')
    const drip = setInterval(() => response.write(' '), 10)
    response.on('close', () => clearInterval(drip))
  })
  for (const fetch of [undefined, globalFetch])
    await t.rejects(getConnected(openTransport(t, { timeoutMs: 100, fetch }), base), failed('timeout'))
})

t.test('an abort by the caller is not a timeout, and ends the request', async (t) => {
  const abort = new AbortController()
  const { base } = await serve(t, (request) => {
    request.on('close', () => undefined)
    abort.abort(new Error('enough'))
  })
  await t.rejects(openTransport(t).get(base, abort.signal), { message: 'enough' })
})

t.test(
  'a request with an aborted signal gets no answer, and no listener stays on a signal that is not aborted',
  async (t) => {
    const { base, requests } = await serve(t, (_, response) => response.end('{}'))
    const { get } = openTransport(t)
    await t.rejects(get(base, AbortSignal.abort(new Error('enough'))), { message: 'enough' })
    const { signal } = new AbortController()
    for (let request = 0; request < 20; request++) await get(base, signal)
    t.strictSame(getEventListeners(signal, 'abort'), [])
    t.ok(requests.length >= 20 && requests.length <= 21)
  },
)

t.test('a connection that is reset before or within the body is cut', async (t) => {
  for (const fetch of [undefined, globalFetch]) {
    const { base } = await serve(t, (request, response) => {
      if (request.url === '/before') request.socket.resetAndDestroy()
      else response.writeHead(200).write('{"a":', () => request.socket.resetAndDestroy())
    })
    const { get } = openTransport(t, { fetch })
    await t.rejects(get(`${base}/before`), failed('cut'))
    await t.rejects(get(`${base}/within`), failed('cut'))
  }
})

t.test('a body that ends before its announced length, or before its last chunk, is cut', async (t) => {
  for (const headers of [{ 'content-length': '100' }, { 'transfer-encoding': 'chunked' }]) {
    const { base } = await serve(t, (request, response) => {
      response.writeHead(200, headers).write('{"a":1}', () => request.socket.end())
    })
    for (const fetch of [undefined, globalFetch]) await t.rejects(openTransport(t, { fetch }).get(base), failed('cut'))
  }
})

/** A fetch that returns one given answer. */
const fetchOf =
  (answer: Partial<Omit<FetchAnswer, 'headers'>> & { headers?: Record<string, string> }): FetchLike =>
  async () => ({
    status: 200,
    arrayBuffer: () => Promise.resolve(new ArrayBuffer(0)),
    ...answer,
    headers: new Headers(answer.headers),
  })

const buffer = (content: string) => () => Promise.resolve(new TextEncoder().encode(content).buffer)

t.test('the length of a body is checked, because a fetch function of the caller may not check it', async (t) => {
  const of = (length: string, status = 200, more = {}) =>
    openTransport(t, {
      fetch: fetchOf({ status, arrayBuffer: buffer('{"a":1}'), headers: { 'content-length': length, ...more } }),
    })
  await t.rejects(
    of('100').get('http://h'),
    failed('cut', 'the answer does not have the 100 bytes that content-length announces'),
  )
  await t.rejects(
    of('6').get('http://h'),
    failed('cut', 'the answer does not have the 6 bytes that content-length announces'),
  )
  t.equal(text(await of('7').get('http://h')), '{"a":1}')
  t.equal(text(await of('100', 500).get('http://h')), '{"a":1}', 'an error may be short')
  t.equal(
    text(await of('3', 200, { 'content-encoding': 'gzip' }).get('http://h')),
    '{"a":1}',
    'the header counts the encoded bytes',
  )
})

t.test('the message for a body that is longer than announced has no wrong count', async (t) => {
  const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n{"a":1}'
  const server = createServer((socket) => socket.once('data', () => socket.write(answer)).on('error', () => undefined))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const message = 'the answer does not have the 6 bytes that content-length announces'
  await t.rejects(openTransport(t).get(`http://127.0.0.1:${port}`), failed('cut', message))
})

t.test('an answer without a stream is read with arrayBuffer, and has the same size limit', async (t) => {
  for (const body of [undefined, null, 'text']) {
    const fetch = fetchOf({ body, arrayBuffer: buffer('{"a":1}') })
    t.equal(text(await openTransport(t, { fetch }).get('http://h')), '{"a":1}')
    await t.rejects(
      openTransport(t, { fetch, maxBytes: 6 }).get('http://h'),
      failed('size', 'the body is larger than 6 bytes'),
    )
  }
})

t.test('a body is complete, whatever the size of the body before', async (t) => {
  const bodies = [7, 300_000, 10, 1_000_000, 64 * 1024, 64 * 1024 + 1, 0].map((length) => randomBytes(length))
  const left = [...bodies]
  const fetch: FetchLike = (url, init) => {
    const body = left.shift()!
    const chunks = Array.from({ length: body.length / 1000 + 1 }, (_, at) => body.subarray(at * 1000, (at + 1) * 1000))
    return fetchOf({ body: Readable.from(chunks) })(url, init)
  }
  const client = openTransport(t, { fetch })
  for (const body of bodies) t.ok((await client.get('http://h')).body.equals(body), `${body.length} bytes`)
})

t.test('the chunks of a body are freed, but not those from a fetch function of the caller', async (t) => {
  const content = randomBytes(3_000_000)
  const { base } = await serve(t, (_, response) => response.end(content))
  const chunks: Buffer[] = []
  const push = Reflect.get(PassThrough.prototype, 'push') as (chunk: Buffer | null) => boolean
  t.intercept(PassThrough.prototype, 'push', {
    value(this: PassThrough, chunk: Buffer | null) {
      if (chunk) chunks.push(chunk)
      return push.call(this, chunk)
    },
  })
  t.ok((await openTransport(t, { maxBytes: 10_000_000 }).get(base)).body.equals(content))
  t.ok(chunks.length > 1)
  t.strictSame(new Set(chunks.map(({ length }) => length)), new Set([0]))

  const own = [Buffer.alloc(600_000, 'a'), Buffer.alloc(600_000, 'b')]
  const fetch = fetchOf({ body: Readable.from(own, { objectMode: true }) })
  t.equal((await openTransport(t, { fetch, maxBytes: 10_000_000 }).get(base)).body.length, 1_200_000)
  t.strictSame(own.map(String), ['a'.repeat(600_000), 'b'.repeat(600_000)])
})

t.test('a body with chunks that are not bytes is refused', async (t) => {
  const fetch = fetchOf({ body: Readable.from(['{"a":1}']) })
  await t.rejects(openTransport(t, { fetch }).get('http://h'), failed('cut'))
})

t.test('a body above the size limit is refused, one of exactly that size is not', async (t) => {
  const { base } = await serve(t, (_, response) => response.end('x'.repeat(1000)))
  for (const fetch of [undefined, globalFetch]) {
    t.equal((await openTransport(t, { maxBytes: 1000, fetch }).get(base)).body.length, 1000)
    const small = openTransport(t, { maxBytes: 999, fetch })
    await t.rejects(small.get(base), failed('size', 'the body is larger than 999 bytes'))
  }
})

t.test('a body without end is refused once it is too large', async (t) => {
  const { base } = await serve(t, (_, response) => {
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(more))
    }
    more()
  })
  await t.rejects(openTransport(t, { maxBytes: 200_000 }).get(base), failed('size'))
})

t.test('the size of a compressed body is its decompressed size', async (t) => {
  const bomb = gzipSync(Buffer.alloc(20_000_000))
  t.ok(bomb.length < 25_000)
  const { base } = await serve(t, (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb))
  for (const fetch of [undefined, globalFetch]) {
    await t.rejects(openTransport(t, { fetch }).get(base), failed('size', 'the body is larger than 1000000 bytes'))
    t.equal((await openTransport(t, { fetch, maxBytes: 20_000_000 }).get(base)).body.length, 20_000_000)
  }
})

t.test('a complete body that cannot be decompressed is a broken body; the status of an error stays', async (t) => {
  const checked = gzipSync('{}')
  checked[checked.length - 6]! ^= 1
  const bodies = new Map([
    ['/garbage', ['gzip', Buffer.from('garbage')]],
    ['/checksum', ['gzip', checked]],
    ['/brotli', ['br', Buffer.from('garbage')]],
  ] as const)
  const { base } = await serve(t, ({ url = '' }, response) => {
    const [encoding, body] = bodies.get(url.replace('/500', '') as '/garbage')!
    response.writeHead(url.startsWith('/500') ? 500 : 200, { 'content-encoding': encoding }).end(body)
  })
  for (const fetch of [undefined, globalFetch])
    for (const path of bodies.keys()) {
      const { get } = openTransport(t, { fetch })
      const message = /^the body cannot be decompressed \((Z_DATA_ERROR|ERR_.*ERROR_FORMAT_.*)\)$/
      const error: unknown = await get(base + path).catch((reason: unknown) => reason)
      t.type(error, BodyFailure)
      t.match(error, { isBroken: true, message })
      t.equal((await get(`${base}/500${path}`)).status, 500)
    }
})

t.test('a compressed body that ends early is cut', async (t) => {
  const { base } = await serve(t, (_, response) =>
    response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync(randomBytes(1000)).subarray(0, -9)),
  )
  await t.rejects(openTransport(t).get(base), failed('cut', 'the connection broke (Z_BUF_ERROR)'))
})

t.test('an answer that is not HTTP is cut, and its message says so', async (t) => {
  const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const message = 'the answer is not valid HTTP (HPE_INVALID_CONSTANT)'
  await t.rejects(openTransport(t).get(`http://127.0.0.1:${port}`), failed('cut', message))
})

t.test('an agent for another protocol is refused', async (t) => {
  const message = 'the option agent is not for the protocol of the URL (ERR_INVALID_PROTOCOL)'
  const { get } = openTransport(t, { agent: new http.Agent() })
  await t.rejects(get('https://127.0.0.1:1'), failed('agent', message))
})

t.test('only 64 KiB of an error body are read, compressed or not', async (t) => {
  const body = Buffer.alloc(10_000_000, 'e')
  const { base } = await serve(t, ({ url }, response) => {
    if (url === '/gzip') response.writeHead(500, { 'content-encoding': 'gzip' }).end(gzipSync(body))
    else response.writeHead(500).end(body)
  })
  for (const path of ['/plain', '/gzip']) {
    for (const fetch of [undefined, globalFetch]) {
      const answer = await openTransport(t, { fetch, maxBytes: 10 }).get(base + path)
      t.equal(answer.status, 500)
      t.equal(answer.body.length, 65_536)
    }
  }
  const whole = fetchOf({ status: 404, arrayBuffer: buffer('x'.repeat(70_000)) })
  t.equal((await openTransport(t, { fetch: whole }).get('http://h')).body.length, 65_536)
})

t.test('a redirect within the origin is followed, with the token', async (t) => {
  for (const fetch of [undefined, globalFetch]) {
    const { base, requests } = await serve(t, ({ url }, response) => {
      if (url === '/a') response.writeHead(302, { location: '/b?x=1' }).end('moved')
      else if (url === '/b?x=1') response.writeHead(307, { location: `${base}/c` }).end()
      else response.end('there')
    })
    t.equal(text(await openTransport(t, { fetch }).get(`${base}/a`)), 'there')
    t.strictSame(
      requests.map(({ url, headers }) => [url, headers.authorization]),
      [
        ['/a', 'Bearer mySecret'],
        ['/b?x=1', 'Bearer mySecret'],
        ['/c', 'Bearer mySecret'],
      ],
    )
  }
})

t.test('a redirect to another port, host or scheme is refused, and nothing is sent there', async (t) => {
  const other = await serve(t, (_, response) => response.end('stolen'))
  for (const fetch of [undefined, globalFetch]) {
    for (const to of [`${other.base}/x`, `//127.0.0.1:${other.port}`, `http://localhost:${other.port}/`]) {
      const { base } = await serve(t, (_, response) => response.writeHead(302, { location: to }).end())
      const origin = new URL(to, base).origin
      const message = `refused a redirect to another origin, ${origin}`
      await t.rejects(openTransport(t, { fetch }).get(base), failed('redirect', message))
    }
  }
  t.strictSame(other.requests, [])
  const { base, port } = await serve(t, (_, response) =>
    response.writeHead(301, { location: `https://127.0.0.1:${port}/` }).end(),
  )
  await t.rejects(
    openTransport(t).get(base),
    failed('redirect', `refused a redirect to another origin, https://127.0.0.1:${port}`),
  )
})

t.test('a redirect to an invalid URL, or to a blob, is refused', async (t) => {
  for (const [location, message] of [
    ['http://[', 'refused a redirect whose location is not a URL'],
    ['data:application/json,{}', 'refused a redirect to another origin, data://'],
    ['blob:http://h/1', 'refused a redirect to another origin, blob://'],
  ] as const) {
    const { get } = openTransport(t, { fetch: fetchOf({ status: 302, headers: { location } }) })
    await t.rejects(get('http://h'), failed('redirect', message))
  }
})

t.test('a loop of redirects ends after five', async (t) => {
  const { base, requests } = await serve(t, (_, response) => response.writeHead(302, { location: '/again' }).end())
  await t.rejects(openTransport(t).get(base), failed('redirect', 'more than 5 redirects'))
  t.equal(requests.length, 6)
})

t.test('a status of 300 and more without a location is an answer', async (t) => {
  const { base } = await serve(t, (_, response) => response.writeHead(304).end())
  t.equal((await openTransport(t).get(base)).status, 304)
})

t.test('the body of a redirect is discarded, whatever its type', async (t) => {
  let cancelled = 0
  const web = () =>
    new ReadableStream({
      cancel() {
        cancelled++
        throw new Error('will not be cancelled')
      },
    })
  for (const body of [web(), null, 'text', {}]) {
    let hops = 0
    const fetch: FetchLike = (url, init) =>
      fetchOf(hops++ === 0 ? { status: 302, headers: { location: '/b' }, body } : { arrayBuffer: buffer('there') })(
        url,
        init,
      )
    t.equal(text(await openTransport(t, { fetch }).get('http://h/a')), 'there')
  }
  t.equal(cancelled, 1)
})

t.test('the agent of the caller carries the request, and is not closed', async (t) => {
  const { base, sockets } = await serve(t, (_, response) => response.end())
  const agent = new http.Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const { get, transport } = openTransport(t, { agent })
  await get(base)
  t.equal(Object.keys(agent.freeSockets).length, 1)
  transport.close()
  await get(base)
  t.equal(sockets(), 1)
})

t.test('a fetch function of the caller gets all arguments', async (t) => {
  const calls: unknown[] = []
  const fetch: FetchLike = (url, init) => {
    calls.push(url, init)
    return fetchOf({})(url, init)
  }
  await openTransport(t, { fetch }).get('http://h:1/a?b=c')
  t.match(calls, [
    'http://h:1/a?b=c',
    { method: 'GET', headers: { authorization: 'Bearer mySecret' }, redirect: 'manual' },
  ])
  const { signal, agent } = calls[1] as { signal: unknown; agent: unknown }
  t.ok(signal instanceof AbortSignal)
  t.ok(agent instanceof http.Agent)
  await openTransport(t, { fetch }).get('https://h')
  t.ok((calls[3] as { agent: unknown }).agent instanceof https.Agent)
})

t.test('two connections are used in turn, and are not used again after three idle seconds', async (t) => {
  const { base, sockets } = await serve(t, (_, response) => response.end())
  let now = 1_000_000
  t.intercept(Date, 'now', { value: () => now })
  const { get } = openTransport(t)
  for (let request = 0; request < 6; request++) {
    await get(base)
    now += 1500
  }
  t.equal(sockets(), 2)
  now += 1501
  await get(base)
  t.equal(sockets(), 3, 'the older one was idle for 4501 ms')
  await get(base)
  t.equal(sockets(), 4, 'the other one for 3001 ms')
  await get(base)
  t.equal(sockets(), 4)
})

t.test('close closes idle connections', async (t) => {
  const { base, server } = await serve(t, (_, response) => response.end())
  const { get, transport } = openTransport(t)
  const connected = once(server, 'connection') as Promise<[Socket]>
  await get(base)
  const [socket] = await connected
  const closed = once(socket, 'close')
  transport.close()
  await closed
  t.ok(socket.destroyed)
})

t.test('a refused connection is a failure of the kind connect', async (t) => {
  const { base, server } = await serve(t, () => undefined)
  await new Promise((done) => server.close(done))
  for (const fetch of [undefined, globalFetch])
    await t.rejects(openTransport(t, { fetch }).get(base), failed('connect', 'could not connect (ECONNREFUSED)'))
})

t.test('if the server has no TLS, nothing was sent; with a fetch function of the caller this is unknown', async (t) => {
  const { base } = await serve(t, (_, response) => response.end())
  const url = base.replace('http:', 'https:')
  await t.rejects(openTransport(t).get(url), failed('connect'))
  await t.rejects(openTransport(t, { fetch: globalFetch }).get(url), failed('cut'))
})

t.test('a host name that does not exist is a failure of the kind connect', async (t) => {
  for (const fetch of [undefined, globalFetch])
    await t.rejects(openTransport(t, { fetch }).get('http://nowhere.invalid/'), failed('connect'))
})

t.test('if no connection is visible, the system call of the error decides', async (t) => {
  nock.activate()
  t.teardown(() => {
    nock.cleanAll()
    nock.restore()
  })
  for (const [code, syscall, kind] of [
    ['ENOTFOUND', 'getaddrinfo', 'connect'],
    ['EAI_AGAIN', 'getaddrinfo', 'connect'],
    ['ECONNREFUSED', 'connect', 'connect'],
    ['ECONNRESET', 'read', 'cut'],
    ['CERT_HAS_EXPIRED', undefined, 'certificate'],
  ] as const) {
    nock('https://nowhere.example')
      .get('/')
      .replyWithError(Object.assign(new Error('sesame-text'), { code, syscall }))
    await t.rejects(openTransport(t).get('https://nowhere.example/'), failed(kind, new RegExp(`\\(${code}\\)$`)))
  }
})

t.test('a fetch that ignores its signal is a timeout too', async (t) => {
  const fetch: FetchLike = () => new Promise(() => undefined)
  await t.rejects(openTransport(t, { fetch, timeoutMs: 20 }).get('http://h'), failed('timeout'))
})

t.test(
  'a fetch that answers after its signal was aborted still rejects, with the timeout or the reason of the abort',
  async (t) => {
    const fetch: FetchLike = (_url, { signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(new Response('late'))))
    await t.rejects(openTransport(t, { fetch, timeoutMs: 20 }).get('http://h'), failed('timeout'))
    const abort = new AbortController()
    const sent = openTransport(t, { fetch }).get('http://h', abort.signal)
    abort.abort(new Error('enough'))
    await t.rejects(sent, { message: 'enough' })
  },
)

t.test('after the start of an answer no failure has the kind connect', async (t) => {
  const arrayBuffer = () => Promise.reject(Object.assign(new Error('x'), { code: 'EPROTO' }))
  await t.rejects(openTransport(t, { fetch: fetchOf({ arrayBuffer }) }).get('http://h'), failed('cut'))
})

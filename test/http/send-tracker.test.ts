// The moment at which a connection fails decides whether a request was sent; these tests use real sockets. A request with a cursor may
// be repeated only if the server cannot have received it.
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import { Duplex } from 'node:stream'
import nodeFetch from 'node-fetch'
import t, { type Test } from 'tap'
import { SendFailure } from '../../lib/http/send-failure.js'
import { SendTracker } from '../../lib/http/send-tracker.js'
import { Transport, type FetchLike } from '../../lib/http/transport.js'
import { forAnotherHost, selfSigned } from '../support/servers/certificate.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'

const ownCertificate = selfSigned()

async function listen(t: Test, server: net.Server | http.Server | https.Server) {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Sends one request and returns its failure. */
async function failureOf(t: Test, url: string, agent?: object, timeoutMs = 5000): Promise<SendFailure> {
  const transport = new Transport({ fetch: undefined, agent, timeoutMs, maxBytes: 1e6 })
  t.teardown(() => transport.close())
  const { signal } = new AbortController()
  const error: unknown = await transport.send({ url: new URL(url), headers: {}, signal }).catch((e: unknown) => e)
  if (error instanceof SendFailure) return error
  throw new Error('expected the request to fail', { cause: error })
}

t.test('nothing is sent if the certificate is refused, with TLS 1.2 and with TLS 1.3', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const [certificate, code] of [
      [ownCertificate, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      [forAnotherHost(), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ] as const) {
      let requests = 0
      const server = https.createServer({ ...certificate, maxVersion }, (_, response) => {
        requests++
        response.end()
      })
      const port = await listen(t, server)
      const agent = new https.Agent(code.startsWith('ERR') ? { ca: certificate.cert } : {})
      const { kind, message } = await failureOf(t, `https://127.0.0.1:${port}`, agent)
      t.strictSame(
        [kind, message],
        ['certificate', `could not connect: the certificate of the server is not accepted (${code})`],
      )
      await drainEventLoopTurns()
      t.equal(requests, 0)
    }
  }
})

t.test('nothing is sent if the TLS handshake breaks, stalls or is garbage', async (t) => {
  for (const [name, answer, kind] of [
    ['closed', (socket: net.Socket) => socket.destroy(), 'connect'],
    ['reset', (socket: net.Socket) => socket.once('data', () => socket.resetAndDestroy()), 'connect'],
    ['garbage', (socket: net.Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'connect'],
    ['stalled', () => undefined, 'connectTimeout'],
  ] as const) {
    const sockets: net.Socket[] = []
    const server = net.createServer((socket) => {
      sockets.push(socket.on('error', () => undefined))
      answer(socket)
    })
    const port = await listen(t, server)
    t.equal((await failureOf(t, `https://127.0.0.1:${port}`, undefined, 100)).kind, kind, name)
    for (const socket of sockets) socket.destroy()
  }
})

t.test('a request counts as sent even if it then fails with the code of a failed connect', async (t) => {
  const server = https.createServer(ownCertificate, (_, response) => response.end('{}'))
  const inner = await listen(t, server)
  const between = net.createServer((socket) => {
    const onward = net.connect(inner, '127.0.0.1')
    onward.on('error', () => undefined)
    socket.on('error', () => undefined).pipe(onward)
    // the proxy replaces the answer by bytes that are not TLS
    server.once('request', () => {
      onward.pause().removeAllListeners('data')
      socket.write('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    onward.on('data', (bytes) => socket.write(bytes))
    socket.on('close', () => onward.destroy())
  })
  const port = await listen(t, between)
  const failure = await failureOf(t, `https://127.0.0.1:${port}`, new https.Agent({ ca: ownCertificate.cert }))
  t.strictSame([failure.kind, failure.message], ['cut', 'the connection broke (ERR_SSL_WRONG_VERSION_NUMBER)'])
})

/** An agent whose connections fail in the given way. */
class FailingAgent extends http.Agent {
  readonly #fail: (socket: net.Socket) => void

  constructor(fail: (socket: net.Socket) => void) {
    super()
    this.#fail = fail
  }

  override createConnection(): net.Socket {
    const socket = new net.Socket()
    Object.defineProperty(socket, 'connecting', { value: true, writable: true })
    setImmediate(() => this.#fail(socket))
    return socket
  }
}

const coded = (code: string, syscall = 'connect') => Object.assign(new Error(`${syscall} ${code}`), { code, syscall })

t.test(
  'an error while a connection is opened means that nothing was sent, and the same error later does not',
  async (t) => {
    const parts = [coded('ETIMEDOUT'), coded('ETIMEDOUT')]
    for (const error of [
      Object.assign(new AggregateError(parts), { code: 'ETIMEDOUT' }),
      coded('ETIMEDOUT'),
      coded('ECONNRESET', 'read'),
      new Error('anything'),
    ]) {
      const opening = new FailingAgent((socket) => socket.destroy(error))
      t.equal((await failureOf(t, 'http://h.example', opening)).kind, 'connect')
      const open = new FailingAgent((socket) => {
        socket.emit('connect')
        socket.destroy(error)
      })
      t.equal((await failureOf(t, 'http://h.example', open)).kind, 'cut')
    }
  },
)

t.test('a TLS connection that the agent has already opened counts as ready', async (t) => {
  const server = https.createServer(ownCertificate, (request) => request.socket.destroy())
  const port = await listen(t, server)
  class ReadyAgent extends https.Agent {
    override createConnection(...[options, done]: Parameters<https.Agent['createConnection']>): undefined {
      const { port, host } = options as { port: number; host: string }
      const socket = tls.connect({ port, host, rejectUnauthorized: false }, () => done!(null, socket))
    }
  }
  t.equal((await failureOf(t, `https://127.0.0.1:${port}/`, new ReadyAgent())).kind, 'cut')
})

t.test('a connection of an unknown class counts as ready', async (t) => {
  class UnknownSocketAgent extends http.Agent {
    override createConnection() {
      const duplex = new Duplex({ read: () => undefined, write: (_, __, done) => done() })
      setImmediate(() => duplex.destroy(coded('ECONNREFUSED')))
      return duplex
    }
  }
  t.equal((await failureOf(t, 'http://h.example', new UnknownSocketAgent())).kind, 'cut')
})

t.test('a timeout while the connection is opened means that nothing was sent', async (t) => {
  const agent = new FailingAgent(() => undefined)
  const failure = await failureOf(t, 'http://h.example', agent, 30)
  t.strictSame([failure.kind, failure.message], ['connectTimeout', 'could not connect within 30 ms'])
})

/** A server that closes each connection after its answer without notice. */
async function closingServer(t: Test) {
  let sockets = 0
  const requests: http.IncomingHttpHeaders[] = []
  const server = http.createServer((request, response) => {
    requests.push(request.headers)
    response.end('{}', () => setImmediate(() => request.socket.end()))
  })
  server.on('connection', () => sockets++)
  const port = await listen(t, server)
  return { url: new URL(`http://127.0.0.1:${port}`), requests, sockets: () => sockets }
}

t.test('a server that closes each connection after its answer loses no request', async (t) => {
  const { url, sockets } = await closingServer(t)
  const transport = new Transport({ fetch: undefined, agent: undefined, timeoutMs: 5000, maxBytes: 1000 })
  t.teardown(() => transport.close())
  const { signal } = new AbortController()
  for (let page = 0; page < 50; page++) t.equal((await transport.send({ url, headers: {}, signal })).status, 200)
  t.equal(sockets(), 50)
})

t.test('after a reused connection broke without an answer, each request has a new connection', async (t) => {
  const { signal } = new AbortController()
  for (const agentOf of [() => undefined, () => new http.Agent({ keepAlive: true })]) {
    const requests: http.IncomingHttpHeaders[] = []
    const served = new Map<net.Socket, number>()
    const server = http.createServer((request, response) => {
      requests.push(request.headers)
      served.set(request.socket, (served.get(request.socket) ?? 0) + 1)
      if (served.get(request.socket) === 2 && requests.length < 5) request.socket.destroy()
      else response.end('{}')
    })
    const url = new URL(`http://127.0.0.1:${await listen(t, server)}`)
    const transport = new Transport({ fetch: undefined, agent: agentOf(), timeoutMs: 5000, maxBytes: 1000 })
    t.teardown(() => transport.close())
    const kinds: string[] = []
    for (let page = 0; page < 8; page++)
      kinds.push(
        await transport.send({ url, headers: {}, signal }).then(
          () => 'ok',
          (error: unknown) => (error as SendFailure).kind,
        ),
      )
    const broken = kinds.indexOf('cut')
    t.strictSame([kinds.filter((kind) => kind === 'cut').length, kinds.at(-1)], [1, 'ok'])
    const closing = requests.map(({ connection }) => connection === 'close')
    t.strictSame(
      closing,
      closing.map((_, at) => at > broken),
    )
    t.strictSame(
      [...served.values()].slice(-(requests.length - broken - 1)),
      requests.slice(broken + 1).map(() => 1),
    )
  }
})

t.test('connections are still reused if a new connection broke, or with a fetch function of the caller', async (t) => {
  const { signal } = new AbortController()
  for (const fetch of [undefined, globalThis.fetch as unknown as FetchLike]) {
    const requests: string[] = []
    const server = http.createServer((request, response) => {
      requests.push(request.headers.connection ?? '')
      if (requests.length === 1) request.socket.destroy()
      else response.end('{}')
    })
    const url = new URL(`http://127.0.0.1:${await listen(t, server)}`)
    const transport = new Transport({ fetch, agent: undefined, timeoutMs: 5000, maxBytes: 1000 })
    t.teardown(() => transport.close())
    await t.rejects(transport.send({ url, headers: {}, signal }), { name: 'Error', kind: 'cut' })
    await transport.send({ url, headers: {}, signal })
    t.equal(requests[1], 'keep-alive')
  }
})

/** Answers a request with a chunked body whose end comes in two packets, or is cut off after `at` bytes; then closes the connection. */
async function serveChunked(t: Test, { at, isCut }: { at: number; isCut: boolean }) {
  const end = '0\r\n\r\n'
  const server = net.createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write(
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n2710\r\n${'x'.repeat(10_000)}\r\n`,
      )
      socket.write(end.slice(0, at))
      void drainEventLoopTurns().then(() => socket.end(isCut ? '' : end.slice(at)))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('a chunked body is complete if its end arrives, also in two packets and before the body is read', async (t) => {
  for (const isCut of [false, true])
    for (let at = 1; at < 5; at++) {
      const url = await serveChunked(t, { at, isCut })
      const agent = new SendTracker().observeAgent(new http.Agent()) as http.Agent
      const { body } = await nodeFetch(url, { agent })
      // the connection closes before the body is read
      await drainEventLoopTurns(1000)
      let bytes = 0
      const reading = (async () => {
        for await (const chunk of body!) bytes += chunk.length
      })()
      if (isCut) await t.rejects(reading, { code: 'ECONNRESET' }, `${at} bytes only`)
      else await reading.then(() => t.equal(bytes, 10_000, `${at} bytes first`))
    }
})

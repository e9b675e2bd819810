// An HTTP proxy on loopback: plain http by absolute URL, https by CONNECT (RFC 9110 section 9.3.6).
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { Certificate } from './certificate.js'

/** How every request and CONNECT is refused: a status, or a function that gets the connection of the client. */
type Refusal = number | ((client: net.Socket) => unknown)

export interface ProxyOptions {
  readonly refusal?: Refusal
  /** The body and headers of a refusal. */
  readonly body?: string
  readonly headers?: Record<string, string>
  /** With a certificate the proxy speaks TLS. */
  readonly certificate?: Certificate
  /** The port on loopback to which every CONNECT is led. @default the requested host and port */
  readonly targetPort?: number
}

export interface TestProxy {
  /** The requests, with their `Proxy-Authorization`. */
  readonly seen: string[]
  readonly port: number
  /** The URL for HTTPS_PROXY, with a user. */
  readonly url: string
  readonly connections: () => number
}

export const PROXY_PASSWORD = 'very-secret'

export async function startProxy(t: Test, options: ProxyOptions = {}): Promise<TestProxy> {
  const { refusal, body = '<p>proxy</p>', headers = {}, certificate, targetPort } = options
  const seen: string[] = []
  const sockets = new Set<net.Socket>()
  let connections = 0
  const server = certificate ? https.createServer(certificate) : http.createServer()
  server.on('request', (request, response) => {
    const authorization = request.headers['proxy-authorization'] ?? ''
    seen.push(`${request.method!} ${new URL(request.url!).pathname} ${authorization}`.trim())
    if (typeof refusal === 'function') {
      refusal(request.socket)
      return
    }
    if (refusal !== undefined) {
      response.writeHead(refusal, headers).end(body)
      return
    }
    const onward = http.request(request.url!, { headers: request.headers, method: request.method }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
  server.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
    seen.push(`CONNECT ${request.url!}`)
    client.on('error', () => undefined)
    if (typeof refusal === 'function') {
      refusal(client)
      return
    }
    if (refusal !== undefined) {
      client.end(formatAnswer(refusal, headers, body))
      return
    }
    const { hostname, port } = new URL(`http://${request.url!}`)
    const host = targetPort === undefined ? hostname : '127.0.0.1'
    const upstream = net.connect({ host, port: targetPort ?? Number(port) })
    upstream.on('error', () => client.destroy())
    upstream.on('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(upstream).pipe(client)
    })
    client.on('close', () => upstream.destroy())
  })
  server.on('connection', (socket: net.Socket) => {
    connections++
    sockets.add(socket)
  })
  server.on('tlsClientError', () => undefined)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  const url = `${certificate ? 'https' : 'http'}://user:${PROXY_PASSWORD}@127.0.0.1:${port}`
  return { seen, port, url, connections: () => connections }
}

function formatAnswer(status: number, headers: Record<string, string>, body: string): string {
  const lines = Object.entries({ ...headers, 'content-length': body.length }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  return `HTTP/1.1 ${status} Refused\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}

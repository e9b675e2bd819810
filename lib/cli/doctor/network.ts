import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { getCertificateRemedy } from '../access/certificate-remedy.js'
import { findProxyVariable } from '../access/proxy.js'
import { CheckFailure } from './finding.js'

export interface ConnectLimits {
  readonly signal: AbortSignal
  /** Milliseconds for a connection, and for an answer. */
  readonly timeoutMs: number
}

export interface Peer {
  /** An http or https URL. */
  readonly url: URL
  /** The environment variable of a proxy; undefined for Optimize. */
  readonly proxyVariable?: string | undefined
}

const getUrlSource = ({ proxyVariable }: Peer) => proxyVariable ?? 'the URL'

export async function resolveHost(peer: Peer): Promise<string[]> {
  const host = removeBrackets(peer.url.hostname)
  try {
    const found = await lookup(host, { all: true })
    return found.map(({ address }) => address)
  } catch (error) {
    const message = `the name ${host} has no IP address (${getErrorCode(error)})`
    throw new CheckFailure(message, `check the host in ${getUrlSource(peer)}`)
  }
}

export interface CertificateInfo {
  readonly protocol: string
  readonly issuer: string
  readonly validTo: Date
}

/**
 * Opens a connection and closes it. Resolves to the facts of the certificate; undefined without TLS. Rejects with a CheckFailure if there
 * is no connection, or if the certificate is not accepted.
 * @param ca certificates to trust instead of Node's own
 */
export async function connect(peer: Peer, limits: ConnectLimits, ca?: string): Promise<CertificateInfo | undefined> {
  const { url } = peer
  const host = removeBrackets(url.hostname)
  const isTls = url.protocol === 'https:'
  const port = getPort(url)
  const socket = isTls
    ? tls.connect({ host, port, ca, ...ACCEPT_ANY_CERTIFICATE, ...(net.isIP(host) ? {} : { servername: host }) })
    : net.connect({ host, port })
  const open = async () => {
    try {
      await waitForConnection(socket, limits)
      return socket instanceof tls.TLSSocket ? readCertificate(socket, host) : undefined
    } catch (error) {
      if (error instanceof CheckFailure) throw error
      limits.signal.throwIfAborted()
      throw createConnectFailure(error, peer)
    }
  }
  return open().finally(() => {
    socket.destroy()
  })
}

/** Lets a check read a certificate that is not accepted, and print its issuer. The connection is closed without a request. */
const ACCEPT_ANY_CERTIFICATE = { rejectUnauthorized: false } as const

/** An agent of https-proxy-agent or http-proxy-agent. */
export type ProxyAgent = http.Agent & { readonly proxy: URL }

/**
 * Does the same as {@link connect}, through a proxy, for an https URL.
 * @param ca certificates to trust instead of Node's own
 */
export async function connectThroughProxy(
  url: URL,
  agent: ProxyAgent,
  limits: ConnectLimits,
  ca?: string,
): Promise<CertificateInfo> {
  const { signal, clear } = withTimeout(limits)
  let status: number | undefined
  // the request is never ended, so the server gets nothing of it
  const request = https.request(url, { agent, ca, signal, ...ACCEPT_ANY_CERTIFICATE })
  const open = async () => {
    try {
      request.once('proxyConnect', (answer: { statusCode: number }) => (status = answer.statusCode))
      const socket = await new Promise<tls.TLSSocket>((resolve, reject) => {
        request.once('socket', resolve).on('error', reject)
      })
      if (status !== TUNNEL_OPEN_STATUS) throw createRefusal(status!, url, agent)
      await waitForConnection(socket, { ...limits, signal })
      return readCertificate(socket, url.hostname)
    } catch (error) {
      if (error instanceof CheckFailure) throw error
      limits.signal.throwIfAborted()
      throw createTunnelFailure(signal.aborted ? createTimeout() : error, url, agent, status === TUNNEL_OPEN_STATUS)
    }
  }
  return open().finally(() => {
    clear()
    request.destroy()
  })
}

/** The only status for which https-proxy-agent uses a tunnel. */
const TUNNEL_OPEN_STATUS = 200

function withTimeout({ signal, timeoutMs }: ConnectLimits): { signal: AbortSignal; clear: () => void } {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), timeoutMs)
  return { signal: AbortSignal.any([signal, timeout.signal]), clear: () => clearTimeout(timer) }
}

const getPort = ({ port, protocol }: URL) => Number(port) || (protocol === 'https:' ? 443 : 80)

const removeBrackets = (host: string) => host.replace(/^\[|\]$/g, '')

function waitForConnection(socket: net.Socket, { signal, timeoutMs }: ConnectLimits): Promise<void> {
  return new Promise((resolve, reject) => {
    // the command may have been stopped during the lookup of the name
    signal.throwIfAborted()
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    socket.setTimeout(timeoutMs, () => reject(createTimeout()))
    socket.once(socket instanceof tls.TLSSocket ? 'secureConnect' : 'connect', resolve).on('error', reject)
  })
}

const createTimeout = () => Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })

function readCertificate(socket: tls.TLSSocket, host: string): CertificateInfo {
  const { issuer, valid_to: validTo } = socket.getPeerCertificate()
  const issuerName = String(issuer.O ?? issuer.CN)
  if (socket.authorized) return { protocol: socket.getProtocol()!, issuer: issuerName, validTo: new Date(validTo) }
  const code = String(socket.authorizationError)
  throw new CheckFailure(
    `the certificate of ${host}, by ${issuerName}, is not accepted (${code})`,
    getCertificateRemedy(code),
  )
}

function createConnectFailure(error: unknown, peer: Peer): CheckFailure {
  const { url, proxyVariable } = peer
  const reason = getErrorCode(error)
  const message = `no connection to ${removeBrackets(url.hostname)}:${getPort(url)} (${reason})`
  if (isTlsProblem(url, reason))
    return new CheckFailure(message, `no TLS at this port: check https and the port in ${getUrlSource(peer)}`)
  if (reason === 'ECONNREFUSED')
    return new CheckFailure(
      message,
      `no program listens there: check the host and the port in ${getUrlSource(peer)}, and that ${proxyVariable === undefined ? 'Optimize' : 'the proxy'} runs`,
    )
  return new CheckFailure(
    message,
    proxyVariable === undefined
      ? 'check the firewall, or set HTTPS_PROXY if this machine needs a proxy'
      : `check the firewall, and the host and the port in ${proxyVariable}`,
  )
}

/** Returns true if the program at the port probably speaks no TLS: it answers with other bytes, or ends the connection. */
const isTlsProblem = ({ protocol }: URL, reason: string) =>
  protocol === 'https:' && /^(?:EPROTO$|ERR_SSL_|ECONNRESET$|EPIPE$)/.test(reason)

const remediesByProxyStatus: Readonly<Record<number, string>> = {
  502: 'the proxy cannot reach the server: check the host and the port of the URL',
  503: 'the proxy cannot reach the server: check the host and the port of the URL',
  504: 'the proxy got no answer from the server: check the host and the port of the URL, and the firewall',
}

const describeProxy = ({ proxy }: ProxyAgent) => `the proxy ${proxy.origin}`

function createRefusal(status: number, url: URL, agent: ProxyAgent): CheckFailure {
  const target = `${url.hostname}:${getPort(url)}`
  const message = `${describeProxy(agent)} refused to connect to ${target} (status ${status})`
  if (status === 407) return new CheckFailure(message, getProxyUserRemedy(agent, url))
  const remedy = `let the proxy allow ${target}, or add the host to NO_PROXY if it needs no proxy`
  return new CheckFailure(message, remediesByProxyStatus[status] ?? remedy)
}

/** Returns what to do about status 407 of the proxy for this URL. */
export function getProxyUserRemedy({ proxy }: ProxyAgent, url: URL): string {
  const variable = findProxyVariable(url.href)
  if (proxy.username === '') return `add a user name and password to ${variable}: http://user:password@host:port`
  return `check the user name and password in ${variable}: the proxy did not accept them`
}

function createTunnelFailure(error: unknown, url: URL, agent: ProxyAgent, isOpen: boolean): CheckFailure {
  const target = `${url.hostname}:${getPort(url)}`
  const reason = getErrorCode(error)
  if (isOpen)
    return new CheckFailure(
      `no TLS with ${target} through ${describeProxy(agent)} (${reason})`,
      isTlsProblem(url, reason)
        ? 'the server does not speak TLS at this port: check https and the port of the URL'
        : 'check the firewall between the proxy and the server',
    )
  return new CheckFailure(
    `${describeProxy(agent)} did not connect to ${target} (${reason})`,
    `check the host and the port of the URL, and that the proxy speaks http or https as ${findProxyVariable(url.href)} says`,
  )
}

export interface FirstAnswer {
  readonly status: number
  /** The header Date; undefined without it. */
  readonly date: Date | undefined
  readonly ms: number
}

export async function requestOnce(
  url: URL,
  agent: ProxyAgent | undefined,
  limits: ConnectLimits,
): Promise<FirstAnswer> {
  const { signal, clear } = withTimeout(limits)
  const started = performance.now()
  const { request } = url.protocol === 'https:' ? https : http
  const open = async () => {
    try {
      const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
        request(url, { agent: agent ?? false, signal }, resolve)
          .once('error', reject)
          .end()
      })
      response.destroy()
      const { date } = response.headers
      return {
        status: response.statusCode!,
        date: date === undefined ? undefined : new Date(date),
        ms: performance.now() - started,
      }
    } catch (error) {
      limits.signal.throwIfAborted()
      const reason = getErrorCode(signal.aborted ? createTimeout() : error)
      throw new CheckFailure(
        `no answer from ${url.host}${agent ? ` through ${describeProxy(agent)}` : ''} (${reason})`,
        url.protocol === 'http:' && reason === 'ECONNRESET'
          ? 'the server ended the connection: check the port of the URL, and whether the server needs https'
          : `check the URL${agent ? ' and the proxy' : ''}, and the log of the server`,
      )
    }
  }
  return open().finally(() => {
    clear()
  })
}

function getErrorCode(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return typeof code === 'string' ? code : String(message)
}

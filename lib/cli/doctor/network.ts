// The network checks of `optimize-export doctor`: from the name of the server to its first answer.
import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { CheckFailure } from './finding.js'

export interface Limits {
  readonly signal: AbortSignal
  /** Milliseconds for a connection, and for an answer. */
  readonly timeoutMs: number
}

/** Returns the IP addresses of a host. */
export async function resolveHost(host: string): Promise<string[]> {
  try {
    const found = await lookup(host, { all: true })
    return found.map(({ address }) => address)
  } catch (error) {
    throw new CheckFailure(`the name ${host} has no IP address (${getCode(error)})`, 'check the host of the URL')
  }
}

export interface CertificateInfo {
  readonly protocol: string
  readonly issuer: string
  readonly validTo: Date
}

/**
 * Opens a connection and closes it. Resolves to the facts of the certificate if it is a TLS connection.
 * @param ca certificates to trust instead of those of Node
 */
export async function connect(url: URL, limits: Limits, ca?: string): Promise<CertificateInfo | undefined> {
  const { signal } = limits
  const host = removeBrackets(url.hostname)
  const isTls = url.protocol === 'https:'
  const port = Number(url.port) || (isTls ? 443 : 80)
  const socket = isTls
    ? tls.connect({ host, port, ca, ...(net.isIP(host) ? {} : { servername: host }) })
    : net.connect({ host, port })
  try {
    await waitForConnection(socket, isTls ? 'secureConnect' : 'connect', limits)
  } catch (error) {
    socket.destroy()
    signal.throwIfAborted()
    throw createConnectFailure(error, host, port)
  }
  const certificate = socket instanceof tls.TLSSocket ? readCertificate(socket) : undefined
  socket.destroy()
  return certificate
}

export const removeBrackets = (host: string) => host.replace(/^\[|\]$/g, '')

function waitForConnection(socket: net.Socket, event: string, { signal, timeoutMs }: Limits): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    socket.setTimeout(timeoutMs, () => reject(createTimeout()))
    socket.once(event, resolve).once('error', reject)
  })
}

const createTimeout = () => Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })

function readCertificate(socket: tls.TLSSocket): CertificateInfo {
  const { issuer, valid_to: validTo } = socket.getPeerCertificate()
  return { protocol: socket.getProtocol()!, issuer: String(issuer.O ?? issuer.CN), validTo: new Date(validTo) }
}

/** Codes of OpenSSL and Node for a certificate that is not trusted. Source: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const certificateRemedies: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the server needs a new certificate; check the clock of this machine too',
  CERT_NOT_YET_VALID: 'check the clock of this machine',
  ERR_TLS_CERT_ALTNAME_INVALID: 'use the host name that the certificate is for',
}

const UNTRUSTED_REMEDY =
  'set NODE_EXTRA_CA_CERTS to a PEM file with the certificate of the authority that signed it, before Node starts'

function createConnectFailure(error: unknown, host: string, port: number): CheckFailure {
  const code = getCode(error)
  if (code in certificateRemedies || /CERT|SIGNATURE|ISSUER/.test(code))
    return new CheckFailure(
      `the certificate of ${host} is not accepted (${code})`,
      certificateRemedies[code] ?? UNTRUSTED_REMEDY,
    )
  const remedy =
    code === 'ECONNREFUSED'
      ? 'no program listens there: check the port, and that Optimize runs'
      : /^EPROTO|^ERR_SSL/.test(code)
        ? 'the server does not speak TLS at this port: check https and the port of the URL'
        : 'check the firewall, or set HTTPS_PROXY if this machine needs a proxy'
  return new CheckFailure(`no connection to ${host}:${port} (${code})`, remedy)
}

export interface FirstAnswer {
  readonly status: number
  /** The time of the server, in whole seconds; undefined if its answer has none. */
  readonly date: Date | undefined
  readonly ms: number
}

/** GETs a URL without a token. */
export async function requestOnce(url: URL, agent: object | undefined, limits: Limits): Promise<FirstAnswer> {
  const { signal, timeoutMs } = limits
  const started = performance.now()
  const { request } = url.protocol === 'https:' ? https : http
  try {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const options = { agent: (agent as http.Agent | undefined) ?? false, signal, timeout: timeoutMs }
      const sent = request(url, options, resolve).once('error', reject)
      sent.once('timeout', () => sent.destroy(createTimeout()))
      sent.end()
    })
    response.destroy()
    const { date } = response.headers
    return {
      status: response.statusCode!,
      date: date === undefined ? undefined : new Date(date),
      ms: performance.now() - started,
    }
  } catch (error) {
    signal.throwIfAborted()
    throw new CheckFailure(`no answer from ${url.host} (${getCode(error)})`, 'check the proxy and the address')
  }
}

const getCode = (error: unknown) => String((error as { code?: unknown }).code)

// The reasons why a request has no complete answer. failure.ts decides the consequence for the cursor.
import { isCertificateCode } from '../shared/certificate-error.js'

/**
 * `connect`: no byte of the request was written. `cut`: the answer is missing or not complete, and the server may have acted.
 * `connectTimeout` and `timeout`: the same two cases, when the time limit was over. `certificate`: a certificate was not
 * accepted. `agent`: the agent is not for the protocol of the URL. `proxy`: the proxy refused to connect to the server. `size`: the body is
 * too large. `redirect`: a redirect was refused.
 */
export type SendFailureKind =
  'connect' | 'connectTimeout' | 'cut' | 'timeout' | 'certificate' | 'agent' | 'proxy' | 'size' | 'redirect'

export class SendFailure extends Error {
  readonly kind: SendFailureKind
  readonly refusal: ProxyRefusal | undefined
  isThroughProxy = false

  constructor(kind: SendFailureKind, message: string, cause?: unknown, refusal?: ProxyRefusal) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.refusal = refusal
  }
}

/** The answer of a proxy to CONNECT, other than 200. */
export interface ProxyRefusal {
  readonly status: number
  readonly retryAfter: string | null
}

/**
 * Returns the failure for an error that a fetch function threw.
 *
 * @param isUnsent true if no byte of the request can have been written
 * @param proxySuffix the result of {@link describeProxy}
 * @param isTunnelOpen false if the proxy had not connected to the server
 */
export function toSendFailure(error: unknown, isUnsent = false, proxySuffix = '', isTunnelOpen = true): SendFailure {
  const code = findErrorCode(error)
  const reason = code ?? (error instanceof Error ? error.name : typeof error)
  const isAtProxy = proxySuffix !== '' && !isTunnelOpen
  const place = isAtProxy ? proxySuffix.replace('through', 'to') : proxySuffix
  if (code !== undefined && isCertificateCode(code)) {
    const owner = isAtProxy ? 'its certificate' : 'the certificate of the server'
    return new SendFailure('certificate', `could not connect${place}: ${owner} is not accepted (${code})`, error)
  }
  // Node.js checks this before it connects
  if (code === 'ERR_INVALID_PROTOCOL')
    return new SendFailure('agent', `the option agent is not for the protocol of the URL (${code})`, error)
  if (!isUnsent) {
    const isNotHttp = code !== undefined && notHttpPattern.test(code)
    const text = isNotHttp ? `the answer${proxySuffix} is not valid HTTP` : `the connection${proxySuffix} broke`
    return new SendFailure('cut', `${text} (${reason})`, error)
  }
  // the agent throws an error without a code if the connection ends before the answer to CONNECT
  const message =
    isAtProxy && code === undefined
      ? `could not connect${proxySuffix}: it gave no valid answer to CONNECT`
      : `could not connect${place} (${reason})`
  return new SendFailure('connect', message, error)
}

/** The codes of the HTTP parser of Node.js, except those for an answer that ends early and for headers that are too large. */
const notHttpPattern = /^HPE_(?!INVALID_EOF_STATE|HEADER_OVERFLOW)/

/** The codes for invalid bytes in a compressed body: zlib, Brotli, zstd. `Z_BUF_ERROR` means that the body ends early. */
const invalidCompressionPattern =
  /^(?:Z_(?:DATA_ERROR|STREAM_ERROR|NEED_DICT)$|ERR_(?:_|BROTLI_DECODER_)ERROR_|ZSTD_error_)/

/** Returns the code of an error that means that a compressed body is not valid. */
export function findCompressionCode(error: unknown): string | undefined {
  const code = findErrorCode(error)
  return code !== undefined && invalidCompressionPattern.test(code) ? code : undefined
}

export function createConnectRefusal(refusal: ProxyRefusal, proxySuffix: string): SendFailure {
  const message = `could not connect${proxySuffix}: it refused with status ${refusal.status}`
  return new SendFailure('proxy', message, undefined, refusal)
}

export function createTimeoutFailure(ms: number, isUnsent = false, proxySuffix = ''): SendFailure {
  return isUnsent
    ? new SendFailure('connectTimeout', `could not connect${proxySuffix} within ${ms} ms`)
    : new SendFailure('timeout', `no complete answer${proxySuffix} within ${ms} ms`)
}

/** Returns ` through the proxy http://host:port`, without user and password, or `''` if the agent names no proxy. */
export function describeProxy(agent: unknown): string {
  const { proxy } = (agent ?? {}) as { proxy?: unknown }
  return proxy instanceof URL ? ` through the proxy ${proxy.origin}` : ''
}

const connectSyscalls = ['connect', 'getaddrinfo']

/**
 * Returns whether an error can only happen before a request is written, for a fetch function whose connection is not visible.
 * This is so for a failed `connect` or DNS lookup, and for an aggregate of these errors, which Node throws if a name has
 * several addresses. A code alone, such as EPROTO, ENETUNREACH or a certificate error, proves nothing.
 */
export function isConnectError(error: unknown): boolean {
  const found = listCauses(error).find((cause) => 'code' in cause || 'syscall' in cause || 'erroredSysCall' in cause)
  const { code, syscall, erroredSysCall, errors } = (found ?? {}) as Record<string, unknown>
  if (Array.isArray(errors) && errors.length > 0) return errors.every((each) => isConnectError(each))
  // undici's own limit for opening a connection
  return code === 'UND_ERR_CONNECT_TIMEOUT' || connectSyscalls.includes(String(syscall ?? erroredSysCall))
}

/** Returns the first code of the error and its causes, because undici puts the code on a cause. */
function findErrorCode(error: unknown): string | undefined {
  return listCauses(error)
    .map((cause) => (cause as { code?: unknown }).code)
    .find((code) => typeof code === 'string' && code !== '') as string | undefined
}

/** Returns the error and its causes, at most 5, because causes may form a cycle. */
function listCauses(error: unknown): Error[] {
  const causes: Error[] = []
  for (let next = error; next instanceof Error && causes.length < 5; next = next.cause) causes.push(next)
  return causes
}

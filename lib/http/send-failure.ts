// The reasons why a request has no complete answer. The consequence for the cursor is decided in failure.ts.

/**
 * `connect`: no byte of the request was written. `cut`: the connection broke later, and the server may have acted.
 * `connectTimeout` and `timeout`: the same two cases, when the time limit was over. `size`: the body is too large.
 * `redirect`: a redirect was refused.
 */
export type SendFailureKind = 'connect' | 'connectTimeout' | 'cut' | 'timeout' | 'size' | 'redirect'

export class SendFailure extends Error {
  readonly kind: SendFailureKind

  constructor(kind: SendFailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
  }
}

/** Returns the failure for an error that a fetch function threw. `proxySuffix` is the result of {@link describeProxy}. */
export function toSendFailure(error: unknown, isUnsent = false, proxySuffix = ''): SendFailure {
  const reason = findErrorCode(error) ?? (error instanceof Error ? error.name : typeof error)
  return isUnsent
    ? new SendFailure('connect', `could not connect${proxySuffix} (${reason})`, error)
    : new SendFailure('cut', `the connection${proxySuffix} broke (${reason})`, error)
}

/** Returns the failure of a request whose time limit is over. */
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

/** System calls that run before a connection exists. */
const connectSyscalls = ['connect', 'getaddrinfo']

/**
 * Returns whether an error can only happen before a request is written, for a fetch function whose connection is not visible.
 * This is so for a failed `connect` or DNS lookup, and for an aggregate of such errors, which Node throws if a name has
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

// Why a request has no whole answer. What that means for the cursor is decided in failure.ts.

/**
 * `connect`: no byte of the request was written. `cut`: the connection broke later, and the server may have acted.
 * `connectTimeout` and `timeout`: the same two, when the time was over.
 */
export type SendFailureKind = 'connect' | 'connectTimeout' | 'cut' | 'timeout' | 'size' | 'redirect'

export class SendFailure extends Error {
  readonly kind: SendFailureKind

  constructor(kind: SendFailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
  }
}

/** The failure for an error that a fetch function threw. `via` is the result of {@link describeProxy}. */
export function toSendFailure(error: unknown, isUnsent = false, proxySuffix = ''): SendFailure {
  const reason = findErrorCode(error) ?? (error instanceof Error ? error.name : typeof error)
  return isUnsent
    ? new SendFailure('connect', `could not connect${proxySuffix} (${reason})`, error)
    : new SendFailure('cut', `the connection${proxySuffix} broke (${reason})`, error)
}

/** The failure of a request whose time is over. */
export function createTimeoutFailure(ms: number, isUnsent = false, proxySuffix = ''): SendFailure {
  return isUnsent
    ? new SendFailure('connectTimeout', `could not connect${proxySuffix} within ${ms} ms`)
    : new SendFailure('timeout', `no complete answer${proxySuffix} within ${ms} ms`)
}

/** ` through the proxy http://host:port` for the agents that name their proxy; never its user or password. */
export function describeProxy(agent: unknown): string {
  const { proxy } = (agent ?? {}) as { proxy?: unknown }
  return proxy instanceof URL ? ` through the proxy ${proxy.origin}` : ''
}

/** System calls that come before a connection exists. */
const connectSyscalls = ['connect', 'getaddrinfo']

/**
 * Whether an error can only happen before a request is written, for a fetch function whose connection is unknown: a
 * failed `connect` or look-up of the name, or an aggregate of such errors, which Node throws when a name has several
 * addresses. A code alone, such as EPROTO, ENETUNREACH or that of a certificate, proves nothing.
 */
export function isConnectError(error: unknown): boolean {
  const found = listCauses(error).find((cause) => 'code' in cause || 'syscall' in cause || 'erroredSysCall' in cause)
  const { code, syscall, erroredSysCall, errors } = (found ?? {}) as Record<string, unknown>
  if (Array.isArray(errors) && errors.length > 0) return errors.every((part) => isConnectError(part))
  // undici's own limit for opening a connection
  return code === 'UND_ERR_CONNECT_TIMEOUT' || connectSyscalls.includes(String(syscall ?? erroredSysCall))
}

/** The first code down the causes: undici has it in a cause. */
function findErrorCode(error: unknown): string | undefined {
  return listCauses(error)
    .map((cause) => (cause as { code?: unknown }).code)
    .find((code) => typeof code === 'string' && code !== '') as string | undefined
}

/** The error and its causes, at most 5: they may form a circle. */
function listCauses(error: unknown): Error[] {
  const causes: Error[] = []
  for (let at = error; at instanceof Error && causes.length < 5; at = at.cause) causes.push(at)
  return causes
}

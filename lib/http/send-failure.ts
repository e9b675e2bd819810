// Why a request has no whole answer. What that means for the cursor is decided in failure.ts.

/** `connect`: it never reached the server. `cut`: the connection broke later, and the server may have acted. */
export type SendFailureKind = 'connect' | 'cut' | 'timeout' | 'size' | 'redirect'

export class SendFailure extends Error {
  readonly kind: SendFailureKind

  constructor(kind: SendFailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
  }
}

const neverConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EPROTO',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** TLS: the certificate codes of OpenSSL and Node's own; no request is sent before the handshake is done. */
const handshake = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/

/** The failure behind what a fetch function threw; undici hides the code in a cause. */
export function sendFailureOf(error: unknown, arrived = false): SendFailure {
  const { code, connecting } = systemError(error)
  const before = neverConnected.has(code) || handshake.test(code) || (code === 'ETIMEDOUT' && connecting)
  const connect = before && !arrived
  const reason = code || (error instanceof Error ? error.name : typeof error)
  return new SendFailure(
    connect ? 'connect' : 'cut',
    connect ? `could not connect (${reason})` : `the connection broke (${reason})`,
    error,
  )
}

function systemError(error: unknown): { code: string; connecting: boolean } {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code, syscall, erroredSysCall } = at as { code?: unknown; syscall?: unknown; erroredSysCall?: unknown }
    if (typeof code === 'string') return { code, connecting: syscall === 'connect' || erroredSysCall === 'connect' }
  }
  return { code: '', connecting: false }
}

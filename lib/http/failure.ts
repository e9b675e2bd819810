// Decides the consequence of an answer with an error, and of a request without a usable answer. The pagination has failures of its own
// (consistency-checker.ts, keep-alive-refusal.ts), and so have tokens (token/).
// A request with a cursor must not be repeated if the cursor may have moved: the repeated request would skip a page, with status 200
// (docs/server.md 3.3).
import { isTemporaryStatus, type ExportErrorCode } from '../shared/errors.js'
import { parseJson } from '../shared/json/json.js'
import { parseRetryAfter } from './retry.js'
import { SendFailure, type ProxyRefusal, type SendFailureKind } from './send-failure.js'
import type { HttpResponse } from './transport.js'

/**
 * `safe`: the request may be repeated. `refresh`: it may be repeated with a new token (docs/server.md 2.5). `ambiguous`: the search cannot
 * continue safely, for example because its cursor may have moved, but a new search may succeed. `expired`: the search context is gone.
 * `final`: a repeated request would fail in the same way.
 */
export type FailureCategory = 'safe' | 'refresh' | 'ambiguous' | 'expired' | 'final'

export class RequestFailure extends Error {
  readonly category: FailureCategory
  readonly code: ExportErrorCode
  readonly status: number | undefined
  readonly detail: string | undefined
  /** The wait that the server asks for, in milliseconds; 0 if it asks for none. */
  readonly retryAfterMs: number = 0
  /** The shortest wait before a new search, in milliseconds, even if the server asks for no wait. */
  readonly pauseMs: number = 0
  /** True if a function of the caller threw the cause. The caller gets the same object, not a redacted copy. */
  readonly isCallerCause: boolean = false
  /** True if most likely a proxy gave the answer, not the server. */
  readonly isFromProxy: boolean = false
  /** True if the request went through a proxy, which may be the reason for the failure. */
  readonly isThroughProxy: boolean = false
  /** The number of attempts. The repetition with a new token does not count. */
  attempts = 1
  /** The longest wait after which the request would have been repeated, in milliseconds. */
  maxRetryAfterMs = Infinity

  constructor(
    category: FailureCategory,
    code: ExportErrorCode,
    message: string,
    {
      cause,
      ...rest
    }: Partial<Omit<RequestFailure, keyof Error | 'category' | 'code' | 'attempts' | 'maxRetryAfterMs'>> & {
      cause?: unknown
    } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.category = category
    this.code = code
    Object.assign(this, rest)
  }
}

/** An answer with status 200 whose body cannot be used. */
export class BodyFailure extends Error {
  /**
   * True: the body is truncated, cannot be decompressed or parsed, or has another number of records than it announces. The failure
   * then has the category of a broken connection. False: the body is JSON of the wrong structure, or its content type is not JSON.
   */
  readonly isBroken: boolean

  constructor(message: string, isBroken: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.isBroken = isBroken
  }
}

export function parseJsonBody(body: Buffer): unknown {
  try {
    return parseJson(body)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG')
      throw new BodyFailure(`the body has ${body.length} bytes, more than Node.js can parse; lower limit`, false, error)
    throw new BodyFailure(`the body is not valid JSON (${body.length} bytes, possibly truncated)`, true, error)
  }
}

/** A rule without a `status` applies to every status, a rule without a `textPattern` to every text. */
interface ResponseRule {
  readonly status?: (status: number) => boolean
  /** Tested on the error code and the detail of {@link parseErrorBody}, with a blank between them. */
  readonly textPattern?: RegExp
  readonly isProxyOnly?: true
  readonly category: FailureCategory
  /** The category for a request with a cursor, if it differs. */
  readonly categoryWithCursor?: FailureCategory
  readonly code: ExportErrorCode
  readonly message: string
}

const matchStatus =
  (...statuses: number[]) =>
  (status: number) =>
    statuses.includes(status)

/**
 * The first rule that matches decides. The status alone is not enough, because Optimize 8.7 and later answer 500 for an
 * unknown report, a combined report and an expired cursor; only the text differs (docs/server.md 7.2, 7.3, 7.6, 7.8).
 */
const responseRules: readonly ResponseRule[] = [
  { status: matchStatus(401), category: 'refresh', code: 'ERR_AUTH', message: 'the token was refused' },
  {
    status: matchStatus(403),
    isProxyOnly: true,
    category: 'final',
    code: 'ERR_HTTP',
    message: 'refused; the answer is not JSON, so it is most likely from the proxy',
  },
  {
    status: matchStatus(407),
    category: 'final',
    code: 'ERR_HTTP',
    message: 'the proxy did not accept the user name and password, or got none',
  },
  { status: matchStatus(403), category: 'final', code: 'ERR_AUTH', message: 'the token does not allow this' },
  {
    textPattern: /search_context_missing|No search context found/i,
    category: 'safe',
    categoryWithCursor: 'expired',
    code: 'ERR_CURSOR_EXPIRED',
    message: 'the search context is gone',
  },
  {
    textPattern: /Was not able to retrieve report|Report does not exist/i,
    category: 'final',
    code: 'ERR_REPORT_NOT_FOUND',
    message: 'the report does not exist',
  },
  {
    textPattern: /Combined reports cannot be exported/i,
    category: 'final',
    code: 'ERR_REPORT_NOT_EXPORTABLE',
    message: 'a combined report cannot be exported',
  },
  {
    textPattern: /\b(?:definitionKey|definitionVersions|definition|view)\b.* is not allowed to be (?:null|empty)/i,
    category: 'final',
    code: 'ERR_REPORT_NOT_EXPORTABLE',
    message: 'the report is not finished: it has no definition or no view',
  },
  {
    status: matchStatus(400),
    textPattern: /reportEvaluationError/,
    category: 'final',
    code: 'ERR_REPORT_NOT_EXPORTABLE',
    message: 'the report cannot be evaluated',
  },
  {
    status: matchStatus(404),
    category: 'final',
    code: 'ERR_REPORT_NOT_FOUND',
    message: 'the report does not exist, or baseUrl does not point to Optimize',
  },
  {
    textPattern: /Validation failed for argument/i,
    category: 'final',
    code: 'ERR_HTTP',
    message: 'the server refused the request',
  },
  { status: matchStatus(429), category: 'safe', code: 'ERR_HTTP', message: 'too many requests' },
  {
    status: matchStatus(501, 505),
    category: 'final',
    code: 'ERR_HTTP',
    message: 'the server does not support this request',
  },
  {
    status: isTemporaryStatus,
    category: 'safe',
    categoryWithCursor: 'ambiguous',
    code: 'ERR_HTTP',
    message: 'the server failed',
  },
  {
    status: matchStatus(413, 414, 431),
    category: 'final',
    code: 'ERR_HTTP',
    message: 'the request is too large for the server, most likely its cursor',
  },
  { status: (status) => status >= 400, category: 'final', code: 'ERR_HTTP', message: 'the server refused the request' },
  { category: 'final', code: 'ERR_RESPONSE', message: 'expected status 200' },
]

/** Added to the message of a 401 for a request without a cursor, if the token is a string, which cannot be renewed (docs/server.md 2.7). */
const STATIC_TOKEN_HINT =
  '. Optimize 8.10 and later accept only OIDC tokens by default: use clientCredentials(), or on the command line ' +
  'OPTIMIZE_CLIENT_ID, OPTIMIZE_CLIENT_SECRET and OPTIMIZE_TOKEN_URL'

/** Added instead for a request with a cursor, because the server has then accepted the same string before. */
const EXPIRED_TOKEN_HINT =
  '. It was accepted before, so it has probably expired: use clientCredentials() or a function, or on the command line ' +
  '--token-file or OPTIMIZE_CLIENT_ID, OPTIMIZE_CLIENT_SECRET and OPTIMIZE_TOKEN_URL'

export function classifyResponse(response: HttpResponse, hasCursor: boolean, hasStaticToken = false): RequestFailure {
  const { status, proxySuffix } = response
  const { errorCode, detail } = parseErrorBody(response)
  const isFromProxy = isProxyAnswer(response)
  const rule = responseRules.find(
    (known) =>
      (known.status?.(status) ?? true) &&
      (known.textPattern?.test(`${errorCode} ${detail}`) ?? true) &&
      (isFromProxy || known.isProxyOnly === undefined),
  )!
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'))
  const hint = status === 401 && hasStaticToken ? (hasCursor ? EXPIRED_TOKEN_HINT : STATIC_TOKEN_HINT) : ''
  const message = `${rule.message}, got status ${status}${proxySuffix}${hint}`
  const rest = { status, retryAfterMs, isFromProxy, isThroughProxy: proxySuffix !== '', detail: detail || undefined }
  const category = (hasCursor ? rule.categoryWithCursor : undefined) ?? rule.category
  return new RequestFailure(category, rule.code, message, rest)
}

/**
 * Returns whether most likely a proxy sent the answer. Status 407 is for proxies only (RFC 9110 section 15.5.8). The body of a proxy that
 * forbids a request is a page or a text; Optimize and token endpoints send JSON or no body (docs/server.md 2.4, 7.10, 7.12).
 */
const isProxyAnswer = ({ status, proxySuffix, body }: HttpResponse) =>
  status === 407 || (status === 403 && proxySuffix !== '' && /^\s*[^\s{]/.test(body.toString('utf8')))

/**
 * Returns the error code and the detail in a JSON body, which may be cut off (docs/server.md 7.10, 7.11). A body of plain text is the
 * detail. Any other body gives two empty texts.
 */
function parseErrorBody({ body, headers }: HttpResponse): { errorCode: string; detail: string } {
  const text = body.toString('utf8')
  const field = (name: string) => unquote(new RegExp(`"${name}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")`).exec(text)?.[1])
  const plain = /^text\/plain/i.test(headers.get('content-type') ?? '') ? text.trim() : ''
  return {
    errorCode: field('errorCode'),
    detail: field('detailedMessage') || field('error_description') || field('message') || plain,
  }
}

function unquote(literal: string | undefined): string {
  try {
    return literal === undefined ? '' : String(JSON.parse(literal))
  } catch {
    return ''
  }
}

/** Returns the failure for a request without a usable answer. Throws `error` itself if it is not a failure of a request. */
export function classifyRequestError(error: unknown, hasCursor: boolean): RequestFailure {
  const categoryIfSent: FailureCategory = hasCursor ? 'ambiguous' : 'safe'
  if (error instanceof BodyFailure) {
    const category = error.isBroken || hasCursor ? categoryIfSent : 'final'
    return new RequestFailure(category, 'ERR_RESPONSE', error.message, { status: 200, cause: error.cause })
  }
  if (!(error instanceof SendFailure)) throw error
  const { kind, message, cause, refusal, isThroughProxy } = error
  if (kind === 'proxy') return createProxyFailure(message, refusal!)
  const [code, category] = sendFailureRules[kind]
  const rest = { cause, isThroughProxy }
  return new RequestFailure(category === 'unknown' ? categoryIfSent : category, code, message, rest)
}

/** Returns the failure for a request for which a proxy refused to connect. Even with a cursor it may be `safe`: the server got nothing. */
function createProxyFailure(message: string, { status, retryAfter }: ProxyRefusal): RequestFailure {
  const category = isTemporaryStatus(status) ? 'safe' : 'final'
  const rest = { status, retryAfterMs: parseRetryAfter(retryAfter), isFromProxy: true, isThroughProxy: true }
  return new RequestFailure(category, 'ERR_HTTP', message, rest)
}

/**
 * The code and the category for each kind. `unknown`: the server may have handled the request, so the category is `ambiguous` with a
 * cursor, `safe` without.
 */
const sendFailureRules = {
  connect: ['ERR_NETWORK', 'safe'],
  connectTimeout: ['ERR_TIMEOUT', 'safe'],
  cut: ['ERR_NETWORK', 'unknown'],
  timeout: ['ERR_TIMEOUT', 'unknown'],
  certificate: ['ERR_NETWORK', 'final'],
  agent: ['ERR_NETWORK', 'final'],
  size: ['ERR_RESPONSE', 'final'],
  redirect: ['ERR_RESPONSE', 'final'],
} as const satisfies Record<Exclude<SendFailureKind, 'proxy'>, readonly [ExportErrorCode, FailureCategory | 'unknown']>

// Decides what a failed request means. No other file does. A request with a cursor is not repeatable: the scroll behind
// it may have moved, and asking again would skip a page with status 200 (elastic/elasticsearch#26433).
import type { ExportErrorCode } from '../errors.js'
import { retryAfter } from './retry.js'
import { SendFailure, type SendFailureKind } from './send-failure.js'
import type { Answer } from './transport.js'

/**
 * `safe`: repeat it. `refresh`: ask for a new token, then repeat it. `ambiguous`: the cursor may have moved.
 * `expired`: the search context is gone. `final`: it will not get better.
 */
export type Meaning = 'safe' | 'refresh' | 'ambiguous' | 'expired' | 'final'

/** A request that failed, and what that means. */
export class RequestFailure extends Error {
  readonly meaning: Meaning
  readonly code: ExportErrorCode
  readonly status: number | undefined
  readonly detail: string | undefined
  readonly retryAfterMs: number
  /** The cause was thrown by a function of the caller. The caller gets that very object, not a masked copy. */
  readonly isForeignCause: boolean
  /** How often the request was sent, token renewals aside. */
  attempts = 1

  constructor(
    meaning: Meaning,
    code: ExportErrorCode,
    message: string,
    rest: { status?: number; detail?: string; retryAfterMs?: number; cause?: unknown; isForeignCause?: boolean } = {},
  ) {
    super(message, rest.cause === undefined ? undefined : { cause: rest.cause })
    this.meaning = meaning
    this.code = code
    this.status = rest.status
    this.detail = rest.detail
    this.retryAfterMs = rest.retryAfterMs ?? 0
    this.isForeignCause = rest.isForeignCause ?? false
  }
}

/** A successful answer whose body cannot be used. */
export class BodyFailure extends Error {
  /** The text ends early or is no JSON: as a cut connection; otherwise it is JSON of another shape. */
  readonly unreadable: boolean

  constructor(message: string, unreadable: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.unreadable = unreadable
  }
}

interface Row {
  readonly status: (status: number) => boolean
  /** Matches `errorCode` or `detailedMessage`; absent: they do not matter. */
  readonly says?: RegExp
  readonly first: Meaning
  readonly cursor: Meaning
  readonly code: ExportErrorCode
  readonly message: string
}

const anyStatus = () => true
const is =
  (...statuses: number[]) =>
  (status: number) =>
    statuses.includes(status)

/**
 * The first row that fits decides. Statuses alone do not: Optimize 8.7 and later answer 500 for an unknown report, a
 * combined one and an expired cursor, and only the text tells (PublicApiRestService wraps every exception).
 */
const answers: readonly Row[] = [
  { status: is(401), first: 'refresh', cursor: 'refresh', code: 'ERR_AUTH', message: 'the token was refused' },
  { status: is(403), first: 'final', cursor: 'final', code: 'ERR_AUTH', message: 'the token does not allow this' },
  {
    status: anyStatus,
    says: /search_context_missing|No search context found/i,
    first: 'safe',
    cursor: 'expired',
    code: 'ERR_CURSOR_EXPIRED',
    message: 'the search context is gone',
  },
  {
    status: anyStatus,
    says: /Was not able to retrieve report|Report does not exist/i,
    first: 'final',
    cursor: 'final',
    code: 'ERR_REPORT_NOT_FOUND',
    message: 'the report does not exist',
  },
  {
    status: anyStatus,
    says: /Combined reports cannot be exported/i,
    first: 'final',
    cursor: 'final',
    code: 'ERR_REPORT_NOT_EXPORTABLE',
    message: 'a combined report cannot be exported',
  },
  {
    status: anyStatus,
    says: /\b(?:definitionKey|definitionVersions|definition|view)\b.* is not allowed to be (?:null|empty)/i,
    first: 'final',
    cursor: 'final',
    code: 'ERR_REPORT_NOT_EXPORTABLE',
    message: 'the report is not complete',
  },
  {
    status: is(400),
    says: /reportEvaluationError/,
    first: 'final',
    cursor: 'final',
    code: 'ERR_REPORT_NOT_EXPORTABLE',
    message: 'the report cannot be evaluated',
  },
  {
    status: is(404),
    first: 'final',
    cursor: 'final',
    code: 'ERR_REPORT_NOT_FOUND',
    message: 'the report does not exist, or baseUrl is not where Optimize is',
  },
  {
    status: anyStatus,
    says: /Validation failed for argument/i,
    first: 'final',
    cursor: 'final',
    code: 'ERR_HTTP',
    message: 'the server refused the request',
  },
  { status: is(429), first: 'safe', cursor: 'safe', code: 'ERR_HTTP', message: 'too many requests' },
  { status: is(501, 505), first: 'final', cursor: 'final', code: 'ERR_HTTP', message: 'the server cannot do this' },
  {
    status: (status) => status === 408 || status >= 500,
    first: 'safe',
    cursor: 'ambiguous',
    code: 'ERR_HTTP',
    message: 'the server failed',
  },
  {
    status: is(413, 414, 431),
    first: 'final',
    cursor: 'final',
    code: 'ERR_HTTP',
    message: 'the request is too large for the server, most likely its cursor',
  },
  {
    status: (status) => status >= 400,
    first: 'final',
    cursor: 'final',
    code: 'ERR_HTTP',
    message: 'the server refused the request',
  },
  { status: anyStatus, first: 'final', cursor: 'final', code: 'ERR_RESPONSE', message: 'expected status 200' },
]

/** For a token that is a string: no function can get a new one. Source: camunda/camunda-docs pull request 10016. */
const STATIC_TOKEN =
  '. Optimize 8.10 and later accept only OIDC tokens by default: use clientCredentials(), or on the command line ' +
  'OPTIMIZE_CLIENT_ID, OPTIMIZE_CLIENT_SECRET and OPTIMIZE_TOKEN_URL'

/** The failure behind an answer other than 200. */
export function failureOfAnswer(answer: Answer, hasCursor: boolean, hasStaticToken = false): RequestFailure {
  const { status, via } = answer
  const { errorCode, detail } = errorBody(answer)
  const row = answers.find((known) => known.status(status) && (known.says?.test(`${errorCode} ${detail}`) ?? true))!
  const retryAfterMs = retryAfter(answer.headers.get('retry-after'))
  const hint = status === 401 && hasStaticToken ? STATIC_TOKEN : ''
  const message = `${row.message}, got status ${status}${via}${hint}`
  const rest = { status, retryAfterMs, ...(detail ? { detail } : {}) }
  return new RequestFailure(hasCursor ? row.cursor : row.first, row.code, message, rest)
}

/** The texts in an error body: of JSON in Optimize's shape, plain text, else `''`; proxies send HTML, Spring an empty body. */
function errorBody({ body, headers }: Answer): { errorCode: string; detail: string } {
  const text = body.toString('utf8')
  const field = (name: string) => unquoted(new RegExp(`"${name}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")`).exec(text)?.[1])
  const plain = /^text\/plain/i.test(headers.get('content-type') ?? '') ? text.trim() : ''
  return {
    errorCode: field('errorCode'),
    detail: field('detailedMessage') || field('error_description') || field('message') || plain,
  }
}

function unquoted(literal: string | undefined): string {
  try {
    return literal === undefined ? '' : String(JSON.parse(literal))
  } catch {
    return ''
  }
}

/** The failure behind a request without a usable answer. */
export function failureOfSending(error: unknown, hasCursor: boolean): RequestFailure {
  const unknown: Meaning = hasCursor ? 'ambiguous' : 'safe'
  if (error instanceof BodyFailure) {
    return new RequestFailure(error.unreadable || hasCursor ? unknown : 'final', 'ERR_RESPONSE', error.message, {
      status: 200,
      cause: error.cause,
    })
  }
  if (!(error instanceof SendFailure)) throw error
  const [code, meaning] = unanswered[error.kind]
  return new RequestFailure(meaning === 'unknown' ? unknown : meaning, code, error.message, { cause: error.cause })
}

/** `unknown`: the server may have acted. */
const unanswered: Readonly<Record<SendFailureKind, readonly [ExportErrorCode, 'safe' | 'unknown' | 'final']>> = {
  connect: ['ERR_NETWORK', 'safe'],
  connectTimeout: ['ERR_TIMEOUT', 'safe'],
  cut: ['ERR_NETWORK', 'unknown'],
  timeout: ['ERR_TIMEOUT', 'unknown'],
  size: ['ERR_RESPONSE', 'final'],
  redirect: ['ERR_RESPONSE', 'final'],
}

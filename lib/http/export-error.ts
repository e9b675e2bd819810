// A failed request as the user sees it: masked, with what is known around it.
import { ExportError, type ExportErrorContext } from '../shared/errors.js'
import type { RequestFailure } from './failure.js'
import { MAX_RETRY_AFTER_MS } from './retry.js'
import type { Redactor } from './redactor.js'

/** Cut after masking: of a secret cut in two nothing would be found. */
const MAX_DETAIL_CHARACTERS = 500
const DETAIL_CHARACTERS_IN_MESSAGE = 200

/** The error of a failure; `where` opens its message, `context` adds to or replaces what the failure knows. */
export function toExportError(
  failure: RequestFailure,
  where: string,
  redactor: Redactor,
  context: ExportErrorContext & { code?: ExportError['code']; message?: string } = {},
): ExportError {
  const { code = failure.code, message = failure.message, cause = failure.cause, ...rest } = context
  const { status } = failure
  const detail = failure.detail === undefined ? undefined : redactor.redact(failure.detail)
  const isCallerCause = failure.isCallerCause && cause === failure.cause
  const text = redactor.redact(`${where}: ${message}${effortOf(failure)}`)
  return new ExportError(code, failure.code === 'ERR_HTTP' ? `${text}${quoted(detail)}` : text, {
    status,
    detail: detail?.slice(0, MAX_DETAIL_CHARACTERS),
    ...rest,
    cause: isCallerCause || cause === undefined ? cause : redactor.redactError(cause),
  })
}

/** Returns the number of attempts, and the reason if a longer wait than allowed ended them; empty for one attempt. */
function effortOf({ attempts, retryAfterMs }: RequestFailure): string {
  const tries = attempts > 1 ? `, after ${attempts} attempts` : ''
  if (retryAfterMs <= MAX_RETRY_AFTER_MS) return tries
  return `${tries}; the server asks to wait ${Math.round(retryAfterMs / 1000)} s, longer than the limit of ${MAX_RETRY_AFTER_MS / 1000} s`
}

/** Returns the server's text, shortened, as the end of a message; empty if there is none. */
function quoted(detail: string | undefined): string {
  if (detail === undefined) return ''
  return `: ${detail.length > DETAIL_CHARACTERS_IN_MESSAGE ? `${detail.slice(0, DETAIL_CHARACTERS_IN_MESSAGE)}…` : detail}`
}

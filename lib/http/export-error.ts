// A failed request as the user sees it: masked, with what is known around it.
import { ExportError, type ExportErrorContext } from '../errors.js'
import type { RequestFailure } from './failure.js'
import { LONGEST_RETRY_AFTER_MS } from './retry.js'
import type { Secrets } from './secrets.js'

/** Cut after masking: of a secret cut in two nothing would be found. */
const DETAIL_CHARACTERS = 500
const DETAIL_CHARACTERS_IN_MESSAGE = 200

/** The error of a failure; `where` opens its message, `context` adds to or replaces what the failure knows. */
export function exportErrorOf(
  failure: RequestFailure,
  where: string,
  secrets: Secrets,
  context: ExportErrorContext & { code?: ExportError['code']; message?: string } = {},
): ExportError {
  const { code = failure.code, message = failure.message, cause = failure.cause, ...rest } = context
  const { status } = failure
  const detail = failure.detail === undefined ? undefined : secrets.mask(failure.detail)
  const isForeign = failure.isForeignCause && cause === failure.cause
  const text = secrets.mask(`${where}: ${message}${effortOf(failure)}`)
  return new ExportError(code, failure.code === 'ERR_HTTP' ? `${text}${quoted(detail)}` : text, {
    status,
    detail: detail?.slice(0, DETAIL_CHARACTERS),
    ...rest,
    cause: isForeign || cause === undefined ? cause : secrets.maskError(cause),
  })
}

/** Returns the number of attempts, and the reason if a longer wait than allowed ended them; empty for one attempt. */
function effortOf({ attempts, retryAfterMs }: RequestFailure): string {
  const tries = attempts > 1 ? `, after ${attempts} attempts` : ''
  if (retryAfterMs <= LONGEST_RETRY_AFTER_MS) return tries
  return `${tries}; the server asks to wait ${Math.round(retryAfterMs / 1000)} s, longer than the limit of ${LONGEST_RETRY_AFTER_MS / 1000} s`
}

/** Returns the server's text, shortened, as the end of a message; empty if there is none. */
function quoted(detail: string | undefined): string {
  if (detail === undefined) return ''
  return `: ${detail.length > DETAIL_CHARACTERS_IN_MESSAGE ? `${detail.slice(0, DETAIL_CHARACTERS_IN_MESSAGE)}…` : detail}`
}

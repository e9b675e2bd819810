// Turns a failed request into the error that the caller gets, without secrets.
import { ExportError, type ExportErrorContext } from '../shared/errors.js'
import type { RequestFailure } from './failure.js'
import type { Redactor } from '../shared/secrets/redactor.js'

/** The text is redacted first and then shortened, because half of a secret would not be found. */
const MAX_DETAIL_CHARACTERS = 500
const DETAIL_CHARACTERS_IN_MESSAGE = 200

/** Returns the error for a failure. Its message begins with `where`; fields in `context` replace the fields of the failure. */
export function toExportError(
  failure: RequestFailure,
  where: string,
  redactor: Redactor,
  context: ExportErrorContext & { code?: ExportError['code']; message?: string } = {},
): ExportError {
  const { code = failure.code, message = failure.message, cause = failure.cause, ...rest } = context
  const { status, isThroughProxy } = failure
  const detail = failure.detail === undefined ? undefined : redactor.redact(failure.detail)
  const isCallerCause = failure.isCallerCause && cause === failure.cause
  const text = redactor.redact(`${where}: ${message}${describeAttempts(failure)}`)
  return new ExportError(code, failure.code === 'ERR_HTTP' ? `${text}${formatServerText(detail)}` : text, {
    status,
    detail: detail?.slice(0, MAX_DETAIL_CHARACTERS),
    reason: isThroughProxy ? (status === 407 ? 'proxyCredentials' : 'proxy') : undefined,
    ...rest,
    cause: isCallerCause || cause === undefined ? cause : redactor.redactError(cause),
  })
}

function describeAttempts({ attempts, retryAfterMs, maxRetryAfterMs }: RequestFailure): string {
  const attemptsText = attempts > 1 ? `, after ${attempts} attempts` : ''
  if (retryAfterMs <= maxRetryAfterMs) return attemptsText
  return `${attemptsText}; the server asks to wait ${Math.round(retryAfterMs / 1000)} s, longer than the limit of ${Math.round(maxRetryAfterMs / 1000)} s`
}

function formatServerText(detail: string | undefined): string {
  if (detail === undefined) return ''
  return `: ${detail.length > DETAIL_CHARACTERS_IN_MESSAGE ? `${detail.slice(0, DETAIL_CHARACTERS_IN_MESSAGE)}…` : detail}`
}

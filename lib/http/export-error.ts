// A failed request as the user sees it: masked, with what is known around it.
import { ExportError, type ExportErrorContext } from '../errors.js'
import type { RequestFailure } from './failure.js'
import type { Secrets } from './secrets.js'

/** Cut after masking: of a secret cut in two nothing would be found. */
const DETAIL_CHARACTERS = 500

/** The error of a failure; `where` opens its message, `context` adds to or replaces what the failure knows. */
export function exportErrorOf(
  failure: RequestFailure,
  where: string,
  secrets: Secrets,
  context: ExportErrorContext & { code?: ExportError['code']; message?: string } = {},
): ExportError {
  const { code = failure.code, message = failure.message, cause = failure.cause, ...rest } = context
  const { status, detail } = failure
  const isForeign = failure.isForeignCause && cause === failure.cause
  return new ExportError(code, secrets.mask(`${where}: ${message}`), {
    status,
    detail: detail === undefined ? undefined : secrets.mask(detail).slice(0, DETAIL_CHARACTERS),
    ...rest,
    cause: isForeign || cause === undefined ? cause : secrets.maskError(cause),
  })
}

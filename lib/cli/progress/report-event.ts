// The events of one export or load, for the progress, for logs and for the schedule of several jobs.
import type { RestartEvent, RetryEvent } from '../../index.js'
import { formatDuration, pluralize } from '../output/format-text.js'

export interface ReportEvent {
  readonly event: 'page' | 'retry' | 'restart' | 'message' | 'warning' | 'change' | 'step' | 'wait'
  readonly page?: number | undefined
  /** `page`: new records in the page; `restart`: records so far. */
  readonly records?: number | undefined
  /** `page`: records of the whole report. */
  readonly total?: number | undefined
  /** `page`: bytes of the decoded body. */
  readonly bytes?: number | undefined
  /** `retry`: milliseconds until the next attempt. */
  readonly delay?: number | undefined
  /** `retry`, `restart`: the code that the error would have if the export ended now. */
  readonly code?: string | undefined
  /** The HTTP status, if there was one. */
  readonly status?: number | undefined
  readonly message?: string | undefined
}

/** An event that the progress shows. */
export type ShownEvent = ReportEvent & { readonly message: string }

export function createRetryEvent({ page, delay, code, status, reason }: RetryEvent): ShownEvent {
  const message = `retrying page ${page} in ${formatDuration(delay / 1000)}: ${reason}`
  return { event: 'retry', page, delay, code, status, message }
}

export function createRestartEvent({ page, records, code, status, reason }: RestartEvent): ShownEvent {
  const known = pluralize(records, 'record')
  const message = `page ${page} may be lost (${reason}); restarting the search and skipping the ${known} already received`
  return { event: 'restart', page, records, code, status, message }
}

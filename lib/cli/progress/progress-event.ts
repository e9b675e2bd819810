// The events of one export or load, for the progress, for logs and for the schedule of several jobs.
import type { ExportEvents, LoadEvent } from '../../index.js'
import { describeServerMessage } from '../../shared/export-events.js'
import { formatDuration, pluralize } from '../output/format-text.js'

export interface ProgressEvent {
  /** The name of an event of an export, or the type of one of a load; `extract` and `load` only begin a phase of the progress. */
  readonly event: keyof ExportEvents | Exclude<LoadEvent['type'], 'extract' | 'load'>
  readonly page?: number | undefined
  /** `page`: new records in the page; `restart`: records so far. */
  readonly records?: number | undefined
  /** `page`: records of the whole report. */
  readonly total?: number | undefined
  /** `page`: bytes of the decoded body. */
  readonly bytes?: number | undefined
  /** `retry`: milliseconds until the next attempt. */
  readonly delay?: number | undefined
  /** `retry`, `restart`: the code that the error would have without the retry or the restart. */
  readonly code?: string | undefined
  readonly status?: number | undefined
  /** The text that the progress shows; undefined for `page`. */
  readonly message?: string | undefined
}

export const toWarningEvent = ({ message }: { readonly message: string }): ProgressEvent => ({
  event: 'warning',
  message,
})

export const toProgressEvent: { readonly [E in keyof ExportEvents]: (payload: ExportEvents[E]) => ProgressEvent } = {
  page: ({ number: page, ...figures }) => ({ event: 'page', page, ...figures }),
  retry: ({ page, delay, code, status, reason }) => {
    const message = `retrying page ${page} in ${formatDuration(delay / 1000)}: ${reason}`
    return { event: 'retry', page, delay, code, status, message }
  },
  restart: ({ page, records, code, status, reason }) => {
    const known = pluralize(records, 'record')
    const message = `page ${page} may be lost (${reason}); restarting the search and skipping the ${known} already received`
    return { event: 'restart', page, records, code, status, message }
  },
  message: (text) => ({ event: 'message', message: describeServerMessage(text) }),
  warning: toWarningEvent,
}

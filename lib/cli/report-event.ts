// The events of one export or load, for logs and for the schedule of several jobs.

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
  /** `retry`, `restart`: the code that the error would have. */
  readonly code?: string | undefined
  /** The HTTP status, where there was one. */
  readonly status?: number | undefined
  readonly message?: string | undefined
}

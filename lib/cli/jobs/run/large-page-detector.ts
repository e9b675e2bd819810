// Recognizes a first page that is too large for the server. Only the first page of a search may be requested again, so the page size can
// change only there. Source: camunda/camunda#54959, where pages of 1,000 records with flow nodes were too large.
import { ExportError } from '../../../index.js'
import type { ProgressEvent } from '../../progress/progress-event.js'

const SHRINK_FACTOR = 4
const MIN_PAGE_SIZE = 25

/** Returns the next smaller page size, or the same if there is none. */
export const getSmallerPageSize = (size: number): number =>
  size <= MIN_PAGE_SIZE ? size : Math.max(MIN_PAGE_SIZE, Math.floor(size / SHRINK_FACTOR))

/** Broken connections and statuses such as 502 mean that the page is too large only if there are two of them. */
const FAILURES_OF_LARGE_PAGE = 2

export class LargePageDetector {
  /** Also true after a restart, because a restart happens only after the server has sent a page. */
  #hasPage = false
  #failures = 0

  /** Counts the event. Returns true if the events so far say that the first page is too large. */
  recordEvent({ event, page, code, status, message = '' }: ProgressEvent): boolean {
    if (event === 'page' || event === 'restart') this.#hasPage = true
    return event === 'retry' && page === 1 && this.#addFailure(code, status, message)
  }

  /** Counts the error that ended the export. Returns true if the first page is too large. */
  recordError(error: unknown): boolean {
    if (!(error instanceof ExportError) || error.page !== 1) return false
    return this.#addFailure(error.code, error.status, error.message)
  }

  #addFailure(code: string | undefined, status: number | undefined, message: string): boolean {
    if (this.#hasPage || message.includes('could not connect')) return false
    if (code === 'ERR_TIMEOUT') return true
    const isFailed = code === 'ERR_NETWORK' || (status !== undefined && [500, 502, 504].includes(status))
    if (isFailed) this.#failures++
    return isFailed && this.#failures >= FAILURES_OF_LARGE_PAGE
  }
}

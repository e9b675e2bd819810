// Returns the pages of a report, every record once. With `recovery: 'restart'`, a new search replaces a search that has expired or may have
// lost a page, and returns only records that were not returned before.
import { describeCount } from '../shared/describe-value.js'
import type { ExportError } from '../shared/errors.js'
import { toExportError } from '../http/export-error.js'
import { RequestFailure } from '../http/failure.js'
import { MAX_RETRY_AFTER_MS, computeBackoff, wait, type RetryPolicy } from '../http/retry.js'
import type { Redactor } from '../shared/secrets/redactor.js'
import type { RecordBatch } from '../pages/record-batch.js'
import type { ExportEventEmitter } from '../shared/export-events.js'
import type { ExportRecord } from '../shared/types.js'
import { Search, type SearchDependencies, type SearchPage } from './search.js'

/** A page as the caller gets it. */
export interface Page<R extends object = ExportRecord> {
  /** The number of the page, from 1; pages without new records are not counted. */
  readonly number: number
  /** The new records. */
  readonly records: readonly R[]
  /** Records of the whole report. */
  readonly total: number
  /** Bytes of the decoded body. */
  readonly bytes: number
}

/** A {@link Page} whose records may still be bytes. */
export type FetchedPage = Omit<Page, 'records'> & { readonly records: RecordBatch }

/** Returns one page after another, then `undefined`. */
export interface PageSource {
  next(): Promise<FetchedPage | undefined>
}

export interface PagerOptions {
  readonly reportId: string
  readonly recovery: 'restart' | 'fail'
  readonly maxRestarts: number
  readonly retry: RetryPolicy
  readonly redactor: Redactor
  readonly signal: AbortSignal
  readonly events: ExportEventEmitter
}

const NO_RESTART_REASON = 'no restart, because a new search cannot recognize records without an id'

export class Pager implements PageSource {
  readonly #options: PagerOptions
  readonly #dependencies: SearchDependencies
  #search: Search
  #returnedPages = 0
  #returnedRecords = 0

  constructor(options: PagerOptions, dependencies: SearchDependencies) {
    this.#options = options
    this.#dependencies = dependencies
    this.#search = new Search(dependencies)
  }

  /** The number of the last requested page in the current search, from 1. */
  get searchPageNumber(): number {
    return this.#search.pageNumber
  }

  async next(): Promise<FetchedPage | undefined> {
    for (;;) {
      const page = await this.#nextOrRestart()
      if (page === 'restarted') continue
      if (page === undefined) return undefined
      this.#updateStats(page)
      if (page.records.length > 0) return this.#toFetchedPage(page)
    }
  }

  async #nextOrRestart(): Promise<SearchPage | undefined | 'restarted'> {
    try {
      return await this.#search.next()
    } catch (error) {
      if (!(error instanceof RequestFailure)) throw error
      await this.#restart(error)
      return 'restarted'
    }
  }

  async #restart(failure: RequestFailure): Promise<void> {
    const { recovery, maxRestarts, events, redactor, retry, signal } = this.#options
    const { stats } = this.#dependencies
    const isRecoverable = failure.category === 'ambiguous' || failure.category === 'expired'
    if (!isRecoverable || recovery === 'fail')
      throw this.#createError(failure.code, failure.message, failure, failure.cause)
    const code = failure.category === 'expired' ? failure.code : 'ERR_INCOMPLETE'
    if (this.#search.hasMissingIds && this.#returnedRecords > 0)
      throw this.#createError(
        code,
        `${failure.message}; ${NO_RESTART_REASON}${this.#describeDuplicates()}`,
        failure,
        failure,
      )
    if (stats.restarts >= maxRestarts)
      throw this.#createError(
        code,
        `gave up after ${describeCount(stats.restarts, 'restart')}: ${failure.message}`,
        failure,
        failure,
      )
    events.emit('restart', {
      restarts: ++stats.restarts,
      page: this.searchPageNumber,
      records: this.#returnedRecords,
      code: failure.code,
      status: failure.status,
      reason: redactor.redact(failure.message),
    })
    const minPauseMs = Math.max(failure.pauseMs, Math.min(failure.retryAfterMs, MAX_RETRY_AFTER_MS))
    await wait(computeBackoff(stats.restarts, retry, minPauseMs), signal)
    this.#search = new Search(this.#dependencies)
  }

  #describeDuplicates(): string {
    const { duplicates } = this.#dependencies.stats
    return duplicates === 0 ? '' : `; ${describeCount(duplicates, 'record')} left out as a copy of another one`
  }

  #createError(code: ExportError['code'], message: string, failure: RequestFailure, cause: unknown): ExportError {
    const { reportId, redactor } = this.#options
    const page = this.searchPageNumber
    return toExportError(failure, `report ${reportId}: page ${page}`, redactor, {
      code,
      message,
      cause,
      reportId,
      page,
    })
  }

  #updateStats(page: SearchPage): void {
    const { events, redactor } = this.#options
    const { stats, consistencyChecker } = this.#dependencies
    stats.pages++
    stats.bytes += page.bytes
    stats.total = page.total
    stats.kind = consistencyChecker.kind ?? 'empty'
    const message = page.message === undefined ? undefined : redactor.redact(page.message)
    if (message === undefined || message === stats.message) return
    stats.message = message
    events.emit('message', message)
  }

  #toFetchedPage({ records, total, bytes }: SearchPage): FetchedPage {
    const number = ++this.#returnedPages
    this.#returnedRecords += records.length
    this.#options.events.emit('page', { number, records: records.length, total, bytes })
    return { number, records, total, bytes }
  }
}

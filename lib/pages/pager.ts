// The pages of a report, every record once. A search that may have lost a page is given up, and a new one emits only what
// was not emitted yet.
import type { ExportError } from '../errors.js'
import { exportErrorOf } from '../http/export-error.js'
import { RequestFailure } from '../http/failure.js'
import { LONGEST_RETRY_AFTER_MS, retryDelay, wait, type RetryPolicy } from '../http/retry.js'
import type { Secrets } from '../http/secrets.js'
import type { Batch } from '../scan/batch.js'
import type { ExportRecord } from '../types.js'
import type { Listener, Tally } from './progress.js'
import { Search, type SearchContext, type SearchPage } from './search.js'

/** A page as the user gets it. */
export interface Page<R extends object = ExportRecord> {
  /** From 1, counting the pages that bring something new. */
  readonly number: number
  /** Its new records. */
  readonly records: readonly R[]
  /** Records of the whole report. */
  readonly total: number
  /** Bytes of the decoded body. */
  readonly bytes: number
}

/** The same while its records may still be bytes. */
export type FetchedPage = Omit<Page, 'records'> & { readonly records: Batch }

/** Gives one page after another; undefined after the last. */
export interface PageSource {
  next(): Promise<FetchedPage | undefined>
}

export interface PagerOptions {
  readonly reportId: string
  readonly recovery: 'restart' | 'fail'
  readonly maxRestarts: number
  readonly retry: RetryPolicy
  readonly secrets: Secrets
  readonly signal: AbortSignal
  readonly tally: Tally
  readonly notify: Listener
}

const NO_RESTART = 'no restart, because records without an id came, which a new search cannot recognize'

export class Pager implements PageSource {
  readonly #options: PagerOptions
  readonly #context: SearchContext
  #search: Search
  #number = 0
  #emitted = 0

  constructor(options: PagerOptions, context: SearchContext) {
    this.#options = options
    this.#context = context
    this.#search = new Search(context)
  }

  /** The page asked for last in the current search, from 1. */
  get pageNumber(): number {
    return this.#search.pageNumber
  }

  async next(): Promise<FetchedPage | undefined> {
    for (;;) {
      const found = await this.#nextOrRestart()
      if (found === 'restarted') continue
      if (found === undefined) return undefined
      this.#count(found)
      if (found.fresh.length > 0) return this.#page(found)
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
    const { recovery, maxRestarts, tally, notify, secrets, retry, signal } = this.#options
    const recoverable = failure.meaning === 'ambiguous' || failure.meaning === 'expired'
    if (!recoverable || recovery === 'fail') throw this.#error(failure.code, failure.message, failure, failure.cause)
    const code = failure.meaning === 'expired' ? failure.code : 'ERR_INCOMPLETE'
    if (this.#search.keyless && this.#emitted > 0)
      throw this.#error(code, `${failure.message}; ${NO_RESTART}`, failure, failure)
    if (tally.restarts >= maxRestarts)
      throw this.#error(
        code,
        `gave up after ${counted(tally.restarts, 'restart')}: ${failure.message}`,
        failure,
        failure,
      )
    notify('restart', {
      restarts: ++tally.restarts,
      page: this.pageNumber,
      records: this.#emitted,
      code: failure.code,
      status: failure.status,
      reason: secrets.mask(failure.message),
    })
    const retryAfterMs = Math.min(failure.retryAfterMs, LONGEST_RETRY_AFTER_MS)
    await wait(retryDelay(tally.restarts, retry, retryAfterMs), signal)
    this.#search = new Search(this.#context)
  }

  #error(code: ExportError['code'], message: string, failure: RequestFailure, cause: unknown): ExportError {
    const { reportId, secrets } = this.#options
    const page = this.pageNumber
    return exportErrorOf(failure, `report ${reportId}: page ${page}`, secrets, { code, message, cause, reportId, page })
  }

  #count({ page, fresh }: SearchPage): void {
    const { tally, notify, secrets } = this.#options
    tally.pages++
    tally.bytes += page.bytes
    tally.total = page.total
    tally.duplicates += page.records.length - fresh.length
    tally.kind = this.#context.agreement.kind ?? 'empty'
    const message = page.message === undefined ? undefined : secrets.mask(page.message)
    if (message === undefined || message === tally.message) return
    tally.message = message
    notify('message', message)
  }

  #page({ page, fresh }: SearchPage): FetchedPage {
    const { total, bytes } = page
    const number = ++this.#number
    this.#emitted += fresh.length
    this.#options.notify('page', { number, records: fresh.length, total, bytes })
    return { number, records: fresh, total, bytes }
  }
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

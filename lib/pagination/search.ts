// One search: the first request, then one page after another with the newest cursor (docs/server.md 3.1, 3.2), until as many records
// have arrived as the server's total says. Each page, and the search at its end, is checked against the total.
import type { Client } from '../http/client.js'
import type { RequestFailure } from '../http/failure.js'
import { keyFieldByKind } from '../shared/reports/report-kinds.js'
import type { RecordBatch } from '../pages/record-batch.js'
import type { ArrayScanner } from '../fastpath/scan/array-scanner.js'
import { RecordSpans } from '../spans/record-spans.js'
import { createIncompleteFailure, type ConsistencyChecker } from './consistency-checker.js'
import type { SearchKeepAlive } from './search-keep-alive.js'
import { toKeepAliveFailure } from './keep-alive-refusal.js'
import { addKeys } from './add-keys.js'
import { readPage, type WirePage } from './wire-page.js'
import type { MutableStats } from './export-stats.js'
import type { KeyDeduplicator } from './key-deduplicator.js'

/** The objects and settings that all searches of an export share. */
export interface SearchDependencies {
  readonly client: Client
  /** The URL of the report's result, without parameters. */
  readonly url: URL
  readonly limit: number
  readonly verifyTotal: boolean
  readonly maxRecords: number
  readonly keepAlive: SearchKeepAlive
  readonly deduplicator: KeyDeduplicator
  readonly consistencyChecker: ConsistencyChecker
  readonly registerSecret: (cursor: string) => void
  readonly scanner: ArrayScanner
  readonly stats: MutableStats
}

/** The search fails after this number of consecutive pages without a record that is new in this search. */
const MAX_PAGES_WITHOUT_PROGRESS = 3
/** The smallest keep-alive that Optimize accepts (docs/server.md 1.3), for a search of which only the first page is read. */
const MIN_KEEP_ALIVE_SECONDS = 60

/** A page of a search, without its cursor and without the records that were received before. */
export type SearchPage = Omit<WirePage, 'cursor'>

export class Search {
  readonly #dependencies: SearchDependencies
  /** The number of keys that earlier searches added. */
  readonly #earlierKeyCount: number
  /** Without the records of the page, so that their memory is free while the next page arrives. */
  #lastPage: Omit<WirePage, 'records'> | undefined
  #pageNumber = 0
  #distinctCount = 0
  #pagesWithoutProgress = 0
  #hasMissingIds = false
  #failure: RequestFailure | undefined

  constructor(dependencies: SearchDependencies) {
    this.#dependencies = dependencies
    this.#earlierKeyCount = dependencies.deduplicator.size
    dependencies.deduplicator.startSearch()
  }

  get pageNumber(): number {
    return this.#pageNumber
  }

  get hasMissingIds(): boolean {
    return this.#hasMissingIds
  }

  /**
   * Returns the next page without the records that were received before, or `undefined` if all records have arrived.
   * Rejects with a {@link RequestFailure}.
   */
  async next(): Promise<SearchPage | undefined> {
    const previous = this.#lastPage
    if (this.#failure) throw this.#failure
    if (this.#distinctCount === previous?.total) return this.#finish(previous)
    const page = await this.#fetchPage(previous?.cursor)
    const { records, ...withoutRecords } = page
    this.#lastPage = withoutRecords
    if (page.cursor) this.#dependencies.registerSecret(page.cursor)
    this.#dependencies.consistencyChecker.check(page, previous)
    if (!previous) this.#dependencies.deduplicator.reserve(Math.min(page.total, this.#dependencies.maxRecords))
    const newRecords = this.#takeNewRecords(page)
    this.#failure = this.#checkCompleteness(page)
    // The keys of these records are already remembered, so a new search would skip them. Therefore they are returned now, and the next call
    // fails. For a report without keys nothing is remembered, so this call fails.
    if (this.#failure && keyFieldByKind[page.kind] === undefined) throw this.#failure
    this.#dependencies.stats.duplicates += records.length - newRecords.length
    return { ...withoutRecords, records: newRecords }
  }

  /** Compares the total with the total of a new search, if `verifyTotal` is true. Only raw reports have a cursor (docs/server.md 4.2). */
  async #finish({ total, cursor }: Omit<WirePage, 'records'>): Promise<undefined> {
    const { verifyTotal, consistencyChecker } = this.#dependencies
    if (!verifyTotal || cursor === undefined) return
    const { total: totalAtEnd } = await this.#request(undefined, 1, MIN_KEEP_ALIVE_SECONDS)
    consistencyChecker.verify(total, totalAtEnd)
  }

  async #fetchPage(cursor: string | undefined): Promise<WirePage> {
    const { limit, keepAlive } = this.#dependencies
    this.#pageNumber++
    keepAlive.noteRequest(Date.now())
    try {
      const page = await this.#request(cursor, limit, keepAlive.seconds)
      keepAlive.noteAccepted()
      return page
    } catch (error) {
      throw toKeepAliveFailure(error, keepAlive)
    }
  }

  #request(cursor: string | undefined, limit: number, keepAliveSeconds: number): Promise<WirePage> {
    const { client, scanner } = this.#dependencies
    const url = new URL(this.#dependencies.url)
    url.searchParams.set('limit', String(limit))
    url.searchParams.set('paginationTimeout', String(keepAliveSeconds))
    if (cursor !== undefined) url.searchParams.set('searchRequestId', cursor)
    return client.get(url, cursor !== undefined, (response) => readPage(response, scanner))
  }

  #takeNewRecords({ records, kind }: WirePage): RecordBatch {
    const field = keyFieldByKind[kind]
    const distinctBefore = this.#distinctCount
    const newRecords = field === undefined ? this.#takeAll(records) : this.#selectNewRecords(records, field)
    this.#pagesWithoutProgress = this.#distinctCount > distinctBefore ? 0 : this.#pagesWithoutProgress + 1
    return newRecords
  }

  #takeAll(records: RecordBatch): RecordBatch {
    this.#distinctCount += records.length
    return records
  }

  #selectNewRecords(records: RecordBatch, field: string): RecordBatch {
    const { statuses, hasMissingIds } = addKeys(records, field, this.#dependencies.deduplicator)
    this.#hasMissingIds ||= hasMissingIds
    if (hasMissingIds && this.#earlierKeyCount > 0)
      throw createIncompleteFailure(
        `a record has no ${field}, so the search cannot tell whether it was received before`,
      )
    this.#distinctCount += statuses.reduce((sum, status) => sum + (status === 'repeated' ? 0 : 1), 0)
    const isNew = (index: number) => statuses[index] === 'new'
    return records instanceof RecordSpans ? records.filter(isNew) : records.filter((_, index) => isNew(index))
  }

  /**
   * Returns a failure if the search
   * - has ended before all records have arrived
   * - has brought no new record for several pages
   * - has more records than the server promised
   */
  #checkCompleteness(page: WirePage): RequestFailure | undefined {
    const [got, promised] = [this.#distinctCount, page.total]
    if (got === promised) return this.#checkCompletenessAtEnd()
    if (got > promised) return createIncompleteFailure(`expected ${promised} records in all, got ${got}`)
    if (page.cursor === undefined || page.records.length === 0 || keyFieldByKind[page.kind] === undefined)
      return createIncompleteFailure(`expected ${promised} records in all, got ${got} when the pages ended`)
    if (this.#pagesWithoutProgress < MAX_PAGES_WITHOUT_PROGRESS) return undefined
    return createIncompleteFailure(
      `${MAX_PAGES_WITHOUT_PROGRESS} pages in a row brought no new record, after ${got} of ${promised}`,
    )
  }

  /** Returns a failure if the search, complete by its own total, lacks records of earlier searches. */
  #checkCompletenessAtEnd(): RequestFailure | undefined {
    const { size } = this.#dependencies.deduplicator
    if (size <= this.#distinctCount) return undefined
    return createIncompleteFailure(
      `expected the ${size} records that were received before, got ${this.#distinctCount} of them`,
    )
  }
}

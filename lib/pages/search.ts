// One search: its first request, then one page after another by the newest cursor, until every record the server
// promised has arrived. Every page, and the search at its end, is compared with what was promised.
import type { Client } from '../http/client.js'
import type { RequestFailure } from '../http/failure.js'
import { keyFieldOf } from '../reports/report.js'
import type { Batch } from '../scan/batch.js'
import type { ArrayScanner } from '../scan/array-scanner.js'
import { RecordSpans } from '../scan/record-spans.js'
import { incomplete, type Agreement } from './agreement.js'
import type { Lease } from './lease.js'
import { withRefusedLease } from './lease-refusal.js'
import { meetKeys } from './meet-keys.js'
import { readPage, type WirePage } from './page.js'
import type { SeenSet } from './seen-set.js'

/** The parts that all searches of an export share. */
export interface SearchContext {
  readonly client: Client
  /** The URL of the report's result, without parameters. */
  readonly url: URL
  readonly limit: number
  /** Compare the total with that of another search at the end. */
  readonly verifyTotal: boolean
  /** Records that the caller wants at most. */
  readonly maxRecords: number
  readonly lease: Lease
  readonly seen: SeenSet
  readonly agreement: Agreement
  readonly keepSecret: (cursor: string) => void
  readonly scanner: ArrayScanner
}

/** A page and what of it was not yet emitted. */
export interface SearchPage {
  readonly page: WirePage
  readonly fresh: Batch
}

/** Pages in a row that may bring nothing new before the server counts as stuck. */
const STUCK_PAGES = 3
/** Seconds, the least that Optimize accepts, for a search of which only the first page is read. */
const SHORTEST_LEASE_SECONDS = 60

export class Search {
  readonly #context: SearchContext
  /** Records that earlier searches emitted. */
  readonly #emittedBefore: number
  #last: WirePage | undefined
  #asked = 0
  #distinct = 0
  #idle = 0
  #keyless = false
  #failure: RequestFailure | undefined

  constructor(context: SearchContext) {
    this.#context = context
    this.#emittedBefore = context.seen.size
    context.seen.startSearch()
  }

  /** The number of the page asked for last, from 1. */
  get pageNumber(): number {
    return this.#asked
  }

  /** A record came without the field that would tell it from another: no later search could skip it. */
  get keyless(): boolean {
    return this.#keyless
  }

  /** The next page; undefined when all records are there. Rejects with a {@link RequestFailure}. */
  async next(): Promise<SearchPage | undefined> {
    const before = this.#last
    if (this.#failure) throw this.#failure
    if (this.#distinct === before?.total) return this.#end(before)
    const page = await this.#ask(before?.cursor)
    this.#last = page
    if (page.cursor) this.#context.keepSecret(page.cursor)
    this.#context.agreement.check(page, before)
    if (!before) this.#context.seen.expect(Math.min(page.total, this.#context.maxRecords))
    const fresh = this.#tally(page)
    this.#failure = this.#checkCompleteness(page)
    // what has a key counts as emitted from here on, so it goes out before the failure does
    if (this.#failure && keyFieldOf[page.kind] === undefined) throw this.#failure
    return { page, fresh }
  }

  /** Ends the search, after a look at the total of a new one if that is wanted; only raw reports have a cursor. */
  async #end({ total, cursor }: WirePage): Promise<undefined> {
    const { verifyTotal, agreement } = this.#context
    if (!verifyTotal || cursor === undefined) return
    const { total: atEnd } = await this.#request(undefined, 1, SHORTEST_LEASE_SECONDS)
    agreement.verify(total, atEnd)
  }

  async #ask(cursor: string | undefined): Promise<WirePage> {
    const { limit, lease } = this.#context
    this.#asked++
    lease.renewed(Date.now())
    try {
      const page = await this.#request(cursor, limit, lease.seconds)
      lease.accepted()
      return page
    } catch (error) {
      throw withRefusedLease(error, lease)
    }
  }

  #request(cursor: string | undefined, limit: number, leaseSeconds: number): Promise<WirePage> {
    const { client, scanner } = this.#context
    const url = new URL(this.#context.url)
    url.searchParams.set('limit', String(limit))
    url.searchParams.set('paginationTimeout', String(leaseSeconds))
    if (cursor !== undefined) url.searchParams.set('searchRequestId', cursor)
    return client.get(url, cursor !== undefined, (answer) => readPage(answer, scanner))
  }

  /** Counts the records of a page and returns those not yet emitted. */
  #tally({ records, kind }: WirePage): Batch {
    const field = keyFieldOf[kind]
    const before = this.#distinct
    const fresh = field === undefined ? this.#tallyWithoutKey(records) : this.#freshOf(records, field)
    this.#idle = this.#distinct > before ? 0 : this.#idle + 1
    return fresh
  }

  #tallyWithoutKey(records: Batch): Batch {
    this.#distinct += records.length
    return records
  }

  #freshOf(records: Batch, field: string): Batch {
    const { meetings, keyless } = meetKeys(records, field, this.#context.seen)
    this.#keyless ||= keyless
    if (keyless && this.#emittedBefore > 0)
      throw incomplete(`a record came without ${field} in a search that has to skip what was emitted before it`)
    this.#distinct += meetings.reduce((sum, meeting) => sum + (meeting === 'duplicate' ? 0 : 1), 0)
    const isNew = (at: number) => meetings[at] === 'new'
    return records instanceof RecordSpans ? records.filter(isNew) : records.filter((_, at) => isNew(at))
  }

  /** Returns a failure if the search is at its end, or stuck, without all the records it should have. */
  #checkCompleteness(page: WirePage): RequestFailure | undefined {
    const [got, promised] = [this.#distinct, page.total]
    if (got === promised) return this.#checkCompletenessAtEnd()
    if (got > promised) return incomplete(`expected ${promised} records in all, got ${got}`)
    if (page.cursor === undefined || page.records.length === 0 || keyFieldOf[page.kind] === undefined)
      return incomplete(`expected ${promised} records in all, got ${got} when the pages ended`)
    if (this.#idle < STUCK_PAGES) return undefined
    return incomplete(`${STUCK_PAGES} pages in a row brought no new record, after ${got} of ${promised}`)
  }

  /** A search that is complete by its own total must also have brought every record that was emitted before it. */
  #checkCompletenessAtEnd(): RequestFailure | undefined {
    const { size } = this.#context.seen
    if (size <= this.#distinct) return undefined
    return incomplete(
      `expected the ${size} records that were emitted, got a search of ${this.#distinct} without ${size - this.#distinct} of them`,
    )
  }
}

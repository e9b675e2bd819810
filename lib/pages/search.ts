// One search: its first request, then one page after another by the newest cursor, until every record the server
// promised has arrived. What comes is held against what was promised, on every page and at the end.
import type { Client } from '../http/client.js'
import { RequestFailure } from '../http/failure.js'
import { keyFieldOf } from '../reports/report.js'
import type { Batch } from '../scan/batch.js'
import type { ArrayScanner } from '../scan/array-scanner.js'
import { RecordSpans } from '../scan/record-spans.js'
import { ESCAPED, TEXT } from '../scan/span.js'
import { SpanTable } from '../scan/span-table.js'
import { viewOf } from '../scan/view.js'
import type { JsonValue } from '../types.js'
import type { Lease } from './lease.js'
import { readPage, type WirePage } from './page.js'
import type { Meeting, SeenSet } from './seen-set.js'

/** What is the same for every search of an export. */
export interface SearchContext {
  readonly client: Client
  /** The URL of the report's result, without parameters. */
  readonly url: URL
  readonly limit: number
  /** Records that are wanted at most. */
  readonly most: number
  readonly lease: Lease
  readonly seen: SeenSet
  readonly keepSecret: (cursor: string) => void
  readonly scanner: ArrayScanner
}

/** A page and what of it was not yet emitted. */
export interface SearchPage {
  readonly page: WirePage
  readonly fresh: Batch
}

/** Pages in a row that may bring nothing new before the server counts as stuck. */
const STUCK = 3

export class Search {
  readonly #context: SearchContext
  #last: WirePage | undefined
  #asked = 0
  #distinct = 0
  #idle = 0
  #keyless = false
  #failure: RequestFailure | undefined

  constructor(context: SearchContext) {
    this.#context = context
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
    if (this.#distinct === before?.total) return undefined
    const page = await this.#ask(before?.cursor)
    this.#last = page
    if (page.cursor) this.#context.keepSecret(page.cursor)
    if (!before) this.#context.seen.expect(Math.min(page.total, this.#context.most))
    else if (page.total !== before.total)
      throw incomplete(`expected ${before.total} records in all as before, got ${page.total}`)
    const fresh = this.#tally(page)
    this.#failure = this.#complaint(page)
    // what has a key counts as emitted from here on, so it goes out before the failure does
    if (this.#failure && keyFieldOf[page.kind] === undefined) throw this.#failure
    return { page, fresh }
  }

  #ask(cursor: string | undefined): Promise<WirePage> {
    const { client, limit, lease, scanner } = this.#context
    const url = new URL(this.#context.url)
    url.searchParams.set('limit', String(limit))
    url.searchParams.set('paginationTimeout', String(lease.seconds))
    if (cursor !== undefined) url.searchParams.set('searchRequestId', cursor)
    this.#asked++
    lease.renewed(Date.now())
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
    if (!(records instanceof RecordSpans)) return records.filter((record) => this.#isFresh(this.#meet(record[field])))
    const keys = keysOf(records, field)
    const meetings = keys ? this.#context.seen.meetAll(viewOf(records.bytes), keys) : this.#meetRecords(records, field)
    return records.filter((at) => this.#isFresh(meetings[at]!))
  }

  #meetRecords(records: RecordSpans, field: string): (Meeting | 'keyless')[] {
    return Array.from({ length: records.length }, (_, at) => {
      const slot = records.shapeOf(at).slotOf(field)
      return this.#meet(slot < 0 ? undefined : records.value(at, slot))
    })
  }

  #isFresh(meeting: Meeting | 'keyless'): boolean {
    this.#keyless ||= meeting === 'keyless'
    if (meeting !== 'duplicate') this.#distinct++
    return meeting === 'new' || meeting === 'keyless'
  }

  #meet(key: JsonValue | undefined): Meeting | 'keyless' {
    return typeof key === 'string' ? this.#context.seen.meet(key) : 'keyless'
  }

  /** Nothing that is missing passes for the end. */
  #complaint(page: WirePage): RequestFailure | undefined {
    const [got, promised] = [this.#distinct, page.total]
    if (got === promised) return undefined
    if (got > promised) return incomplete(`expected ${promised} records in all, got ${got}`)
    if (page.cursor === undefined || page.records.length === 0)
      return incomplete(`expected ${promised} records in all, got ${got} when the pages ended`)
    if (this.#idle < STUCK) return undefined
    return incomplete(`${STUCK} pages in a row brought no new record, after ${got} of ${promised}`)
  }
}

/** Where the keys of the records are; undefined unless all are texts as they stand there. */
function keysOf(records: RecordSpans, field: string): SpanTable | undefined {
  const { firsts, table, length } = records
  const keys = new SpanTable(length)
  for (let at = 0; at < length; at++) {
    const slot = records.shapeOf(at).slotOf(field)
    const span = firsts[at]! + slot
    if (slot < 0 || (table.flags[span]! & (TEXT | ESCAPED)) !== TEXT) return undefined
    keys.starts[at] = table.starts[span]!
    keys.ends[at] = table.ends[span]!
  }
  keys.length = length
  return keys
}

function incomplete(message: string): RequestFailure {
  return new RequestFailure('ambiguous', 'ERR_INCOMPLETE', message)
}

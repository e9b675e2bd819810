// Compares the searches of one export. They must agree on the kind of the report, and their totals must never become smaller. A total
// that does is a sign of missing shards: Elasticsearch then answers 200 with the records of the others.
import { RequestFailure } from '../http/failure.js'
import type { ReportKind } from '../shared/types.js'
import type { WirePage } from './wire-page.js'

export class ConsistencyChecker {
  readonly #pauseMs: number
  #kind: ReportKind | undefined
  #total = 0

  /** @param pauseMs milliseconds to wait before the next search when a search promises too few records */
  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs
  }

  /** The kind of the report; undefined before its first record. */
  get kind(): ReportKind | undefined {
    return this.#kind
  }

  /**
   * Compares a page with everything before it. Throws a {@link RequestFailure} if they do not agree.
   * @param previous the page before it in the same search; undefined for the first page of a search
   */
  check(page: WirePage, previous: WirePage | undefined): void {
    this.#checkKind(page)
    const minTotal = this.#total
    this.#total = Math.max(minTotal, page.total)
    if (previous && page.total !== previous.total)
      throw createIncompleteFailure(`expected ${previous.total} records in all as before, got ${page.total}`)
    if (page.total < minTotal)
      throw createIncompleteFailure(
        `expected at least ${minTotal} records in all as an earlier search promised, got ${page.total}`,
        this.#pauseMs,
      )
  }

  /** Compares the total of a search that brought all its records with the total of another search, begun after it. */
  verify(total: number, totalAtEnd: number): void {
    this.#total = Math.max(this.#total, totalAtEnd)
    if (totalAtEnd !== total)
      throw createIncompleteFailure(
        `expected ${total} records in all, got a total of ${totalAtEnd} from a search at the end`,
        totalAtEnd < total ? this.#pauseMs : 0,
      )
  }

  /** A report that someone edits into another kind during the export is no longer the one that was asked for. */
  #checkKind({ kind }: WirePage): void {
    if (kind === 'empty') return
    this.#kind ??= kind
    if (kind !== this.#kind)
      throw new RequestFailure('final', 'ERR_RESPONSE', `the report changed its kind from ${this.#kind} to ${kind}`)
  }
}

/** The failure of a search that does not bring what was promised. */
export function createIncompleteFailure(message: string, retryAfterMs = 0): RequestFailure {
  return new RequestFailure('ambiguous', 'ERR_INCOMPLETE', message, { retryAfterMs })
}

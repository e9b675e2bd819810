// Compares the pages and searches of one export. They must have the same kind of report. The total must stay the same within a search
// (docs/server.md 3.7), and must not become smaller in a new one. A smaller total is a sign of missing shards, because Elasticsearch
// then answers 200 with the records of the other shards (docs/server.md 3.12, 3.13).
import { RequestFailure } from '../http/failure.js'
import type { ReportKind } from '../shared/types.js'
import type { WirePage } from './wire-page.js'

export class ConsistencyChecker {
  readonly #pauseMs: number
  #kind: ReportKind | undefined
  #total = 0

  /** @param pauseMs milliseconds to wait before a new search if a search has a smaller total than an earlier one */
  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs
  }

  /** The kind of the report; undefined before its first record. */
  get kind(): ReportKind | undefined {
    return this.#kind
  }

  /**
   * Throws a {@link RequestFailure} if a page does not agree with the pages before it.
   * @param previous the page before `page` in the same search; undefined for the first page of a search
   */
  check(page: WirePage, previous: Pick<WirePage, 'total'> | undefined): void {
    this.#checkKind(page)
    const minTotal = this.#total
    this.#total = Math.max(minTotal, page.total)
    if (previous && page.total !== previous.total)
      throw createIncompleteFailure(`expected the total to stay ${previous.total}, got ${page.total}`)
    if (page.total < minTotal)
      throw createIncompleteFailure(
        `expected a total of at least ${minTotal}, as in an earlier search, got ${page.total}`,
        this.#pauseMs,
      )
  }

  /** Throws if the total of a complete search differs from the total of a search that began after it. */
  verify(total: number, totalAtEnd: number): void {
    this.#total = Math.max(this.#total, totalAtEnd)
    if (totalAtEnd !== total)
      throw createIncompleteFailure(
        `expected ${total} records in all, got a total of ${totalAtEnd} from a search at the end`,
        totalAtEnd < total ? this.#pauseMs : 0,
      )
  }

  /** Throws if a user has changed the kind of the report during the export (docs/server.md 3.21). */
  #checkKind({ kind }: WirePage): void {
    if (kind === 'empty') return
    this.#kind ??= kind
    if (kind !== this.#kind)
      throw new RequestFailure('final', 'ERR_RESPONSE', `the report changed its kind from ${this.#kind} to ${kind}`)
  }
}

export function createIncompleteFailure(message: string, pauseMs = 0): RequestFailure {
  return new RequestFailure('ambiguous', 'ERR_INCOMPLETE', message, { pauseMs })
}

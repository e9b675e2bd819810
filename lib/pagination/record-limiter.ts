// Ends an export after `maxRecords` records. It knows whether there were more: a capped export is never a complete one.
import { splitBatch } from '../fastpath/scan/record-batch.js'
import type { FetchedPage, PageSource } from './pager.js'

export class RecordLimiter implements PageSource {
  readonly #source: PageSource
  readonly #maxRecords: number
  #deliveredCount = 0
  #isCapped = false

  constructor(source: PageSource, maxRecords: number) {
    this.#source = source
    this.#maxRecords = maxRecords
  }

  /** There were more records than asked for. */
  get isCapped(): boolean {
    return this.#isCapped
  }

  async next(): Promise<FetchedPage | undefined> {
    if (this.#deliveredCount >= this.#maxRecords) return this.#end()
    const page = await this.#source.next()
    if (page === undefined) return undefined
    const [records] = splitBatch(page.records, this.#maxRecords - this.#deliveredCount)
    this.#deliveredCount += records.length
    this.#isCapped =
      this.#deliveredCount === this.#maxRecords &&
      (records.length < page.records.length || page.total > this.#deliveredCount)
    return { ...page, records }
  }

  /** The report may have exactly as many records as are wanted; only its source knows whether it is complete. */
  async #end(): Promise<undefined> {
    if (!this.#isCapped) this.#isCapped = (await this.#source.next()) !== undefined
  }
}

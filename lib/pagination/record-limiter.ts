// Ends an export after `maxRecords` records, and notes whether there were more, because a capped export is not complete.
import { splitBatch } from '../pages/record-batch.js'
import type { FetchedPage, PageSource } from './pager.js'

export class RecordLimiter implements PageSource {
  readonly #source: PageSource
  readonly #maxRecords: number
  #passedCount = 0
  #isCapped = false

  constructor(source: PageSource, maxRecords: number) {
    this.#source = source
    this.#maxRecords = maxRecords
  }

  /** True if the report has more records than `maxRecords`; known at the end. */
  get isCapped(): boolean {
    return this.#isCapped
  }

  async next(): Promise<FetchedPage | undefined> {
    if (this.#passedCount >= this.#maxRecords) return this.#end()
    const page = await this.#source.next()
    if (page === undefined) return undefined
    const [records] = splitBatch(page.records, this.#maxRecords - this.#passedCount)
    this.#passedCount += records.length
    this.#isCapped =
      this.#passedCount === this.#maxRecords && (records.length < page.records.length || page.total > this.#passedCount)
    return { ...page, records }
  }

  /** If the total shows no more records, asks the source for one more page, because the source then checks the end of the report. */
  async #end(): Promise<undefined> {
    if (!this.#isCapped) this.#isCapped = (await this.#source.next()) !== undefined
  }
}

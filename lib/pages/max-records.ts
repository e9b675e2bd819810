// Ends an export after `maxRecords` records. It knows whether there were more: a capped export is never a complete one.
import { cut } from '../scan/batch.js'
import type { FetchedPage, PageSource } from './pager.js'

export class MaxRecords implements PageSource {
  readonly #source: PageSource
  readonly #maxRecords: number
  #given = 0
  #capped = false

  constructor(source: PageSource, maxRecords: number) {
    this.#source = source
    this.#maxRecords = maxRecords
  }

  /** There were more records than asked for. */
  get capped(): boolean {
    return this.#capped
  }

  async next(): Promise<FetchedPage | undefined> {
    if (this.#given >= this.#maxRecords) return this.#end()
    const page = await this.#source.next()
    if (page === undefined) return undefined
    const [records] = cut(page.records, this.#maxRecords - this.#given)
    this.#given += records.length
    this.#capped =
      this.#given === this.#maxRecords && (records.length < page.records.length || page.total > this.#given)
    return { ...page, records }
  }

  /** The report may have exactly as many records as are wanted; only its source knows whether it is complete. */
  async #end(): Promise<undefined> {
    if (!this.#capped) this.#capped = (await this.#source.next()) !== undefined
  }
}

// Stops after so many records, and says so: a capped export is never a complete one.
import { cut } from '../scan/batch.js'
import type { PageSource, TurnedPage } from './pager.js'

export class MaxRecords implements PageSource {
  readonly #source: PageSource
  readonly #most: number
  #given = 0
  #capped = false

  constructor(source: PageSource, most: number) {
    this.#source = source
    this.#most = most
  }

  /** There were more records than asked for. */
  get capped(): boolean {
    return this.#capped
  }

  async next(): Promise<TurnedPage | undefined> {
    if (this.#given >= this.#most) return this.#end()
    const page = await this.#source.next()
    if (page === undefined) return undefined
    const [records] = cut(page.records, this.#most - this.#given)
    this.#given += records.length
    this.#capped = this.#given === this.#most && (records.length < page.records.length || page.total > this.#given)
    return { ...page, records }
  }

  /** The report may have exactly as many records as are wanted; only its source knows whether it is complete. */
  async #end(): Promise<undefined> {
    if (!this.#capped) this.#capped = (await this.#source.next()) !== undefined
  }
}

// The Readable. It drains synchronously and turns one page at a time: an `async _read` is called again while the first
// call awaits, and then records are lost without a word.
import { Readable } from 'node:stream'
import type { Page, PageSource } from '../pages/pager.js'
import type { EndedBy } from '../pages/progress.js'

export interface RecordStreamOptions {
  readonly highWaterMark: number
}

/** Pages below, records above: one record each time the consumer asks. */
export class RecordStream extends Readable {
  readonly #pages: PageSource
  #page: Page | undefined
  #at = 0
  #turning = false
  #pushed = 0
  #endedBy: EndedBy | undefined

  constructor(pages: PageSource, { highWaterMark }: RecordStreamOptions) {
    super({ objectMode: true, highWaterMark })
    this.#pages = pages
    this.once('end', () => (this.#endedBy = 'end'))
  }

  /** Records handed over, not those still buffered. */
  protected get handedOver(): number {
    return this.#pushed - this.readableLength
  }

  protected get endedBy(): EndedBy | undefined {
    return this.#endedBy
  }

  override _read(): void {
    if (this.#turning || !this.#drain()) return
    this.#turning = true
    this.#pages.next().then(
      (page) => this.#turned(page),
      (error: unknown) => this.destroy(error as Error),
    )
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#endedBy ??= error && error.name !== 'AbortError' ? 'error' : 'destroyed'
    this.#page = undefined
    done(error)
  }

  #turned(page: Page | undefined): void {
    this.#turning = false
    if (this.destroyed) return
    this.#page = page
    this.#at = 0
    if (page === undefined) this.push(null)
    else this._read()
  }

  /** Pushes what the page has left; true when it is used up and there is room for more. */
  #drain(): boolean {
    const records = this.#page?.records
    while (records && this.#at < records.length && !this.destroyed) {
      this.#pushed++
      if (!this.push(records[this.#at++])) return false
    }
    return !this.destroyed
  }
}

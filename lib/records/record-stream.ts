// The Readable. It drains synchronously and turns one page at a time: an `async _read` is called again while the first
// call awaits, and then records are lost without a word.
import { Readable } from 'node:stream'
import type { Taker } from '../attachment.js'
import type { PageSource, TurnedPage } from '../pages/pager.js'
import type { EndedBy } from '../pages/progress.js'
import { recordAt, WholeBatch, type Batch } from '../scan/batch.js'

export interface RecordStreamOptions {
  readonly highWaterMark: number
}

/** Pages below, records above: one record each time the consumer asks, or a page where encoders are the only consumers. */
export class RecordStream extends Readable {
  readonly #pages: PageSource
  readonly #takers = new Set<Taker>()
  #records: Batch = []
  #at = 0
  #turning = false
  #pushed = 0
  /** The page that was handed over whole, and who has not released it. */
  #lent: Batch = []
  readonly #lentTo = new Set<Taker>()
  #endedBy: EndedBy | undefined

  constructor(pages: PageSource, { highWaterMark }: RecordStreamOptions) {
    super({ objectMode: true, highWaterMark })
    // one export may feed several files, and every pipeline listens a few times
    this.setMaxListeners(50)
    this.#pages = pages
    this.once('end', () => (this.#endedBy = 'end'))
  }

  /** Records handed over, not those still buffered. */
  protected get handedOver(): number {
    const isBuffered = this.#lentTo.size > 0 && this.readableLength > 0
    return this.#pushed - this.readableLength - (isBuffered ? this.#lent.length - 1 : 0)
  }

  protected get endedBy(): EndedBy | undefined {
    return this.#endedBy
  }

  protected attach(taker: Taker): void {
    this.#takers.add(taker)
  }

  protected detach(taker: Taker): void {
    this.#takers.delete(taker)
    this.#release(taker)
  }

  override _read(): void {
    if (this.#turning || this.#lentTo.size > 0 || !this.#drain()) return
    this.#turning = true
    this.#pages.next().then(
      (page) => this.#turned(page),
      (error: unknown) => this.destroy(error as Error),
    )
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#endedBy ??= error && error.name !== 'AbortError' ? 'error' : 'destroyed'
    this.#records = []
    done(error)
  }

  /** A pipe listens to `data` once. */
  get #isForTakersOnly(): boolean {
    const takers = this.#takers.size
    return takers > 0 && this.listenerCount('data') === takers && this.listenerCount('readable') === 0
  }

  #turned(page: TurnedPage | undefined): void {
    this.#turning = false
    if (this.destroyed) return
    if (page === undefined) this.push(null)
    else if (this.#isForTakersOnly) this.#lend(page.records)
    else {
      this.#records = page.records
      this.#at = 0
      this._read()
    }
  }

  #lend(records: Batch): void {
    for (const taker of this.#takers) this.#lentTo.add(taker)
    this.#lent = records
    this.#pushed += records.length
    this.push(new WholeBatch(records, (taker) => this.#release(taker), this.#lentTo.size > 1))
  }

  /** The next page is turned when nobody needs this one any more. */
  #release(taker: Taker): void {
    if (!this.#lentTo.delete(taker) || this.#lentTo.size > 0) return
    this.#lent = []
    if (!this.destroyed) this._read()
  }

  /** Pushes what the page has left; true when it is used up and there is room for more. */
  #drain(): boolean {
    const records = this.#records
    while (this.#at < records.length && !this.destroyed) {
      this.#pushed++
      if (!this.push(recordAt(records, this.#at++))) return false
    }
    return !this.destroyed
  }
}

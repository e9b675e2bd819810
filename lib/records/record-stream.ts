// The Readable. It drains synchronously and fetches one page at a time: an `async _read` is called again while the first
// call awaits, and then records are lost without a word.
import { Readable } from 'node:stream'
import type { PageConsumer } from '../shared/page-hand-over.js'
import type { FetchedPage, PageSource } from '../pagination/pager.js'
import type { EndedBy } from '../pagination/export-stats.js'
import { silence } from '../shared/silence.js'
import { getRecord, BatchInFlight, type RecordBatch } from '../fastpath/scan/record-batch.js'

export interface RecordStreamOptions {
  readonly highWaterMark: number
}

/**
 * Gives one record each time the consumer asks. Where encoders are the only consumers, they are handed whole pages by a direct
 * call; only records ever go through the stream itself.
 */
export class RecordStream extends Readable {
  readonly #pages: PageSource
  readonly #consumers = new Set<PageConsumer>()
  #records: RecordBatch = []
  #nextIndex = 0
  #isFetching = false
  /** Records that were pushed or handed over in a page. */
  #pushedCount = 0
  /** The encoders that have not released the page they were handed last. */
  #busy = new Set<PageConsumer>()
  #endedBy: EndedBy | undefined

  constructor(pages: PageSource, { highWaterMark }: RecordStreamOptions) {
    super({ objectMode: true, highWaterMark })
    // one export may feed several files, and every pipeline listens a few times
    this.setMaxListeners(50)
    this.#pages = pages
    this.once('end', () => (this.#endedBy = 'end'))
  }

  /** Records handed over, not those still buffered. */
  protected get deliveredCount(): number {
    return this.#pushedCount - this.readableLength
  }

  protected get endedBy(): EndedBy | undefined {
    return this.#endedBy
  }

  protected attach(consumer: PageConsumer): void {
    this.#consumers.add(consumer)
  }

  protected detach(consumer: PageConsumer): void {
    this.#consumers.delete(consumer)
    this.#release(consumer, this.#busy)
  }

  override _read(): void {
    if (this.#isFetching || this.#busy.size > 0 || !this.#drain()) return
    this.#isFetching = true
    this.#pages
      .next()
      .then((page) => this.#onPage(page))
      // also what a listener throws while it is called from here
      .catch((error: unknown) => this.destroy(error as Error))
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#endedBy ??= error && error.name !== 'AbortError' ? 'error' : 'destroyed'
    this.#records = []
    silence(this)
    done(error)
  }

  /** Only encoders get what comes next: each pipe listens to `data` once, none is paused, and no record waits. */
  get #isForPageConsumersOnly(): boolean {
    const consumers = this.#consumers.size
    return (
      consumers > 0 &&
      this.readableFlowing === true &&
      this.readableLength === 0 &&
      this.listenerCount('data') === consumers &&
      this.listenerCount('readable') === 0
    )
  }

  #onPage(page: FetchedPage | undefined): void {
    this.#isFetching = false
    if (this.destroyed) return
    if (page === undefined) this.push(null)
    else if (this.#isForPageConsumersOnly) this.#handOver(page.records)
    else {
      this.#records = page.records
      this.#nextIndex = 0
      this._read()
    }
  }

  /** To the stream this is a read that goes on: it calls _read again only after the next push. */
  #handOver(records: RecordBatch): void {
    const busy = new Set(this.#consumers)
    this.#busy = busy
    this.#pushedCount += records.length
    const page = new BatchInFlight(records, (consumer) => this.#release(consumer, busy), busy.size > 1)
    for (const consumer of this.#consumers) consumer.takePage(page)
  }

  /** The next page is fetched when every encoder has released this one. */
  #release(consumer: PageConsumer, busy: Set<PageConsumer>): void {
    if (busy.delete(consumer) && busy.size === 0 && !this.destroyed) this._read()
  }

  /** Pushes what the page has left; true when it is used up and there is room for more. */
  #drain(): boolean {
    const records = this.#records
    while (this.#nextIndex < records.length && !this.destroyed) {
      this.#pushedCount++
      if (!this.push(getRecord(records, this.#nextIndex++))) return false
    }
    return !this.destroyed
  }
}

// The Readable of an export. It pushes records synchronously and fetches one page at a time. `_read` is not async, because Node
// calls an `async _read` again while the first call awaits, and records are then lost without an error.
import { Readable } from 'node:stream'
import type { PageConsumer } from '../pages/page-hand-over.js'
import type { FetchedPage, PageSource } from '../pagination/pager.js'
import type { EndedBy } from '../pagination/export-stats.js'
import { stopDataEvents } from '../shared/streams/stop-data-events.js'
import { PageConsumers } from '../pages/page-consumers.js'
import { freeBatch, type RecordBatch } from '../pages/record-batch.js'
import type { ExportRecord } from '../shared/types.js'
import { RecordParser } from '../fastpath/objects/record-parser.js'
import { RecordSpans } from '../spans/record-spans.js'

/** Emits one record after another. If all readers are page consumers, they get whole pages by a direct call instead. */
export class RecordStream extends Readable {
  readonly #pages: PageSource
  readonly #consumers = new PageConsumers(this)
  #records: RecordBatch = []
  #nextIndex = 0
  #parser: RecordParser | undefined
  #isPushing = false
  #isFetching = false
  /** The number of records that were pushed, or handed over in a page. */
  #pushedCount = 0
  #endedBy: EndedBy | undefined

  constructor(pages: PageSource, { highWaterMark }: { readonly highWaterMark: number }) {
    super({ objectMode: true, highWaterMark })
    // one export may be written to several files, and each pipeline adds a few listeners
    this.setMaxListeners(50)
    this.#pages = pages
    this.once('end', () => (this.#endedBy = 'end'))
  }

  /** The number of records that the readers got, not counting buffered ones. */
  protected get emittedCount(): number {
    return this.#pushedCount - this.readableLength
  }

  protected get endedBy(): EndedBy | undefined {
    return this.#endedBy
  }

  protected addConsumer(consumer: PageConsumer): void {
    this.#consumers.attach(consumer)
  }

  protected removeConsumer(consumer: PageConsumer): void {
    this.#consumers.detach(consumer)
  }

  override _read(): void {
    // a listener that calls read() while a record is pushed leads here again
    if (this.#isPushing || this.#isFetching || this.#consumers.isBusy) return
    this.#isPushing = true
    const hasPushedAll = this.#pushRecords()
    this.#isPushing = false
    if (!hasPushedAll) return
    this.#isFetching = true
    this.#pages
      .next()
      .then((page) => this.#onPage(page))
      // the error may also come from a listener of the caller
      .catch((error: unknown) => this.destroy(error as Error))
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#endedBy ??= error && error.name !== 'AbortError' ? 'error' : 'destroyed'
    this.#records = []
    this.#parser = undefined
    stopDataEvents(this)
    done(error)
  }

  #onPage(page: FetchedPage | undefined): void {
    this.#isFetching = false
    if (this.destroyed) return
    if (page === undefined) this.push(null)
    else if (this.#consumers.canTakePages) this.#handOver(page.records)
    else {
      this.#records = page.records
      this.#nextIndex = 0
      this._read()
    }
  }

  /** Node calls `_read` again only after a push, so `_read` is called here when the page is released. */
  #handOver(records: RecordBatch): void {
    this.#pushedCount += records.length
    this.#consumers.handOver(
      records,
      () => {
        if (!this.destroyed) this._read()
      },
      (areBytesKept) => freeBatch(records, areBytesKept),
    )
  }

  /** Pushes the rest of the page. Returns true if all of its records were pushed and the buffer is not full. */
  #pushRecords(): boolean {
    const records = this.#records
    while (this.#nextIndex < records.length && !this.destroyed) {
      this.#pushedCount++
      if (!this.push(this.#getRecord(this.#nextIndex++))) return false
    }
    if (this.destroyed) return false
    freeBatch(records)
    this.#records = []
    this.#nextIndex = 0
    return true
  }

  #getRecord(index: number): ExportRecord {
    const records = this.#records
    if (!(records instanceof RecordSpans)) return records[index]!
    this.#parser ??= new RecordParser()
    return this.#parser.getRecord(records, index)
  }
}

// The readers of a stream that take whole pages: encoders, datasets, and transforms before them.
import type { Readable } from 'node:stream'
import type { RecordBatch } from './record-batch.js'
import { PageInFlight, type PageConsumer } from './page-hand-over.js'

export class PageConsumers {
  readonly #stream: Readable
  readonly #consumers = new Set<PageConsumer>()
  /** The consumers that have not released the current page. */
  #busy = new Set<PageConsumer>()
  #onReleased: (() => void) | undefined

  constructor(stream: Readable) {
    this.#stream = stream
  }

  attach(consumer: PageConsumer): void {
    this.#consumers.add(consumer)
  }

  /** Removes a consumer, and treats its page as released. */
  detach(consumer: PageConsumer): void {
    this.#consumers.delete(consumer)
    this.#release(consumer, this.#busy)
  }

  get isBusy(): boolean {
    return this.#busy.size > 0
  }

  /**
   * True if only consumers read the stream (one `data` listener per consumer, none paused, no buffered record), and all of them can take
   * pages.
   */
  get canTakePages(): boolean {
    const consumers = this.#consumers.size
    return (
      consumers > 0 &&
      this.#stream.readableFlowing === true &&
      this.#stream.readableLength === 0 &&
      this.#stream.listenerCount('data') === consumers &&
      this.#stream.listenerCount('readable') === 0 &&
      [...this.#consumers].every(({ canTakePages }) => canTakePages)
    )
  }

  /**
   * Hands a page to all consumers. Calls `onReleased` when all of them have released the page, and `onFinished` when all have finished
   * it, with `true` if one of them keeps its bytes. `onFinished` is not called if a consumer never finishes the page, for example because
   * the consumer fails.
   * @param isShared true if other readers use the same bytes, so that a consumer must not change them
   */
  handOver(
    records: RecordBatch,
    onReleased: () => void,
    onFinished: (areBytesKept: boolean) => void,
    isShared = this.#consumers.size > 1,
  ): void {
    const busy = new Set(this.#consumers)
    const unfinished = new Set(this.#consumers)
    let areBytesKept = false
    this.#busy = busy
    this.#onReleased = onReleased
    const page = new PageInFlight(
      records,
      (consumer) => this.#release(consumer, busy),
      isShared,
      (consumer, keepsBytes = false) => {
        areBytesKept ||= keepsBytes
        if (unfinished.delete(consumer) && unfinished.size === 0) onFinished(areBytesKept)
      },
    )
    for (const consumer of this.#consumers) consumer.takePage(page)
  }

  #release(consumer: PageConsumer, busy: Set<PageConsumer>): void {
    if (busy.delete(consumer) && busy.size === 0) this.#onReleased!()
  }
}

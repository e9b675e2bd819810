import { attachKey, type PageAttachment, type PageConsumer } from '../pages/page-hand-over.js'
import { addRecordCount } from '../shared/errors.js'
import type { ExportEvents } from '../shared/export-events.js'
import { createAbortError, onAbort } from '../shared/abort.js'
import { ExportSession } from './export-session.js'
import { createLiveStats, type ExportStats } from '../pagination/export-stats.js'
import { RecordStream } from '../records/record-stream.js'
import { resolveExportOptions, type ExportOptions, type ResolvedExportOptions } from './export-options.js'
import type { TypedReadable } from '../shared/streams/typed-readable.js'
import type { ExportRecord, ReportKind } from '../shared/types.js'

/** The events of an {@link ExportStream} and the argument of their listeners; `undefined` means no argument. */
export interface StreamEvents<R = ExportRecord> extends ExportEvents {
  /** A record. */
  data: R
  /** There are no more records; with `maxRecords` the report may have more. */
  end: undefined
  /** The failure that ends the stream: an {@link ExportError}, an AbortError, or the argument of `destroy()`. */
  error: Error
  /** The stream is closed; there are no more events. */
  close: undefined
  /** Records wait to be read. */
  readable: undefined
  /** `pause()` was called. */
  pause: undefined
  /** `resume()` was called. */
  resume: undefined
}

/**
 * A Readable in object mode whose chunks are records; it emits {@link StreamEvents}. The caller chooses the type of the
 * records; nothing is checked at run time.
 */
export interface ExportStream<R extends object = ExportRecord> extends TypedReadable<R> {
  /** Live figures. */
  readonly stats: ExportStats
  /** The kind of the report; undefined before the first page. */
  readonly kind: ReportKind | undefined
  /** Adds a listener to one of {@link StreamEvents}. */
  on<E extends keyof StreamEvents<R>>(event: E, listener: (payload: StreamEvents<R>[E]) => void): this
  /** Adds a listener that is called once. */
  once<E extends keyof StreamEvents<R>>(event: E, listener: (payload: StreamEvents<R>[E]) => void): this
  /** The same as `on`. */
  addListener<E extends keyof StreamEvents<R>>(event: E, listener: (payload: StreamEvents<R>[E]) => void): this
  /** Adds a listener that is called before the others. */
  prependListener<E extends keyof StreamEvents<R>>(event: E, listener: (payload: StreamEvents<R>[E]) => void): this
  /** Adds a listener that is called once and before the others. */
  prependOnceListener<E extends keyof StreamEvents<R>>(event: E, listener: (payload: StreamEvents<R>[E]) => void): this
  /** Removes a listener. */
  off<E extends keyof StreamEvents<R>>(event: E, listener: (payload: StreamEvents<R>[E]) => void): this
  /** The same as `off`. */
  removeListener<E extends keyof StreamEvents<R>>(event: E, listener: (payload: StreamEvents<R>[E]) => void): this
}

/**
 * Streams the records of a report, each exactly once. The first request is sent at the first read. By default the next page is requested
 * when the reader has nearly used up the current one; by an encoder, when at most 1024 of its records are left to encode; see `prefetch`.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with an {@link ExportError}.
 * @example
 * await pipeline(exportStream({ baseUrl, reportId, accessToken }), toCsv(), createWriteStream('instances.csv'))
 */
export function exportStream<R extends object = ExportRecord>(options: ExportOptions): ExportStream<R>
/** The same with the default type, for `ReturnType<typeof exportStream>`, which takes the last overload. */
export function exportStream(options: ExportOptions): ExportStream
export function exportStream(options: ExportOptions): ExportStream {
  return new ExportReadable(resolveExportOptions('exportStream', options))
}

/** @internal The stream behind {@link exportStream}. */
export class ExportReadable extends RecordStream implements ExportStream {
  readonly stats: ExportStats
  readonly #session: ExportSession

  /** @param secondMs the length of a second of the keep-alive in milliseconds; for tests */
  constructor(options: ResolvedExportOptions, secondMs = 1000) {
    const session = new ExportSession(options, (event, payload) => this.emit(event, payload), secondMs)
    super(session, options)
    this.#session = session
    this.stats = createLiveStats(
      session.stats,
      () => this.emittedCount,
      () => (this.endedBy === 'end' && session.isCapped ? 'maxRecords' : this.endedBy),
    )
    this.once('end', () => {
      if (this.stats.complete) session.publishComplete(this.stats.records)
    })
    // last, because a signal that is already aborted destroys the stream at once
    const { signal } = options
    if (signal)
      this.once(
        'close',
        onAbort(signal, () => void this.destroy(createAbortError(signal))),
      )
  }

  [attachKey](consumer: PageConsumer): PageAttachment {
    this.addConsumer(consumer)
    const { stats } = this
    return {
      facts: {
        reportId: this.#session.reportId,
        get total() {
          return stats.total
        },
        startedAt: stats.startedAt,
      },
      detach: () => this.removeConsumer(consumer),
    }
  }

  get kind(): ReportKind | undefined {
    return this.#session.stats.kind
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#session.close()
    super._destroy(addRecordCount(error, this.emittedCount), done)
  }
}

// exportStream(): a report's records, as fast as the consumer asks for them.
import { addAbortSignal, type Readable } from 'node:stream'
import { attach, type Attachment, type Taker } from './attachment.js'
import { publish } from './diagnostics.js'
import { withRecords } from './errors.js'
import { OpenReport } from './open-report.js'
import { liveStats, type ExportEvents, type ExportStats } from './pages/progress.js'
import { RecordStream } from './records/record-stream.js'
import { sourceOptions, type ExportOptions, type SourceOptions } from './source-options.js'
import type { ExportRecord, ReportKind } from './types.js'

/** The events of an {@link ExportStream} and what their listeners get. */
export interface StreamEvents extends ExportEvents {
  /** A record. */
  data: ExportRecord
  /** The failure that ends the stream. */
  error: Error
}

/** A Readable in object mode that gives one record at a time, and tells what it does. */
export interface ExportStream extends Readable {
  /** Live figures. */
  readonly stats: ExportStats
  /** What kind of report it is; undefined before the first page. */
  readonly kind: ReportKind | undefined
  /** Listens to one of {@link StreamEvents}. */
  on<E extends keyof StreamEvents>(event: E, listener: (payload: StreamEvents[E]) => void): this
  /** Listens to any other event of a Readable. */
  on(event: string | symbol, listener: (...args: never[]) => void): this
  /** Listens to one of {@link StreamEvents} once. */
  once<E extends keyof StreamEvents>(event: E, listener: (payload: StreamEvents[E]) => void): this
  /** Listens to any other event of a Readable once. */
  once(event: string | symbol, listener: (...args: never[]) => void): this
  /** `for await` gives one record a step; leaving the loop ends the export. */
  [Symbol.asyncIterator](): NodeJS.AsyncIterator<ExportRecord>
}

/**
 * Streams a report's records, one at a time, each exactly once. Nothing is requested before the first read; the next page
 * is requested when the last one is used up.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with an {@link ExportError}.
 * @example
 * await pipeline(exportStream({ baseUrl, reportId, accessToken }), toCsv(), createWriteStream('instances.csv'))
 */
export function exportStream(options: ExportOptions): ExportStream {
  return new Source(sourceOptions('exportStream', options))
}

/** @internal The stream behind {@link exportStream}. */
export class Source extends RecordStream implements ExportStream {
  readonly stats: ExportStats
  readonly #report: OpenReport

  /** @param msPerSecond how long a second of a lease lasts; for tests */
  constructor(options: SourceOptions, msPerSecond = 1000) {
    const report = new OpenReport(options, (event, payload) => this.emit(event, payload), msPerSecond)
    super(report, options)
    this.#report = report
    this.stats = liveStats(
      report.tally,
      () => this.handedOver,
      () => (this.endedBy === 'end' && report.capped ? 'maxRecords' : this.endedBy),
    )
    this.once('end', () => {
      if (this.stats.complete) publish('complete', options.reportId, { ...report.tally, records: this.stats.records })
    })
    // last, since a signal that is aborted already destroys the stream here and now
    if (options.signal) addAbortSignal(options.signal, this)
  }

  [attach](taker: Taker): Attachment {
    this.attach(taker)
    const { stats } = this
    return {
      reportId: this.#report.reportId,
      get total() {
        return stats.total
      },
      startedAt: stats.startedAt,
      detach: () => this.detach(taker),
    }
  }

  get kind(): ReportKind | undefined {
    return this.#report.tally.kind
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#report.close()
    super._destroy(withRecords(error, this.handedOver), done)
  }
}

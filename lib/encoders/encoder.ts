// The one stream around every format: batches of records in, bytes out, the slower side always setting the pace.
import { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { attachTo, columnsKnownTo, type Attachment } from '../attachment.js'
import { ExportError } from '../errors.js'
import { checkedRecord } from '../rows/checked-record.js'
import { cut, recordsOf, WholeBatch, type Batch } from '../scan/batch.js'
import { RecordSpans } from '../scan/record-spans.js'
import type { Row } from '../types.js'
import type { Emit } from './format.js'

/** What an encoder has done so far; live. */
export interface EncoderStats {
  /** Rows encoded or held for it. */
  rows: number
  /** Bytes made. */
  bytes: number
  /** Columns of the file. */
  columns: number
  /** Distinct columns that first appeared after the columns were decided. */
  lateColumns: number
  /** Cells left out because of `lateColumns: 'drop'`. */
  droppedCells: number
  /** Row groups written; Parquet only. */
  rowGroups?: number
}

/** What an encoder stream does with records: everything but the streaming. */
export interface RecordSink {
  take(records: readonly Row[]): void | Promise<void>
  /**
   * The same for records that are still bytes; a sink without it is given objects.
   * @param isShared others read the same bytes; where nobody does, the sink may hand them on
   */
  readonly takeSpans?: ((records: RecordSpans, isShared: boolean) => void | Promise<void>) | undefined
  /** Emits what waits for more to come. */
  flush?(): void | Promise<void>
  end(): void | Promise<void>
  /** Frees what is held outside memory; called once, also after a failure. */
  dispose?(): void | Promise<void>
}

export const newStats = (): EncoderStats => ({ rows: 0, bytes: 0, columns: 0, lateColumns: 0, droppedCells: 0 })

/** Records the encoder may hold before it stops its source: so few that they are garbage while they are young. */
const HELD = 64
/** Records of a page that may be left to encode when the next one is asked for. */
const LEFT = 1024

/** A Duplex: records or flat rows in (objects), the bytes of a file out. */
export class Encoder extends Duplex {
  /** Live figures of this encoder. */
  readonly stats: Readonly<EncoderStats>
  readonly #where: string
  readonly #sink: RecordSink
  #work = Promise.resolve()
  #idle: NodeJS.Immediate | undefined
  readonly #sources = new Map<unknown, Attachment>()
  /** Of the rows of the stream that is piped here. */
  #knownColumns: readonly string[] | undefined
  #ready: Promise<void> | undefined
  #resume: (() => void) | undefined

  /** @internal */
  constructor(
    where: string,
    stats: EncoderStats,
    makeSink: (
      emit: Emit,
      source: () => Attachment | undefined,
      knownColumns: () => readonly string[] | undefined,
    ) => RecordSink,
  ) {
    super({ writableObjectMode: true, writableHighWaterMark: HELD, readableHighWaterMark: 64 * 1024 })
    this.#where = where
    this.stats = stats
    this.#sink = makeSink(
      (bytes) => {
        if (this.destroyed) throw new ExportError('ERR_ENCODE', `${where}: the stream was destroyed`)
        stats.bytes += bytes.length
        return bytes.length === 0 || this.push(bytes) ? undefined : this.#readerIsReady()
      },
      () => [...this.#sources.values()].at(-1),
      () => this.#knownColumns,
    )
    this.on('pipe', (stream) => {
      this.#knownColumns = columnsKnownTo(stream)
      const attachment = attachTo(stream, this)
      if (attachment) this.#sources.set(stream, attachment)
    })
    this.on('unpipe', (stream) => this.#sources.get(stream)?.detach())
  }

  /** @internal */
  override _writev(chunks: { chunk: unknown }[], done: (error?: Error | null) => void): void {
    this.#run(async () => {
      let records: Row[] = []
      for (const { chunk } of chunks) {
        if (!(chunk instanceof WholeBatch)) records.push(checkedRecord(this.#where, chunk))
        else {
          if (records.length > 0) await this.#sink.take(records)
          records = []
          await this.#takeWhole(chunk)
        }
      }
      if (records.length > 0) await this.#sink.take(records)
    }, done)
  }

  /** @internal */
  override _final(done: (error?: Error | null) => void): void {
    this.#run(async () => {
      await this.#sink.end()
      this.push(null)
    }, done)
  }

  /** @internal */
  override _read(): void {
    this.#resume?.()
  }

  /** @internal Work under way ends with its next bytes; what it holds is freed after it. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#resume?.()
    const disposed = this.#work.catch(() => undefined).then(() => this.#sink.dispose?.())
    disposed.then(
      () => done(error),
      (failure: unknown) => done(error ?? this.#asExportError(failure)),
    )
  }

  /**
   * A page is let go when little of it is left. The turn of the event loop lets the
   * request for the next page leave before the rest is encoded.
   */
  async #takeWhole(batch: WholeBatch): Promise<void> {
    const [first, last] = cut(batch.records, Math.max(0, batch.records.length - LEFT))
    await this.#takeBatch(first, batch.isShared)
    batch.release(this)
    await turn()
    await this.#takeBatch(last, batch.isShared)
  }

  async #takeBatch(records: Batch, isShared: boolean): Promise<void> {
    if (records.length === 0) return
    if (records instanceof RecordSpans && this.#sink.takeSpans) await this.#sink.takeSpans(records, isShared)
    else await this.#sink.take(recordsOf(records))
    await this.#sink.flush?.()
  }

  #run(work: () => Promise<void>, done: (error?: Error | null) => void): void {
    this.#work = this.#work.then(work)
    this.#work.then(
      () => {
        this.#idle ??= setImmediate(() => this.#flush())
        done()
      },
      (error: unknown) => done(this.#asExportError(error)),
    )
  }

  /** Where no more has come in a turn of the event loop, what was made is handed on. */
  #flush(): void {
    this.#idle = undefined
    if (this.writableLength > 0 || this.writableEnded || this.destroyed) return
    this.#work = this.#work.then(() => this.#sink.flush?.())
    this.#work.catch((error: unknown) => this.destroy(this.#asExportError(error)))
  }

  #readerIsReady(): Promise<void> {
    this.#ready ??= new Promise((resolve) => {
      this.#resume = () => {
        this.#ready = undefined
        this.#resume = undefined
        resolve()
      }
    })
    return this.#ready
  }

  #asExportError(error: unknown): ExportError {
    if (error instanceof ExportError) return error
    const reason = error instanceof Error ? error.message : String(error)
    return new ExportError('ERR_ENCODE', `${this.#where}: ${reason}`, { cause: error })
  }
}

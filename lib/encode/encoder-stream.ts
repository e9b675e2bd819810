// The stream of all encoders: batches of records in, bytes out. It stops reading records while the reader of the bytes is slow.
import { Duplex } from 'node:stream'
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import type { ExportFacts } from '../pages/page-hand-over.js'
import { PipedSources } from '../pages/piped-sources.js'
import { ExportError, OptionError } from '../shared/errors.js'
import { checkRecord } from '../schema/rows/check-record.js'
import type { AlikeNamesWarning } from '../schema/names/alike-names.js'
import type { MiningWarning } from '../schema/rows/mining-events.js'
import type { UnmatchedName, UnmatchedNameWarning } from '../schema/names/name-matcher.js'
import { splitBatch, toRecords, BatchInFlight, type RecordBatch } from '../pages/record-batch.js'
import { RecordSpans } from '../spans/record-spans.js'
import { stopDataEvents } from '../shared/streams/stop-data-events.js'
import type { DuplexEvents } from '../shared/streams/typed-duplex.js'
import type { Row } from '../shared/types.js'
import type { ColumnSchema } from '../schema/column-schema.js'
import type { Emit } from './format.js'

/** The figures of an encoder. They change while it runs. */
export interface EncoderStats {
  /** Rows of the file so far; for NDJSON, XES and OCEL, records. */
  rows: number
  /** Bytes of the file so far. */
  bytes: number
  /** Columns of the file; 0 for NDJSON, XES and OCEL. */
  columns: number
  /** Distinct columns that first appeared after the columns were decided. */
  lateColumns: number
  /** Cells left out because of `lateColumns: 'drop'`. */
  droppedCells: number
  /** Names in the options that were in no record; known at the end. */
  unmatched: readonly UnmatchedName[]
  /** Groups of columns whose names differ only in case, in blanks around them or in their Unicode form; known at the end. */
  alikeColumns: readonly (readonly string[])[]
  /** For each column whose name in the file is not its prefixed name: the name in the file, by the prefixed name; known at the end. */
  columnNames: Readonly<Record<string, string>>
  /** Events written; XES and OCEL only. */
  eventCount?: number
  /** Row groups written, or record batches; Parquet and Arrow only. */
  rowGroups?: number
  /** The columns and their types, once they are decided; not for NDJSON, XES and OCEL. */
  schema?: readonly ColumnSchema[]
}

export interface RecordEncoder {
  writeRecords(records: readonly Row[]): void | Promise<void>
  /**
   * The same for records that are still bytes; an encoder without this method gets objects.
   * @param isShared true if another encoder reads the same bytes; if false, the encoder may change them and emit them
   */
  readonly writeSpans?: ((records: RecordSpans, isShared: boolean) => void | Promise<void>) | undefined
  /**
   * True if the encoder still uses bytes of the last page, because it holds records or has emitted these bytes. Such a page is never
   * finished, and V8 frees its memory. An encoder without `writeSpans` uses no bytes of a page.
   */
  readonly keepsPage?: boolean
  /** Emits the bytes that are held so far. */
  flush?(): void | Promise<void>
  end(): void | Promise<void>
  /** Frees resources outside memory, such as a temporary file; called once, also after a failure. */
  dispose?(): void | Promise<void>
}

export const createStats = (): EncoderStats => ({
  rows: 0,
  bytes: 0,
  columns: 0,
  lateColumns: 0,
  droppedCells: 0,
  unmatched: [],
  alikeColumns: [],
  columnNames: {},
})

/** A CSV file has a NUL character, U+0000. Some programs end the line there; psql's `\copy` joins what is before it with the next line. */
export interface NulWarning {
  /** Which warning it is. */
  readonly code: 'WARN_NUL'
  /** The same in words. */
  readonly message: string
}

/** A file for Excel is not as the caller may expect: several sheets, changed texts, dates in UTC, or numbers that stayed text. */
export interface WorkbookWarning {
  /** Which warning it is. */
  readonly code: 'WARN_SHEETS' | 'WARN_TEXT_CHANGED' | 'WARN_UTC_DATES' | 'WARN_NUMBERS_AS_TEXT'
  /** The same in words. */
  readonly message: string
}

/** A warning of an encoder: the argument of the listeners of its `warning` event. `code` tells which warning it is. */
export type EncoderWarning = UnmatchedNameWarning | AlikeNamesWarning | NulWarning | WorkbookWarning | MiningWarning

export type Warn = (warning: EncoderWarning) => void

/** The functions of the stream that its record encoder may call. */
export interface EncoderContext {
  /** Returns the facts of the export that is piped directly into the encoder, or undefined if the source is another stream. */
  readonly getExportFacts: () => ExportFacts | undefined
  /** Returns the columns of a file without rows, if the stream that is piped into the encoder has them. */
  readonly getColumnsWithoutRows: () => readonly string[] | undefined
  /** Returns true if the records are a part of a table whose names are checked elsewhere. */
  readonly isPartOfTable: () => boolean
  readonly warn: Warn
}

export type CreateEncoder = (emit: Emit, context: EncoderContext) => RecordEncoder

/** When this many records wait, the source is paused. The number is small, so that V8 frees the records while they are young objects. */
export const MAX_WAITING_RECORDS = 64
/** The encoder releases a page when at most this many of its records are still to be encoded. */
const RECORDS_LEFT_AT_RELEASE = 1024

/**
 * The events of an {@link Encoder} and the argument of their listeners; `undefined` means no argument. `data` has bytes of the file.
 */
export interface EncoderEvents extends DuplexEvents<Buffer> {
  /** The output may not be what the caller expects; emitted before the end. */
  warning: EncoderWarning
}

/** A Duplex: records or flat rows in (objects), the bytes of a file out. It emits {@link EncoderEvents}. */
export interface Encoder extends Duplex {
  /** Live figures of this encoder. */
  readonly stats: Readonly<EncoderStats>
  /** Adds a listener to one of {@link EncoderEvents}. */
  on<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** Adds a listener that is called once. */
  once<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** The same as `on`. */
  addListener<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** Adds a listener that is called before the others. */
  prependListener<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** Adds a listener that is called once and before the others. */
  prependOnceListener<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** Removes a listener. */
  off<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** The same as `off`. */
  removeListener<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
}

/** @internal The stream behind every {@link Encoder}. */
export class EncoderStream extends Duplex implements Encoder {
  readonly stats: Readonly<EncoderStats>
  readonly #where: string
  readonly #encoder: RecordEncoder
  #pendingWork = Promise.resolve()
  #idleFlush: NodeJS.Immediate | undefined
  readonly #sources = new PipedSources(this)
  #readerReady: Promise<void> | undefined
  #resumeReader: (() => void) | undefined

  constructor(where: string, stats: EncoderStats, createEncoder: CreateEncoder) {
    super({ writableObjectMode: true, writableHighWaterMark: MAX_WAITING_RECORDS, readableHighWaterMark: 64 * 1024 })
    this.#where = where
    this.stats = stats
    this.#encoder = createEncoder(
      (bytes) => {
        if (this.destroyed) throw new ExportError('ERR_ENCODE', `${where}: the stream was destroyed`)
        stats.bytes += bytes.length
        return bytes.length === 0 || this.push(bytes) ? undefined : this.#waitForReader()
      },
      {
        getExportFacts: () => this.#sources.facts,
        getColumnsWithoutRows: () => this.#sources.columnsWithoutRows,
        isPartOfTable: () => this.#sources.isPartOfTable,
        warn: (warning) => this.emit('warning', warning),
      },
    )
  }

  override _writev(chunks: { chunk: unknown }[], done: (error?: Error | null) => void): void {
    this.#run(async () => {
      let records: Row[] = []
      for (const { chunk } of chunks) {
        if (!(chunk instanceof BatchInFlight)) records.push(checkRecord(this.#where, chunk))
        else {
          if (records.length > 0) await this.#encoder.writeRecords(records)
          records = []
          await this.#writePage(chunk)
        }
      }
      if (records.length > 0) await this.#encoder.writeRecords(records)
    }, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#run(async () => {
      await this.#encoder.end()
      this.push(null)
    }, done)
  }

  override _read(): void {
    this.#resumeReader?.()
  }

  /** Frees the resources of the encoder after the pending work, which fails when it emits its next bytes. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    stopDataEvents(this)
    this.#resumeReader?.()
    const disposed = this.#pendingWork.catch(() => undefined).then(() => this.#encoder.dispose?.())
    disposed.then(
      () => done(error),
      (failure: unknown) => done(error ?? this.#asExportError(failure)),
    )
  }

  /**
   * Encodes a page. Releases the page before its last records are encoded, and yields once, so that the source requests the next page at
   * that time. A page whose encoding fails is not finished.
   */
  async #writePage(batch: BatchInFlight): Promise<void> {
    const [first, last] = splitBatch(batch.records, Math.max(0, batch.records.length - RECORDS_LEFT_AT_RELEASE))
    await this.#writeBatch(first, batch.isShared)
    batch.release(this.#sources)
    await yieldToEventLoop()
    await this.#writeBatch(last, batch.isShared)
    if (!this.#encoder.keepsPage) batch.finish(this.#sources)
  }

  async #writeBatch(records: RecordBatch, isShared: boolean): Promise<void> {
    if (records.length === 0) return
    if (records instanceof RecordSpans && this.#encoder.writeSpans) await this.#encoder.writeSpans(records, isShared)
    else await this.#encoder.writeRecords(toRecords(records))
    await this.#encoder.flush?.()
  }

  #run(work: () => Promise<void>, done: (error?: Error | null) => void): void {
    this.#pendingWork = this.#pendingWork.then(work)
    this.#pendingWork.then(
      () => {
        this.#idleFlush ??= setImmediate(() => this.#flush())
        done()
      },
      (error: unknown) => done(this.#asExportError(error)),
    )
  }

  /** Emits the bytes so far, if no more records arrived during one turn of the event loop and the stream has not ended. */
  #flush(): void {
    this.#idleFlush = undefined
    if (this.writableLength > 0 || this.writableEnded || this.destroyed) return
    this.#pendingWork = this.#pendingWork.then(() => this.#encoder.flush?.())
    this.#pendingWork.catch((error: unknown) => this.destroy(this.#asExportError(error)))
  }

  #waitForReader(): Promise<void> {
    this.#readerReady ??= new Promise((resolve) => {
      this.#resumeReader = () => {
        this.#readerReady = undefined
        this.#resumeReader = undefined
        resolve()
      }
    })
    return this.#readerReady
  }

  /** Returns an error of this library unchanged, such as the OptionError about an npm package that is not installed. */
  #asExportError(error: unknown): ExportError | OptionError {
    if (error instanceof ExportError || error instanceof OptionError) return error
    const reason = error instanceof Error ? error.message : String(error)
    return new ExportError('ERR_ENCODE', `${this.#where}: ${reason}`, { cause: error })
  }
}

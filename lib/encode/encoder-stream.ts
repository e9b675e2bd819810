// The stream of all encoders: batches of records in, bytes out. It stops reading records while the reader of the bytes is slow.
import { Duplex } from 'node:stream'
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { PageReceiver } from '../pages/page-receiver.js'
import { ExportError, OptionError } from '../shared/errors.js'
import { checkRecord } from '../schema/rows/check-record.js'
import { splitBatch, toRecords, type RecordBatch } from '../pages/record-batch.js'
import { PageInFlight } from '../pages/page-hand-over.js'
import { RecordSpans } from '../spans/record-spans.js'
import { stopDataEvents } from '../shared/streams/stop-data-events.js'
import type { RecordOrRow } from '../shared/types.js'
import type { Encoder, EncoderStats } from './encoder.js'
import type { CreateRecordEncoder, RecordEncoder } from './record-encoder.js'

/** When this many records wait, the source is paused. The number is small, so that V8 frees the records while they are young objects. */
export const MAX_WAITING_RECORDS = 64
/** The stream releases a page when at most this many of its records are still to be encoded. */
const RECORDS_LEFT_AT_RELEASE = 1024

/** @internal The stream behind every {@link Encoder}. */
export class EncoderStream extends Duplex implements Encoder {
  readonly stats: Readonly<EncoderStats>
  readonly #where: string
  readonly #recordEncoder: RecordEncoder
  #pendingWork = Promise.resolve()
  #idleFlush: NodeJS.Immediate | undefined
  readonly #sources = new PageReceiver(this)
  #readerReady: Promise<void> | undefined
  #resumeReader: (() => void) | undefined

  constructor(where: string, stats: EncoderStats, createRecordEncoder: CreateRecordEncoder) {
    super({ writableObjectMode: true, writableHighWaterMark: MAX_WAITING_RECORDS, readableHighWaterMark: 64 * 1024 })
    this.#where = where
    this.stats = stats
    this.#recordEncoder = createRecordEncoder(
      (bytes) => {
        if (this.destroyed) throw new ExportError('ERR_ENCODE', `${where}: the stream was destroyed`)
        stats.bytes += bytes.length
        return bytes.length === 0 || this.push(bytes) ? undefined : this.#waitForReader()
      },
      {
        getExportFacts: () => this.#sources.facts,
        getColumnsIfEmpty: () => this.#sources.columnsIfEmpty,
        isPartOfTable: () => this.#sources.isPartOfTable,
        warn: (warning) => this.emit('warning', warning),
      },
    )
  }

  override _writev(chunks: { chunk: unknown }[], done: (error?: Error | null) => void): void {
    this.#run(async () => {
      for (const group of groupChunks(this.#where, chunks))
        await (group instanceof PageInFlight ? this.#writePage(group) : this.#recordEncoder.writeRecords(group))
    }, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#run(async () => {
      await this.#recordEncoder.end()
      this.push(null)
    }, done)
  }

  override _read(): void {
    this.#resumeReader?.()
  }

  /** Frees the resources of the encoder after the pending work. That work fails when it emits its next bytes. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    stopDataEvents(this)
    this.#resumeReader?.()
    const disposed = this.#pendingWork.catch(() => undefined).then(() => this.#recordEncoder.dispose?.())
    disposed.then(
      () => done(error),
      (failure: unknown) => done(error ?? this.#asExportError(failure)),
    )
  }

  /**
   * Encodes a page, or a batch of a dataset. Releases the page before its last records are encoded, and yields once, so that the source
   * requests the next page at that time. A page is not finished if its encoding fails, or if the encoder keeps the page.
   */
  async #writePage(page: PageInFlight): Promise<void> {
    const [first, last] = splitBatch(page.records, Math.max(0, page.records.length - RECORDS_LEFT_AT_RELEASE))
    await this.#writeBatch(first, page.isShared)
    page.release(this.#sources)
    await yieldToEventLoop()
    await this.#writeBatch(last, page.isShared)
    const { keptPart } = this.#recordEncoder
    if (keptPart !== 'page') page.finish(this.#sources, keptPart === 'bytes')
  }

  async #writeBatch(records: RecordBatch, isShared: boolean): Promise<void> {
    if (records.length === 0) return
    if (records instanceof RecordSpans && this.#recordEncoder.writeSpans)
      await this.#recordEncoder.writeSpans(records, isShared)
    else await this.#recordEncoder.writeRecords(toRecords(records))
    await this.#recordEncoder.flush?.()
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

  #flush(): void {
    this.#idleFlush = undefined
    if (this.writableLength > 0 || this.writableEnded || this.destroyed) return
    this.#pendingWork = this.#pendingWork.then(() => this.#recordEncoder.flush?.())
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

  /** Returns errors of this library unchanged. An OptionError is about a package that is not installed, or about the environment. */
  #asExportError(error: unknown): ExportError | OptionError {
    if (error instanceof ExportError || error instanceof OptionError) return error
    const reason = error instanceof Error ? error.message : String(error)
    return new ExportError('ERR_ENCODE', `${this.#where}: ${reason}`, { cause: error })
  }
}

/** Yields the pages among the chunks of a write, and in arrays the records before, between and after them. */
export function* groupChunks(
  where: string,
  chunks: readonly { readonly chunk: unknown }[],
): Generator<PageInFlight | RecordOrRow[]> {
  let records: RecordOrRow[] = []
  for (const { chunk } of chunks) {
    if (!(chunk instanceof PageInFlight)) records.push(checkRecord(where, chunk))
    else {
      if (records.length > 0) yield records
      records = []
      yield chunk
    }
  }
  if (records.length > 0) yield records
}

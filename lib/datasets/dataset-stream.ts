// The stream of a dataset: records in, a folder of files out. The records are kept in a temporary file until the last one has arrived,
// because all columns and types are known only then.
import { createStats, type EncoderStats } from '../encode/encoder.js'
import { groupChunks, MAX_WAITING_RECORDS } from '../encode/encoder-stream.js'
import type { RecordBatch } from '../pages/record-batch.js'
import { PageInFlight } from '../pages/page-hand-over.js'
import { RecordSpans } from '../spans/record-spans.js'
import { createRunId } from '../files/dataset-file-name.js'
import type { DatasetFolder } from '../files/dataset-folder.js'
import { formatJsonFile, type ReceiptContent } from '../files/receipt.js'
import { LazyWritable } from '../files/lazy-writable.js'
import { addUnfinished, NOT_ENDED, removeUnfinished, type UnfinishedOutput } from '../files/unfinished-outputs.js'
import { expandRecords } from '../schema/rows/group-rows.js'
import { ExportError, OptionError } from '../shared/errors.js'
import { PageReceiver } from '../pages/page-receiver.js'
import type { RecordOrRow } from '../shared/types.js'
import { commitDataset, readManifest, removeStrays } from './dataset-commit.js'
import { BatchQueue, DatasetFileWriter } from './dataset-file-writer.js'
import { createFileEncoder } from './dataset-encoders.js'
import type { DatasetManifest, EarlierManifest } from './dataset-manifest.js'
import type { DatasetPlan, DatasetWarning } from './dataset-plan.js'
import { checkAppend, decideFileSettings, type FileSettings } from './dataset-schema.js'
import { ExampleFinder } from './example-records.js'
import { DEFAULT_PARTITION, escapeSegment, PartitionFinder, type PartitionKey } from './partition-key.js'
import { PartitionSpool } from './partition-spool.js'

/** The figures of a dataset. `rows` counts the rows that have arrived; all other figures are known at the end. */
export interface DatasetStats extends EncoderStats {
  /** Files of this run. */
  files: number
  /** Partitions in which this run has records. */
  partitions: number
}

/** @internal */
export class DatasetStream extends LazyWritable<DatasetFolder> implements UnfinishedOutput {
  readonly stats: DatasetStats = { ...createStats(), files: 0, partitions: 0 }
  readonly #plan: DatasetPlan
  readonly #runId = createRunId()
  readonly #partitionFinder: PartitionFinder
  readonly #spool: PartitionSpool
  readonly #exampleFinder: ExampleFinder
  readonly #sources = new PageReceiver(this)
  #folder: DatasetFolder | undefined
  #earlier: EarlierManifest | undefined
  #fileWriter: DatasetFileWriter | undefined
  #isCommitting = false
  #hasWarnedOfNul = false

  constructor(plan: DatasetPlan) {
    super({ objectMode: true, highWaterMark: MAX_WAITING_RECORDS })
    const { where, partitionBy, partitionNames } = plan
    this.#plan = plan
    this.#partitionFinder = new PartitionFinder(where, partitionBy, partitionNames)
    this.#spool = new PartitionSpool(where)
    this.#exampleFinder = new ExampleFinder(where)
  }

  override _writev(chunks: { chunk: unknown }[], done: (error?: Error | null) => void): void {
    this.attempt('write', done, async () => {
      for (const group of groupChunks(this.#plan.where, chunks)) {
        await this.#addBatch(group instanceof PageInFlight ? group.records : group)
        if (group instanceof PageInFlight) group.release(this.#sources)
      }
    })
  }

  override _final(done: (error?: Error | null) => void): void {
    this.attempt('finish', done, async (folder) => {
      await this.#spool.flush()
      const settings = await this.#decideFileSettings()
      const fileWriter = await this.#writeFiles(folder, settings)
      await this.#commit(folder, fileWriter)
      await folder.close()
    })
  }

  /** Does nothing while files are moved into place: the moves decide how the stream ends. */
  override destroy(error?: Error): this {
    return this.#isCommitting ? this : super.destroy(error)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.abortController.abort()
    super._destroy(error, done)
  }

  failUnfinished(): void {
    this.destroy(this.toError('finish', new Error(NOT_ENDED)))
  }

  protected override async open(signal: AbortSignal): Promise<DatasetFolder> {
    addUnfinished(this)
    this.once('close', () => removeUnfinished(this))
    const { store, manifestPath, mode } = this.#plan
    this.#folder = await store.openFolder(manifestPath, signal)
    this.#earlier = await readManifest(this.#folder)
    if (mode === 'append' && this.#earlier) checkAppend(this.#plan, this.#earlier)
    await removeStrays(this.#folder, this.#earlier, (message) => this.#warnOfStrays(message))
    return this.#folder
  }

  /** Adds the records of a batch as bytes if each of them is one JSON object and one row, else all of them as objects. */
  async #addBatch(batch: RecordBatch | readonly RecordOrRow[]): Promise<void> {
    const firstRowNumber = this.stats.rows + 1
    if (batch instanceof RecordSpans && hasOneRowPerRecord(batch)) {
      for (let index = 0; index < batch.length; index++) {
        const key = this.#partitionFinder.findForSpans(batch, index, firstRowNumber + index)
        this.#spool.addRecordBytes(key, batch, index)
      }
      await this.#exampleFinder.add(batch)
      this.stats.rows += batch.length
    } else {
      const records: readonly RecordOrRow[] = batch instanceof RecordSpans ? batch.getRecords() : batch
      const rows = expandRecords(records)
      for (const [index, row] of rows.entries())
        this.#spool.addRecord(this.#partitionFinder.findForRecord(row, firstRowNumber + index), row)
      await this.#exampleFinder.add(rows)
      this.stats.rows += rows.length
    }
    await this.#spool.flushIfFull()
  }

  async #decideFileSettings(): Promise<FileSettings> {
    const appendTo = this.#plan.mode === 'append' ? this.#earlier : undefined
    const examples = await this.#exampleFinder.finish()
    const source = { examples, columnsIfEmpty: this.#sources.columnsIfEmpty, appendTo }
    const decided = await decideFileSettings(this.#plan, source, (warning) => this.#warn(warning))
    const { lateColumns, unmatched, alikeColumns, columnNames, columns } = decided.stats
    const { schema } = decided
    const columnCount = schema?.length ?? columns
    Object.assign(this.stats, { lateColumns, unmatched, alikeColumns, columnNames, columns: columnCount })
    if (schema) this.stats.schema = schema
    return decided
  }

  async #writeFiles(folder: DatasetFolder, { options, schema }: FileSettings): Promise<DatasetFileWriter> {
    const { format } = this.#plan
    const { signal } = this.abortController
    const createEncoder = () => createFileEncoder(format, options, schema)
    // warnings about names were emitted before, for all records
    const warn = (warning: DatasetWarning) => warning.code === 'WARN_NUL' && this.#warn(warning)
    const fileWriter = new DatasetFileWriter({ ...this.#plan, createEncoder }, folder, this.#runId, warn)
    this.#fileWriter = fileWriter
    const { partitions } = this.#spool
    for (const partition of partitions) await fileWriter.writePartition(this.#spool, partition, signal)
    // readers need a file to know the columns; an empty NDJSON file has none
    if (partitions.length === 0 && format !== 'ndjson')
      await fileWriter.writeFile(this.#createEmptyKey(), new BatchQueue(yieldNothing()), signal)
    await fileWriter.finish()
    signal.throwIfAborted()
    const { manifestFiles, droppedCells } = fileWriter
    const bytes = manifestFiles.reduce((sum, file) => sum + file.bytes, 0)
    Object.assign(this.stats, { files: manifestFiles.length, partitions: partitions.length, bytes, droppedCells })
    return fileWriter
  }

  /** Returns the partition of a dataset without records. */
  #createEmptyKey(): PartitionKey {
    const { partitionNames } = this.#plan
    return {
      folder: partitionNames.map((name) => `${escapeSegment(name)}=${DEFAULT_PARTITION}`).join('/'),
      values: Object.fromEntries(partitionNames.map((name) => [name, null])),
    }
  }

  async #commit(folder: DatasetFolder, { manifestFiles, stagedFiles }: DatasetFileWriter): Promise<void> {
    const { mode, manifestPath, receipt, onReceipt } = this.#plan
    const earlierFiles = this.#earlier?.files ?? []
    const manifest = this.#createManifest(
      receipt?.() ?? {},
      mode === 'append' ? [...earlierFiles, ...manifestFiles] : manifestFiles,
    )
    this.#isCommitting = true
    const next = {
      runId: this.#runId,
      manifest: formatJsonFile(manifest),
      files: stagedFiles,
      removes: mode === 'append' ? [] : earlierFiles.map(({ path }) => path),
    }
    await commitDataset(folder, next, (message) => this.#warnOfStrays(message)).finally(() => {
      this.#isCommitting = false
    })
    onReceipt?.({ path: manifestPath, content: manifest })
  }

  #createManifest(content: ReceiptContent, files: DatasetManifest['files']): ReceiptContent & DatasetManifest {
    const { format, gzip, mode, partitionBy, partitionNames, csv } = this.#plan
    const { rows, bytes, files: count, schema } = this.stats
    return {
      ...content,
      manifestVersion: 1,
      format,
      gzip,
      partitionBy: partitionBy.map(({ given }) => given),
      partitionColumns: partitionNames,
      ...(csv ? { csv } : {}),
      run: { id: this.#runId, mode, rows, bytes, files: count },
      rows: files.reduce((sum, file) => sum + file.rows, 0),
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      ...(schema ? { schema } : {}),
      files,
      finishedAt: new Date(),
    }
  }

  /** Also removes everything of this run that was not moved into place. */
  protected override async close(): Promise<void> {
    await this.#spool.dispose()
    await this.#fileWriter?.finish().catch(() => undefined)
    for (const file of this.#fileWriter?.stagedFiles ?? []) await file.close()
    await this.#folder?.close()
  }

  #warn(warning: DatasetWarning): void {
    if (warning.code === 'WARN_NUL' && this.#hasWarnedOfNul) return
    this.#hasWarnedOfNul ||= warning.code === 'WARN_NUL'
    this.emit('warning', warning)
  }

  #warnOfStrays(message: string): void {
    this.#warn({ code: 'WARN_STRAY_FILES', message: `${this.#plan.where}: ${message}` })
  }

  protected override toError(step: string, cause: unknown): Error {
    const { store, where, manifestPath } = this.#plan
    if (cause instanceof ExportError || cause instanceof OptionError) return cause
    return store.toError(where, step, manifestPath, cause)
  }
}

const hasOneRowPerRecord = (spans: RecordSpans) =>
  spans.listLayoutRuns().every(({ layout }) => !layout.isMade && !layout.canBeGroup)

async function* yieldNothing(): AsyncGenerator<RecordBatch> {
  // a file without records
}

// Writes the files of a dataset, one after the other, from the records in the spool.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { addCompressedExtension, createGzipStream } from '../encode/gzip-files.js'
import type { Encoder, EncoderStats, EncoderWarning } from '../encode/encoder.js'
import { splitBatch, type RecordBatch } from '../pages/record-batch.js'
import { PageInFlight } from '../pages/page-hand-over.js'
import { formatDatasetFileName } from '../files/dataset-file-name.js'
import type { DatasetFile, DatasetFolder } from '../files/dataset-folder.js'
import { FileFactsCounter } from '../files/file-facts.js'
import { waitForFewer } from '../shared/map-concurrently.js'
import { partOfTableKey } from '../pages/stream-facts.js'
import type { ManifestFile } from './dataset-manifest.js'
import type { DatasetPlan } from './dataset-plan.js'
import type { PartitionKey } from './partition-key.js'
import type { Partition, PartitionSpool } from './partition-spool.js'

/** The number of encoded files that may wait for the disk or the bucket while the next file is encoded. */
const MAX_FINISHING_FILES = 4

export interface FilePlan extends DatasetPlan {
  readonly createEncoder: () => Encoder
}

export class DatasetFileWriter {
  readonly stagedFiles: DatasetFile[] = []
  readonly manifestFiles: ManifestFile[] = []
  /** The sum of `droppedCells` of the encoders. */
  droppedCells = 0
  readonly #plan: FilePlan
  readonly #folder: DatasetFolder
  readonly #runId: string
  readonly #warn: (warning: EncoderWarning) => unknown
  readonly #finishing = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | undefined

  constructor(plan: FilePlan, folder: DatasetFolder, runId: string, warn: (warning: EncoderWarning) => unknown) {
    this.#plan = plan
    this.#folder = folder
    this.#runId = runId
    this.#warn = warn
  }

  async writePartition(spool: PartitionSpool, partition: Partition, signal: AbortSignal): Promise<void> {
    const batches = new BatchQueue(spool.readBatches(partition))
    while (await batches.hasMore()) await this.writeFile(partition, batches, signal)
  }

  /** Encodes one file, with records until a limit is reached or there are no more. {@link finish} waits for the disk or the bucket. */
  async writeFile({ folder, values }: PartitionKey, batches: BatchQueue, signal: AbortSignal): Promise<void> {
    await waitForFewer(this.#finishing, MAX_FINISHING_FILES)
    this.#throwIfFailed()
    const { format, gzip, createEncoder } = this.#plan
    const name = addCompressedExtension(formatDatasetFileName(this.stagedFiles.length, this.#runId, format), gzip)
    const file = await this.#folder.createFile(folder === '' ? name : `${folder}/${name}`)
    this.stagedFiles.push(file)
    const encoder = createEncoder()
    encoder.on('warning', this.#warn)
    const records = Object.assign(Readable.from(this.#takeBatches(batches, encoder), { highWaterMark: 1 }), {
      [partOfTableKey]: true,
    })
    const facts = new FileFactsCounter()
    const write = async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        facts.add(chunk)
        await file.write(chunk)
      }
    }
    await (gzip
      ? pipeline(records, encoder, createGzipStream(), write, { signal })
      : pipeline(records, encoder, write, { signal }))
    const { rows, droppedCells } = encoder.stats
    this.droppedCells += droppedCells
    this.manifestFiles.push({ path: file.path, rows, ...facts.finish(), partition: values })
    const finished: Promise<void> = file
      .finish()
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .finally(() => this.#finishing.delete(finished))
    this.#finishing.add(finished)
  }

  async finish(): Promise<void> {
    await Promise.all(this.#finishing)
    this.#throwIfFailed()
  }

  /**
   * Yields batches until the file is full. If bytes are counted, the encoder gets a batch when the bytes of the batch before are counted. A
   * Parquet encoder has no bytes of a row group before its end, so it gets a batch when it releases the batch before.
   */
  async *#takeBatches(batches: BatchQueue, encoder: Encoder): AsyncGenerator<PageInFlight> {
    const { fileRows, fileBytes, format } = this.#plan
    const countsBytes = fileBytes < Infinity && format !== 'parquet'
    let rows = 0
    let takeNext: () => void = ignore
    encoder.once('close', () => takeNext())
    while (rows < fileRows && encoder.stats.bytes < fileBytes) {
      const max = countsBytes ? estimateRows(encoder.stats, fileBytes) : Infinity
      const batch = await batches.take(Math.min(fileRows - rows, max))
      if (!batch) return
      rows += batch.length
      const isTaken = new Promise<void>((resolve) => (takeNext = resolve))
      yield countsBytes ? new PageInFlight(batch, ignore, false, takeNext) : new PageInFlight(batch, takeNext, false)
      await isTaken
    }
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error
  }
}

/** Returns how many more records the file may get until it has `fileBytes`, at least one; of a file without records, one. */
const estimateRows = ({ rows, bytes }: EncoderStats, fileBytes: number) =>
  rows === 0 ? 1 : Math.ceil((fileBytes - bytes) / (bytes / rows))

const ignore = () => undefined

export class BatchQueue {
  readonly #batches: AsyncIterator<RecordBatch>
  #next: RecordBatch | undefined

  constructor(batches: AsyncIterable<RecordBatch>) {
    this.#batches = batches[Symbol.asyncIterator]()
  }

  async hasMore(): Promise<boolean> {
    if (!this.#next) {
      const next = (await this.#batches.next()) as { readonly value: RecordBatch | undefined }
      this.#next = next.value
    }
    return this.#next !== undefined
  }

  async take(max: number): Promise<RecordBatch | undefined> {
    if (!(await this.hasMore())) return undefined
    const batch = this.#next!
    if (batch.length <= max) {
      this.#next = undefined
      return batch
    }
    const [first, others] = splitBatch(batch, max)
    this.#next = others
    return first
  }
}

// Keeps the records of a dataset in one temporary file until all columns and types are known. Each frame has records of only one partition,
// so a partition can be read alone, and many partitions do not need many open files.
import { deserializeRows, ROWS_PER_FRAME, serializeRows, Spool } from '../encode/spool/spool.js'
import { ArrayScanner } from '../fastpath/scan/array-scanner.js'
import type { RecordBatch } from '../pages/record-batch.js'
import { recordMapping } from '../spans/key-mapping.js'
import { RecordSpans } from '../spans/record-spans.js'
import { ExportError } from '../shared/errors.js'
import { parseJson } from '../shared/json/json.js'
import { toPlainValue } from '../shared/json/json-text.js'
import type { ExportRecord, RecordOrRow } from '../shared/types.js'
import type { PartitionKey } from './partition-key.js'

/** The limit for the records in memory, of all partitions together. */
const MAX_HELD_BYTES = 16 * 1024 ** 2

/** The bytes that a record counts for if it is an object, because the size of an object is unknown before it is serialized. */
const OBJECT_BYTES = 4096

/** A frame of records as bytes ends when the records have this many bytes. */
const FRAME_BYTES = 1024 ** 2

/** More partitions are probably a mistake, and readers list each folder. */
const MAX_PARTITIONS = 10_000

const BYTES_TAG = 0
const OBJECTS_TAG = 1

const [OPEN, COMMA, CLOSE] = ['[', ',', ']'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer]

/** Records that follow each other in a page, with one comma between them. */
interface Region {
  readonly bytes: Buffer
  readonly start: number
  end: number
}

export interface Partition extends PartitionKey {
  readonly framePositions: number[]
  held: (Region | RecordOrRow[])[]
}

export class PartitionSpool {
  readonly #where: string
  readonly #spool = new Spool()
  readonly #partitions = new Map<string, Partition>()
  readonly #scanner = new ArrayScanner(recordMapping)
  #heldBytes = 0

  constructor(where: string) {
    this.#where = where
  }

  /** The partitions in the order of their folders. */
  get partitions(): readonly Partition[] {
    return [...this.#partitions.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1))
  }

  addRecordBytes(key: PartitionKey, { bytes, starts, ends }: RecordSpans, index: number): void {
    const partition = this.#getPartition(key)
    const [start, end] = [starts[index]!, ends[index]!]
    const last = partition.held.at(-1)
    if (last && !Array.isArray(last) && last.bytes === bytes && last.end + 1 === start) last.end = end
    else partition.held.push({ bytes, start, end })
    this.#heldBytes += end - start
  }

  addRecord(key: PartitionKey, record: RecordOrRow): void {
    const partition = this.#getPartition(key)
    const last = partition.held.at(-1)
    if (Array.isArray(last)) last.push(record)
    else partition.held.push([record])
    this.#heldBytes += OBJECT_BYTES
  }

  async flushIfFull(): Promise<void> {
    if (this.#heldBytes >= MAX_HELD_BYTES) await this.flush()
  }

  async flush(): Promise<void> {
    for (const partition of this.#partitions.values()) {
      const { held, framePositions } = partition
      partition.held = []
      for (const { tag, bytes } of createFrames(this.#where, held)) {
        framePositions.push(this.#spool.end)
        await this.#spool.write(tag, bytes)
      }
    }
    this.#heldBytes = 0
  }

  /** Yields the flushed records of a partition in the order in which they were added. */
  async *readBatches({ framePositions }: Partition): AsyncGenerator<RecordBatch> {
    for (const position of framePositions) {
      const { tag, bytes } = (await this.#spool.readFrame(position))!
      yield tag === BYTES_TAG ? this.#scan(bytes) : (deserializeRows(bytes) as ExportRecord[])
    }
  }

  async dispose(): Promise<void> {
    this.#partitions.clear()
    await this.#spool.dispose()
  }

  #getPartition(key: PartitionKey): Partition {
    const known = this.#partitions.get(key.folder)
    if (known) return known
    if (this.#partitions.size === MAX_PARTITIONS)
      throw new ExportError(
        'ERR_ENCODE',
        `${this.#where}: partitionBy: more than ${MAX_PARTITIONS} partitions; expected a column with fewer values`,
      )
    const partition = { ...key, framePositions: [], held: [] }
    this.#partitions.set(key.folder, partition)
    return partition
  }

  /** Returns records as spans, or as objects if they cannot be scanned, for example because they have too many layouts. */
  #scan(bytes: Buffer): RecordBatch {
    const spans = new RecordSpans(bytes)
    return this.#scanner.scan(0, spans) < 0 ? (parseJson(bytes) as ExportRecord[]) : spans
  }
}

interface NewFrame {
  readonly tag: number
  readonly bytes: Buffer
}

function* createFrames(where: string, held: readonly (Region | RecordOrRow[])[]): Generator<NewFrame> {
  let pieces: Buffer[] = []
  let length = 0
  const takeBytes = (): NewFrame[] => {
    const bytes = Buffer.concat([OPEN, ...pieces.slice(1), CLOSE])
    const frames = pieces.length === 0 ? [] : [{ tag: BYTES_TAG, bytes }]
    pieces = []
    length = 0
    return frames
  }
  for (const entry of held) {
    if (Array.isArray(entry)) {
      yield* takeBytes()
      for (let from = 0; from < entry.length; from += ROWS_PER_FRAME)
        yield createObjectsFrame(where, entry.slice(from, from + ROWS_PER_FRAME))
      continue
    }
    const { bytes, start, end } = entry
    pieces.push(COMMA, bytes.subarray(start, end))
    length += end - start
    if (length >= FRAME_BYTES) yield* takeBytes()
  }
  yield* takeBytes()
}

function createObjectsFrame(where: string, rows: readonly RecordOrRow[]): NewFrame {
  try {
    return { tag: OBJECTS_TAG, bytes: serializeRows(rows.map((row) => toPlainValue(row, ''))) }
  } catch (cause) {
    const reason = (cause as Error).message
    throw new ExportError('ERR_ENCODE', `${where}: expected records of JSON values and dates: ${reason}`, { cause })
  }
}

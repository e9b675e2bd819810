// The base class of the kernels that encode: a memory, and in it a block of records with their spans.
import {
  BLOCK,
  ENDS_OFFSET,
  VALUE_OFFSETS_OFFSET,
  FLAGS_OFFSET,
  SOURCE_OFFSET,
  STARTS_OFFSET,
} from './kernel/block-memory.js'
import type { RecordSpans } from '../../spans/record-spans.js'
import type { WebAssemblyMemory } from './webassembly.js'

export interface BlockExports {
  readonly memory: WebAssemblyMemory
  readonly allocateBlock: (start: number, bytes: number, spans: number, records: number) => void
}

/** The limit for the bytes of a block, so that it fits into the processor's cache. A record with more bytes is a block of its own. */
const MAX_BLOCK_BYTES = 256 * 1024

/**
 * Returns the index after the last record of a block that begins with the record `from`: at most `maxBytes`, but at least one record. Made
 * rows of one record have the bytes of that record, which are in the block once.
 */
export function findBlockEnd({ starts, ends, length }: RecordSpans, from: number, maxBytes: number): number {
  let to = from + 1
  while (to < length && (ends[to]! - starts[from]! <= maxBytes || ends[to] === ends[from])) to++
  return to
}

export class BlockKernel<E extends BlockExports> {
  readonly exports: E
  #words = new Int32Array(0)
  #bytes: Buffer = Buffer.alloc(0)
  /** The spans with the current block, and the records of the block: from `firstRecord` up to, not including, `#recordsEnd`. */
  #spans: RecordSpans | undefined
  protected firstRecord = 0
  #recordsEnd = 0
  /** The start and the end, in the page, of the bytes of the block. */
  #bytesStart = 0
  #bytesEnd = 0

  constructor(exports: E) {
    this.exports = exports
  }

  /** The memory as bytes. The caller must read this property again after each call into the kernel, because the memory may grow. */
  get bytes(): Buffer {
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(this.exports.memory.buffer)
    return this.#bytes
  }

  /** The memory as words of four bytes. As with {@link bytes}, the caller must read this property again after each call. */
  get words(): Int32Array {
    if (this.#words.length === 0) this.#words = new Int32Array(this.exports.memory.buffer)
    return this.#words
  }

  /**
   * Loads records from `from` on. Returns the index after the last loaded record, at most `to`. The block may contain records
   * after `to`, because many short runs of records fit into one block.
   */
  loadBlock(spans: RecordSpans, from: number, to: number): number {
    const isLoaded = spans === this.#spans && from >= this.firstRecord && from < this.#recordsEnd
    if (!isLoaded) this.#copyBlock(spans, from)
    return Math.min(to, this.#recordsEnd)
  }

  #copyBlock(spans: RecordSpans, from: number): void {
    const { bytes: page, starts, ends, valueOffsets, valueTable } = spans
    const start = starts[from]!
    const to = findBlockEnd(spans, from, MAX_BLOCK_BYTES)
    const end = ends[to - 1]!
    const firstSpan = valueOffsets[from]!
    const spansEnd = valueOffsets[to - 1]! + spans.getLayout(to - 1).valueCount
    this.exports.allocateBlock(start, end - start, spansEnd - firstSpan, to - from)
    this.#spans = spans
    this.firstRecord = from
    this.#recordsEnd = to
    this.#bytesStart = start
    this.#bytesEnd = end
    const { words, bytes } = this
    page.copy(bytes, words[(BLOCK + SOURCE_OFFSET) >> 2], start, end)
    words.set(valueTable.starts.subarray(firstSpan, spansEnd), words[(BLOCK + STARTS_OFFSET) >> 2]! >> 2)
    words.set(valueTable.ends.subarray(firstSpan, spansEnd), words[(BLOCK + ENDS_OFFSET) >> 2]! >> 2)
    bytes.set(valueTable.flags.subarray(firstSpan, spansEnd), words[(BLOCK + FLAGS_OFFSET) >> 2])
    const valueOffsetsStart = words[(BLOCK + VALUE_OFFSETS_OFFSET) >> 2]! >> 2
    for (let record = from; record < to; record++)
      words[valueOffsetsStart + record - from] = valueOffsets[record]! - firstSpan
  }

  hasBytes(page: Buffer, start: number, end: number): boolean {
    return page === this.#spans?.bytes && start >= this.#bytesStart && end <= this.#bytesEnd
  }
}

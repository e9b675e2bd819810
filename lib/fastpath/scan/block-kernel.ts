// What kernels have in common that encode: a memory of their own, and in it a block of records whose spans are known.
import { BLOCK, ENDS, VALUE_INDEX, FLAGS, SOURCE, STARTS } from './kernel/block-memory.js'
import type { RecordSpans } from './record-spans.js'
import type { WebAssemblyMemory } from './webassembly.js'

/** What such a kernel exports. */
export interface BlockExports {
  readonly memory: WebAssemblyMemory
  readonly allocateBlock: (pageStart: number, bytes: number, spans: number, records: number) => void
}

/** Bytes of records in a block, if one has not more: few enough for the processor's cache. */
const MAX_BLOCK_BYTES = 256 * 1024

export class BlockKernel<E extends BlockExports> {
  readonly exports: E
  #words = new Int32Array(0)
  #bytes: Buffer = Buffer.alloc(0)
  /** The block at hand: records `first` up to `#last` of these, which are bytes `#from` up to `#to`. */
  #spans: RecordSpans | undefined
  protected first = 0
  #last = 0
  #from = 0
  #to = 0

  constructor(exports: E) {
    this.exports = exports
  }

  /** The memory as bytes, until the next call into the kernel: it may grow. */
  get bytes(): Buffer {
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(this.exports.memory.buffer)
    return this.#bytes
  }

  /** The same as words. */
  get words(): Int32Array {
    if (this.#words.length === 0) this.#words = new Int32Array(this.exports.memory.buffer)
    return this.#words
  }

  /**
   * Has records from `from` on in the block at hand, `to` at most; returns how far it goes. What it brings goes further: where
   * shapes take turns, there are many short runs in it.
   */
  loadBlock(spans: RecordSpans, from: number, to: number): number {
    const isLoaded = spans === this.#spans && from >= this.first && from < this.#last
    if (!isLoaded) this.#copyBlock(spans, from)
    return Math.min(to, this.#last)
  }

  #copyBlock(spans: RecordSpans, from: number): void {
    const { bytes: page, starts, ends, valueIndex, valueTable } = spans
    const start = starts[from]!
    let to = from + 1
    while (to < spans.length && ends[to]! - start <= MAX_BLOCK_BYTES) to++
    const end = ends[to - 1]!
    const first = valueIndex[from]!
    const last = valueIndex[to - 1]! + spans.getLayout(to - 1).valueCount
    this.exports.allocateBlock(start, end - start, last - first, to - from)
    this.#spans = spans
    this.first = from
    this.#last = to
    this.#from = start
    this.#to = end
    const { words, bytes } = this
    page.copy(bytes, words[(BLOCK + SOURCE) >> 2], start, end)
    words.set(valueTable.starts.subarray(first, last), words[(BLOCK + STARTS) >> 2]! >> 2)
    words.set(valueTable.ends.subarray(first, last), words[(BLOCK + ENDS) >> 2]! >> 2)
    bytes.set(valueTable.flags.subarray(first, last), words[(BLOCK + FLAGS) >> 2])
    const valueIndexStart = words[(BLOCK + VALUE_INDEX) >> 2]! >> 2
    for (let record = from; record < to; record++) words[valueIndexStart + record - from] = valueIndex[record]! - first
  }

  /** Whether these bytes of a page are within the block at hand. */
  hasBytes(page: Buffer, start: number, end: number): boolean {
    return page === this.#spans?.bytes && start >= this.#from && end <= this.#to
  }
}

// What kernels have in common that encode: a memory of their own, and in it a block of records whose spans are known.
import { BLOCK, ENDS, FIRSTS, FLAGS, SOURCE, STARTS } from './kernel/block-memory.js'
import type { RecordSpans } from './record-spans.js'
import type { WebAssemblyMemory } from './webassembly.js'

/** What such a kernel exports. */
export interface BlockExports {
  readonly memory: WebAssemblyMemory
  readonly makeRoom: (pageStart: number, bytes: number, spans: number, records: number) => void
}

export class BlockKernel<E extends BlockExports> {
  readonly exports: E
  #words = new Int32Array(0)
  #bytes: Buffer = Buffer.alloc(0)
  /** The block at hand: bytes `#from` up to `#to` of a page, and its first record. */
  #page: Buffer | undefined
  #from = 0
  #to = 0
  protected first = 0

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

  /** Makes records `from` up to `to`, one at least, the block at hand. */
  show(spans: RecordSpans, from: number, to: number): void {
    const { bytes: page, firsts, table } = spans
    const [start, end] = [spans.starts[from]!, spans.ends[to - 1]!]
    const first = firsts[from]!
    const last = firsts[to - 1]! + spans.shapes[to - 1]!.width
    this.exports.makeRoom(start, end - start, last - first, to - from)
    this.#page = page
    this.#from = start
    this.#to = end
    this.first = from
    const { words, bytes } = this
    page.copy(bytes, words[(BLOCK + SOURCE) >> 2], start, end)
    words.set(table.starts.subarray(first, last), words[(BLOCK + STARTS) >> 2]! >> 2)
    words.set(table.ends.subarray(first, last), words[(BLOCK + ENDS) >> 2]! >> 2)
    bytes.set(table.flags.subarray(first, last), words[(BLOCK + FLAGS) >> 2])
    const firstsAt = words[(BLOCK + FIRSTS) >> 2]! >> 2
    for (let record = from; record < to; record++) words[firstsAt + record - from] = firsts[record]! - first
  }

  /** Whether these bytes of a page are within the block at hand. */
  shows(page: Buffer, start: number, end: number): boolean {
    return page === this.#page && start >= this.#from && end <= this.#to
  }
}

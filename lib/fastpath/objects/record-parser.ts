// Parses records into objects. V8 parses JSON faster if each character is one byte, and one string for many records is faster than a string
// for each.
import type { RecordSpans } from '../../spans/record-spans.js'
import type { ExportRecord } from '../../shared/types.js'
import { findBlockEnd } from '../common/block-kernel.js'
import { instantiate, type WebAssemblyMemory } from '../common/webassembly.js'
import { wasm } from './kernel-bytes.js'
import { BOUNDS_OFFSET, JSON_OFFSET, RESULT, SOURCE_OFFSET } from './kernel/latin1-kernel-memory.js'

interface Latin1Exports {
  readonly memory: WebAssemblyMemory
  readonly allocate: (bytes: number, records: number) => void
  readonly convert: (records: number) => number
}

/** The limit for the bytes of a block of records. A longer record is parsed without the kernel. */
const MAX_PARSED_BLOCK_BYTES = 64 * 1024

/** Parses the records of pages. The authority is {@link RecordSpans.getRecord}. */
export class RecordParser {
  readonly #exports = instantiate(wasm) as Latin1Exports | undefined
  /** The page of the current block, and the records of the block: from `#firstRecord` up to, not including, `#recordsEnd`. */
  #spans: RecordSpans | undefined
  #firstRecord = 0
  #recordsEnd = 0
  #json = ''
  #bounds = new Int32Array(0)

  getRecord(spans: RecordSpans, index: number): ExportRecord {
    if (!this.#exports || !spans.canUseJsonParse(index)) return spans.getRecord(index)
    if (spans !== this.#spans || index < this.#firstRecord || index >= this.#recordsEnd) {
      if (spans.ends[index]! - spans.starts[index]! > MAX_PARSED_BLOCK_BYTES) return spans.getRecord(index)
      this.#loadBlock(spans, index, this.#exports)
    }
    const at = 2 * (index - this.#firstRecord)
    return JSON.parse(this.#json.slice(this.#bounds[at], this.#bounds[at + 1])) as ExportRecord
  }

  #loadBlock(spans: RecordSpans, from: number, { memory, allocate, convert }: Latin1Exports): void {
    const { bytes, starts, ends } = spans
    const start = starts[from]!
    const to = findBlockEnd(spans, from, MAX_PARSED_BLOCK_BYTES)
    allocate(ends[to - 1]! - start, to - from)
    const words = new Int32Array(memory.buffer)
    bytes.copy(Buffer.from(memory.buffer), words[(RESULT + SOURCE_OFFSET) >> 2], start, ends[to - 1])
    const boundsAt = words[(RESULT + BOUNDS_OFFSET) >> 2]! >> 2
    for (let record = from, at = boundsAt; record < to; record++) {
      words[at++] = starts[record]! - start
      words[at++] = ends[record]! - start
    }
    const length = convert(to - from)
    // the memory may have grown, and then has another buffer
    const results = new Int32Array(memory.buffer)
    const jsonAt = results[(RESULT + JSON_OFFSET) >> 2]!
    this.#json = Buffer.from(memory.buffer, jsonAt, length).toString('latin1')
    this.#bounds = results.slice(boundsAt, boundsAt + 2 * (to - from))
    this.#spans = spans
    this.#firstRecord = from
    this.#recordsEnd = to
  }
}

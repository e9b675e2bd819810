// The scanning kernel, made of `kernel/` by `npm run kernel`: WebAssembly, with a memory of its own for each scanner. It holds a
// tree of literals (`shapes.ts`), a window on a page, and what was found in it.
import { wasm } from './kernel-bytes.js'
import {
  ENDS,
  FLAGS,
  NON_CANONICAL_FOUND,
  RECORD_ENDS,
  RECORD_VALUE_INDEX,
  RECORD_FLAGS,
  RECORD_LAYOUTS,
  RECORD_STARTS,
  RECORDS_FOUND,
  RESULT,
  PADDING_BYTES,
  SPANS_FOUND,
  STARTS,
  STOPPED_AT,
  UNKNOWN_ELEMENT_AT,
  WINDOW,
} from './kernel/scan-memory.js'
import type { RecordTable, SpanTable } from './span-table.js'
import { instantiate, type WebAssemblyMemory } from './webassembly.js'

/** What `kernel/scan-kernel.ts` exports. */
interface Exports {
  readonly memory: WebAssemblyMemory
  readonly scan: (
    from: number,
    limit: number,
    origin: number,
    hasMore: boolean,
    spansBefore: number,
    genericRecords: number,
  ) => number
}

/** Bytes of a page that are looked at in one go: few enough for the processor's cache. */
const DEFAULT_WINDOW_BYTES = 256 * 1024
/** Bytes of a page of WebAssembly's memory. */
const MEMORY_PAGE_BYTES = 65_536
const MIN_BULK_COPY_COUNT = 64

/** A window on bytes of a page, and what is found in it. */
export class ScanWindow {
  /** The memory as words and as bytes. */
  words!: Int32Array
  bytes!: Buffer
  readonly #exports: Exports
  /** The bytes that the window shows, where in them it begins and ends, and where it must not go beyond. */
  #page: Buffer = Buffer.alloc(0)
  #from = 0
  #to = 0
  #stop = 0
  #windowBytes = 0

  private constructor(exports: Exports, windowBytes: number) {
    this.#exports = exports
    this.#grow(windowBytes)
  }

  /**
   * A kernel of one's own; undefined where the machine has none.
   * @param windowBytes bytes that the window has room for, until a record needs more
   */
  static open(windowBytes = DEFAULT_WINDOW_BYTES): ScanWindow | undefined {
    const exports = instantiate(wasm) as Exports | undefined
    return exports && new ScanWindow(exports, windowBytes)
  }

  /** JSON.stringify would write what the last call of {@link scan} found with other bytes, or might. */
  get isNonCanonical(): boolean {
    return this.#readResult(NON_CANONICAL_FOUND) !== 0
  }

  /** Where in the page it stopped. */
  get at(): number {
    return this.#readResult(STOPPED_AT) - WINDOW + this.#from
  }

  /** Where in the page the element is that it does not know. */
  get unknownElementAt(): number {
    return this.#readResult(UNKNOWN_ELEMENT_AT) - WINDOW + this.#from
  }

  /** Opens the window on bytes `from` up to `stop` of a page, or as many as there is room for. */
  load(page: Buffer, from: number, stop: number): void {
    this.#page = page
    this.#from = from
    this.#stop = stop
    this.#to = Math.min(stop, from + this.#windowBytes)
    const limit = WINDOW + this.#to - from
    page.copy(this.bytes, WINDOW, from, this.#to)
    for (let at = limit; at < limit + PADDING_BYTES; at++) this.bytes[at] = 0
    this.words[(RESULT + STOPPED_AT) >> 2] = WINDOW
  }

  /** Moves the window to where the scan stopped, and makes it larger where it was there already. */
  loadMore(): void {
    if (this.at === this.#from) this.#grow(2 * this.#windowBytes)
    this.load(this.#page, this.at, this.#stop)
  }

  /**
   * Goes on scanning; returns how that ended (`kernel/scan-memory.ts`).
   * @param spansBefore spans that come before those to be found
   * @param genericRecords how many records may have elements of no known shape
   */
  scan(spansBefore: number, genericRecords: number): number {
    const limit = WINDOW + this.#to - this.#from
    const hasMore = this.#to < this.#stop
    return this.#exports.scan(
      this.#readResult(STOPPED_AT),
      limit,
      this.#from - WINDOW,
      hasMore,
      spansBefore,
      genericRecords,
    )
  }

  /** Appends the records that were found, and the spans of their values. */
  copyTo(records: RecordTable, valueTable: SpanTable): void {
    const { words, bytes } = this
    const found = this.#readResult(RECORDS_FOUND)
    records.reserve(found)
    copyNumbers(words, RECORD_LAYOUTS >> 2, records.layoutIds, records.length, found)
    copyNumbers(words, RECORD_VALUE_INDEX >> 2, records.valueIndex, records.length, found)
    copyNumbers(words, RECORD_STARTS >> 2, records.starts, records.length, found)
    copyNumbers(words, RECORD_ENDS >> 2, records.ends, records.length, found)
    copyNumbers(bytes, RECORD_FLAGS, records.flags, records.length, found)
    records.length += found
    const spans = this.#readResult(SPANS_FOUND)
    valueTable.reserve(spans)
    copyNumbers(words, STARTS >> 2, valueTable.starts, valueTable.length, spans)
    copyNumbers(words, ENDS >> 2, valueTable.ends, valueTable.length, spans)
    copyNumbers(bytes, FLAGS, valueTable.flags, valueTable.length, spans)
    valueTable.length += spans
  }

  #readResult(field: number): number {
    return this.words[(RESULT + field) >> 2]!
  }

  #grow(windowBytes: number): void {
    const { memory } = this.#exports
    const missing = WINDOW + windowBytes + PADDING_BYTES - memory.buffer.byteLength
    memory.grow(Math.max(0, Math.ceil(missing / MEMORY_PAGE_BYTES)))
    const { buffer } = memory
    this.#windowBytes = windowBytes
    this.words = new Int32Array(buffer)
    this.bytes = Buffer.from(buffer)
  }
}

type NumberArray = Int32Array | Uint8Array

/** Copies so many numbers; a few are sooner copied one by one. */
function copyNumbers(from: NumberArray, at: number, to: NumberArray, end: number, count: number): void {
  if (count > MIN_BULK_COPY_COUNT) to.set(from.subarray(at, at + count), end)
  else for (let index = 0; index < count; index++) to[end + index] = from[at + index]!
}

// The JavaScript side of the kernel that scans. Each scanner has its own memory: a tree of literals (`layout-registry.ts`), a window of the
// page, and the results.
import { wasm } from './kernel-bytes.js'
import {
  ENDS,
  FLAGS,
  LIST_COUNTS,
  LIST_STARTS,
  LISTS_FOUND_OFFSET,
  MAX_LISTS_PER_CALL,
  NON_CANONICAL_FOUND_OFFSET,
  RECORD_ENDS,
  RECORD_VALUE_OFFSETS,
  RECORD_FLAGS,
  RECORD_LAYOUTS,
  RECORD_STARTS,
  RECORDS_FOUND_OFFSET,
  RESULT,
  PADDING_BYTES,
  SPANS_FOUND_OFFSET,
  STARTS,
  STOPPED_AT_OFFSET,
  UNKNOWN_ELEMENT_AT_OFFSET,
  WINDOW,
} from './kernel/scan-memory.js'
import { LayoutRegistry } from './layout-registry.js'
import type { RecordTable, SpanTable } from '../../spans/span-table.js'
import { instantiate, type WebAssemblyMemory } from '../common/webassembly.js'

interface Exports {
  readonly memory: WebAssemblyMemory
  readonly scan: (
    from: number,
    limit: number,
    positionOffset: number,
    hasMore: boolean,
    spansBefore: number,
    mayFirstRecordHaveUnknownElements: boolean,
  ) => number
  readonly scanLists: (
    lists: number,
    limit: number,
    positionOffset: number,
    hasMore: boolean,
    spansBefore: number,
  ) => number
}

/** The first size of the window, which fits into the processor's cache. */
const DEFAULT_WINDOW_BYTES = 256 * 1024
const MEMORY_PAGE_BYTES = 65_536
const MIN_BULK_COPY_COUNT = 64

export class ScanKernel {
  readonly layouts = new LayoutRegistry(this)
  words!: Int32Array
  bytes!: Buffer
  readonly #exports: Exports
  /** The page, the start and end of the window in it, and the end of the bytes that may be scanned. */
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
   * Returns undefined if the fast path is off or unavailable.
   * @param windowBytes the size of the window; it grows if a record needs more
   */
  static open(windowBytes = DEFAULT_WINDOW_BYTES): ScanKernel | undefined {
    const exports = instantiate(wasm) as Exports | undefined
    return exports && new ScanKernel(exports, windowBytes)
  }

  /** True if JSON.stringify may write the records of the last {@link scan} with other bytes, not counting the digits of numbers. */
  get mayBeNonCanonical(): boolean {
    return this.#readResult(NON_CANONICAL_FOUND_OFFSET) !== 0
  }

  /** The position in the page at which the last {@link scan} stopped. */
  get stoppedAt(): number {
    return this.#readResult(STOPPED_AT_OFFSET) - WINDOW + this.#from
  }

  get unknownElementAt(): number {
    return this.#readResult(UNKNOWN_ELEMENT_AT_OFFSET) - WINDOW + this.#from
  }

  /** Copies the bytes `from` up to `stop` of a page into the window, as many as fit. */
  load(page: Buffer, from: number, stop: number): void {
    this.#page = page
    this.#from = from
    this.#stop = stop
    this.#to = Math.min(stop, from + this.#windowBytes)
    const limit = WINDOW + this.#to - from
    page.copy(this.bytes, WINDOW, from, this.#to)
    for (let at = limit; at < limit + PADDING_BYTES; at++) this.bytes[at] = 0
    this.words[(RESULT + STOPPED_AT_OFFSET) >> 2] = WINDOW
  }

  /** Moves the window to a position, by default the one at which the scan stopped. A window that already begins there becomes larger. */
  loadMore(from = this.stoppedAt): void {
    if (from === this.#from) this.#grow(2 * this.#windowBytes)
    this.load(this.#page, from, this.#stop)
  }

  /** Continues the scan and returns its outcome. The parameters are explained in `kernel/scan-records-kernel.ts`. */
  scan(spansBefore: number, mayFirstRecordHaveUnknownElements: boolean): number {
    const limit = WINDOW + this.#to - this.#from
    const hasMore = this.#to < this.#stop
    return this.#exports.scan(
      this.#readResult(STOPPED_AT_OFFSET),
      limit,
      this.#from - WINDOW,
      hasMore,
      spansBefore,
      mayFirstRecordHaveUnknownElements,
    )
  }

  /**
   * Scans the elements of the lists from number `first` on, as many lists as fit. Returns the outcome.
   * @param starts the starts of the lists in the page
   */
  scanLists(starts: Int32Array, first: number, spansBefore: number): number {
    const listCount = Math.min(starts.length - first, MAX_LISTS_PER_CALL)
    this.words.set(starts.subarray(first, first + listCount), LIST_STARTS >> 2)
    const limit = WINDOW + this.#to - this.#from
    return this.#exports.scanLists(listCount, limit, this.#from - WINDOW, this.#to < this.#stop, spansBefore)
  }

  /** Copies how many elements each scanned list has into `counts`, from `at` on. Returns the number of these lists. */
  copyListCounts(counts: Int32Array, at: number): number {
    const listCount = this.#readResult(LISTS_FOUND_OFFSET)
    copyNumbers(this.words, LIST_COUNTS >> 2, counts, at, listCount)
    return listCount
  }

  copyTo(recordTable: RecordTable, valueTable: SpanTable): void {
    const { words, bytes } = this
    const recordCount = this.#readResult(RECORDS_FOUND_OFFSET)
    recordTable.reserve(recordCount)
    copyNumbers(words, RECORD_LAYOUTS >> 2, recordTable.layoutIds, recordTable.length, recordCount)
    copyNumbers(words, RECORD_VALUE_OFFSETS >> 2, recordTable.valueOffsets, recordTable.length, recordCount)
    copyNumbers(words, RECORD_STARTS >> 2, recordTable.starts, recordTable.length, recordCount)
    copyNumbers(words, RECORD_ENDS >> 2, recordTable.ends, recordTable.length, recordCount)
    copyNumbers(bytes, RECORD_FLAGS, recordTable.flags, recordTable.length, recordCount)
    recordTable.length += recordCount
    const spanCount = this.#readResult(SPANS_FOUND_OFFSET)
    valueTable.reserve(spanCount)
    copyNumbers(words, STARTS >> 2, valueTable.starts, valueTable.length, spanCount)
    copyNumbers(words, ENDS >> 2, valueTable.ends, valueTable.length, spanCount)
    copyNumbers(bytes, FLAGS, valueTable.flags, valueTable.length, spanCount)
    valueTable.length += spanCount
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

/** A few numbers are copied one by one, because that is faster. */
function copyNumbers(from: NumberArray, at: number, to: NumberArray, end: number, count: number): void {
  if (count > MIN_BULK_COPY_COUNT) to.set(from.subarray(at, at + count), end)
  else for (let index = 0; index < count; index++) to[end + index] = from[at + index]!
}

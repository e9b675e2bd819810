// The scanning kernel, made of `kernel/` by `npm run kernel`: WebAssembly, with a memory of its own for each scanner. It holds a
// tree of literals (`shapes.ts`), a window on a page, and what was found in it.
import { wasm } from './kernel-bytes.js'
import {
  ENDS,
  FLAGS,
  LOOSE_FOUND,
  RECORD_ENDS,
  RECORD_FIRSTS,
  RECORD_FLAGS,
  RECORD_SHAPES,
  RECORD_STARTS,
  RECORDS_FOUND,
  REPORT,
  SLACK,
  SPANS_FOUND,
  STARTS,
  STOP,
  STRANGER_AT,
  WINDOW,
} from './kernel/memory.js'
import type { RecordTable, SpanTable } from './span-table.js'
import { instantiate, type WebAssemblyMemory } from './webassembly.js'

/** What `kernel/index.ts` exports. */
interface Exports {
  readonly memory: WebAssemblyMemory
  readonly scan: (
    from: number,
    limit: number,
    origin: number,
    mayGoOn: boolean,
    before: number,
    walks: number,
  ) => number
}

/** Bytes of a page that are looked at in one go: few enough for the processor's cache. */
const AT_ONCE = 256 * 1024
/** Bytes of a page of WebAssembly's memory. */
const PAGE = 65_536
const FEW = 64

/** A window on bytes of a page, and what is found in it. */
export class Kernel {
  /** The memory as words and as bytes. */
  words!: Int32Array
  bytes!: Buffer
  readonly #exports: Exports
  /** The bytes that the window shows, where in them it begins and ends, and where it must not go beyond. */
  #page: Buffer = Buffer.alloc(0)
  #from = 0
  #to = 0
  #stop = 0
  #room = 0

  private constructor(exports: Exports, atOnce: number) {
    this.#exports = exports
    this.#widen(atOnce)
  }

  /**
   * A kernel of one's own; undefined where the machine has none.
   * @param atOnce bytes that the window has room for, until a record needs more
   */
  static open(atOnce = AT_ONCE): Kernel | undefined {
    const exports = instantiate(wasm) as Exports | undefined
    return exports && new Kernel(exports, atOnce)
  }

  /** JSON.stringify would write what the last call of {@link scan} found with other bytes, or might. */
  get isLoose(): boolean {
    return this.#reported(LOOSE_FOUND) !== 0
  }

  /** Where in the page it stopped. */
  get at(): number {
    return this.#reported(STOP) - WINDOW + this.#from
  }

  /** Where in the page the element is that it does not know. */
  get stranger(): number {
    return this.#reported(STRANGER_AT) - WINDOW + this.#from
  }

  /** Opens the window on bytes `from` up to `stop` of a page, or as many as there is room for. */
  show(page: Buffer, from: number, stop: number): void {
    this.#page = page
    this.#from = from
    this.#stop = stop
    this.#to = Math.min(stop, from + this.#room)
    const limit = WINDOW + this.#to - from
    page.copy(this.bytes, WINDOW, from, this.#to)
    for (let at = limit; at < limit + SLACK; at++) this.bytes[at] = 0
    this.words[(REPORT + STOP) >> 2] = WINDOW
  }

  /** Moves the window to where the scan stopped, and makes it larger where it was there already. */
  showMore(): void {
    if (this.at === this.#from) this.#widen(2 * this.#room)
    this.show(this.#page, this.at, this.#stop)
  }

  /**
   * Goes on scanning; returns how that ended (`kernel/memory.ts`).
   * @param before spans that come before those to be found
   * @param walkable how many records may have elements of no known shape
   */
  scan(before: number, walkable: number): number {
    const limit = WINDOW + this.#to - this.#from
    const mayGoOn = this.#to < this.#stop
    return this.#exports.scan(this.#reported(STOP), limit, this.#from - WINDOW, mayGoOn, before, walkable)
  }

  /** Appends the records that were found, and the spans of their values. */
  copyTo(records: RecordTable, table: SpanTable): void {
    const { words, bytes } = this
    const found = this.#reported(RECORDS_FOUND)
    records.reserve(found)
    copy(words, RECORD_SHAPES >> 2, records.shapes, records.length, found)
    copy(words, RECORD_FIRSTS >> 2, records.firsts, records.length, found)
    copy(words, RECORD_STARTS >> 2, records.starts, records.length, found)
    copy(words, RECORD_ENDS >> 2, records.ends, records.length, found)
    copy(bytes, RECORD_FLAGS, records.flags, records.length, found)
    records.length += found
    const spans = this.#reported(SPANS_FOUND)
    table.reserve(spans)
    copy(words, STARTS >> 2, table.starts, table.length, spans)
    copy(words, ENDS >> 2, table.ends, table.length, spans)
    copy(bytes, FLAGS, table.flags, table.length, spans)
    table.length += spans
  }

  #reported(field: number): number {
    return this.words[(REPORT + field) >> 2]!
  }

  #widen(room: number): void {
    const { memory } = this.#exports
    const missing = WINDOW + room + SLACK - memory.buffer.byteLength
    memory.grow(Math.max(0, Math.ceil(missing / PAGE)))
    const { buffer } = memory
    this.#room = room
    this.words = new Int32Array(buffer)
    this.bytes = Buffer.from(buffer)
  }
}

type Column = Int32Array | Uint8Array

/** Copies so many numbers; a few are sooner copied one by one. */
function copy(from: Column, at: number, to: Column, end: number, count: number): void {
  if (count > FEW) to.set(from.subarray(at, at + count), end)
  else for (let number = 0; number < count; number++) to[end + number] = from[at + number]!
}

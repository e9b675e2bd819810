// The scanning kernel, made of `kernel/` by `npm run kernel`: WebAssembly, with a memory of its own for each who scans. It holds a
// tree of literals (`shapes.ts`), a window on a page, and what was found in it.
import { wasm } from './kernel-bytes.js'
import {
  ENDS,
  FLAGS,
  RECORDS_FOUND,
  REPORT,
  SLACK,
  SPACED,
  SPANS_FOUND,
  STARTS,
  STOP,
  STRANGER_AT,
  WINDOW,
} from './kernel/memory.js'
import type { SpanTable } from './span-table.js'
import { instantiate, type WebAssemblyMemory } from './webassembly.js'

/** What `kernel/index.ts` exports. */
interface Exports {
  readonly memory: WebAssemblyMemory
  readonly scan: (from: number, limit: number, origin: number, mayGoOn: boolean, walks: number) => number
}

/** Bytes of a page that are looked at in one go: few enough for the processor's cache. */
const AT_ONCE = 256 * 1024
/** Bytes of a page of WebAssembly's memory. */
const PAGE = 65_536

/** A window on bytes of a page, and what is found in it. */
export class Kernel {
  /** The memory as words and as bytes. */
  words!: Int32Array
  bytes!: Buffer
  readonly #exports: Exports
  #starts!: Int32Array
  #ends!: Int32Array
  #flags!: Uint8Array
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

  /** Records found by the last call of {@link scan}, before where it stopped. */
  get records(): number {
    return this.#reported(RECORDS_FOUND)
  }

  get hasSpaces(): boolean {
    return this.#reported(SPACED) !== 0
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
   * @param walkable how many records may have elements of no known shape
   */
  scan(walkable: number): number {
    const limit = WINDOW + this.#to - this.#from
    const mayGoOn = this.#to < this.#stop
    return this.#exports.scan(this.#reported(STOP), limit, this.#from - WINDOW, mayGoOn, walkable)
  }

  /** Appends the spans that were found. */
  copySpans(table: SpanTable): void {
    const count = this.#reported(SPANS_FOUND)
    const { length } = table
    table.reserve(count)
    table.starts.set(this.#starts.subarray(0, count), length)
    table.ends.set(this.#ends.subarray(0, count), length)
    table.flags.set(this.#flags.subarray(0, count), length)
    table.length = length + count
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
    this.#starts = new Int32Array(buffer, STARTS)
    this.#ends = new Int32Array(buffer, ENDS)
    this.#flags = new Uint8Array(buffer, FLAGS)
  }
}

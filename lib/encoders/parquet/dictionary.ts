// The distinct values of a column chunk, as long as it pays to keep them: an open-addressed table over their bytes.
import { ByteBuffer } from './byte-buffer.js'
import { bitWidth } from './hybrid.js'

/** So many values are looked at before a dictionary is given up. */
const TRIAL = 4096
/** Given up when it takes more than this share of what the values would ... */
const HOPELESS = 1
/** ... and not written when it takes more than this in the end. */
const WORTHWHILE = 0.5
const MOST_ENTRIES = 1 << 20
/** Beyond this it must be worthwhile already: making so many values plain again takes a while. */
const LARGE_BYTES = 4 * 2 ** 20
/** Capacities at first, and at least. */
const FEW = 32

/** What {@link Dictionary.add} says when there is no such entry, and none can be added. */
export const NONE = -1

/** Entries, and which of them each value of the open page is. */
export class Dictionary {
  /** The entries, PLAIN encoded; entry `at` is bytes `starts[at]` to `starts[at + 1]`. */
  readonly entries = new ByteBuffer()
  starts = new Int32Array(FEW)
  hashes = new Int32Array(FEW)
  /** Entry numbers plus one, at the places their hashes lead to; 0 is a free place. */
  table = new Int32Array(2 * FEW)
  size = 0
  /** The entry of each value of the open page. */
  index = new Int32Array(FEW)
  indexed = 0
  #values = 0
  #plainBytes = 0

  /** Whether it takes less than half of what the values would. */
  get pays(): boolean {
    return this.#bytes < this.#plainBytes * WORTHWHILE
  }

  /** Whether another entry would be wasted. */
  get isHopeless(): boolean {
    if (this.entries.length > LARGE_BYTES && !this.pays) return true
    if (this.#values < TRIAL) return false
    return this.size >= MOST_ENTRIES || this.#bytes > this.#plainBytes * HOPELESS
  }

  /** The bits of an index. */
  get width(): number {
    return Math.max(1, bitWidth(this.size - 1))
  }

  get #bytes(): number {
    return this.entries.length + (this.#values * this.width) / 8
  }

  /** Takes the bytes that were just appended to {@link entries} as an entry, in a free place of the table. */
  add(hash: number, place: number): number {
    const entry = this.size++
    if (this.size === this.starts.length) {
      this.starts = resized(this.starts, this.size * 2)
      this.hashes = resized(this.hashes, this.size * 2)
    }
    this.hashes[entry] = hash
    this.starts[entry + 1] = this.entries.length
    this.table[place] = entry + 1
    if (this.size * 2 > this.table.length) this.#widenTable()
    return entry
  }

  /** Appends a value of the open page that would take so many bytes outside the dictionary. */
  push(entry: number, plainBytes: number): void {
    if (this.indexed === this.index.length) this.index = resized(this.index, this.indexed * 2)
    this.index[this.indexed++] = entry
    this.#values++
    this.#plainBytes += plainBytes
  }

  /** Starts anew, in room for about as many entries and values. */
  clear(): void {
    const capacity = Math.max(FEW, this.size)
    if (this.starts.length > capacity * 4) {
      this.starts = new Int32Array(capacity)
      this.hashes = new Int32Array(capacity)
      this.table = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2)))
    } else this.table.fill(0)
    if (this.index.length > Math.max(FEW, this.#values) * 4) this.index = new Int32Array(FEW)
    this.entries.clear()
    this.size = this.indexed = this.#values = this.#plainBytes = 0
  }

  #widenTable(): void {
    const table = new Int32Array(this.table.length * 2)
    const mask = table.length - 1
    for (let entry = 0; entry < this.size; entry++) {
      let place = this.hashes[entry]! & mask
      while (table[place] !== 0) place = (place + 1) & mask
      table[place] = entry + 1
    }
    this.table = table
  }
}

function resized(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length)
  larger.set(numbers)
  return larger
}

// Which records were emitted, in 8 bytes of hash and 1 of search each: an open-addressed table at most 3/4 full, so 12 to
// 24 bytes a record. Two of n keys share a 64-bit hash with odds of n²/2^65: 1 in 3.7 million for 10^7 records. The later
// one would then count as a duplicate, and the totals would not add up: an error, never a silent loss.

import { viewOf } from '../scan/words.js'

/** How a key was met: never before, in an earlier search, or already in this one. */
export type Meeting = 'new' | 'emitted' | 'duplicate'

const SMALLEST = 1024

export class SeenSet {
  #high = new Uint32Array(SMALLEST)
  #low = new Uint32Array(SMALLEST)
  /** The search that met the key last, from 1; 0 is a free slot. */
  #search = new Uint8Array(SMALLEST)
  #size = 0
  #mark = 0

  /** Keys met so far. */
  get size(): number {
    return this.#size
  }

  /** From now on keys are met by another search. */
  startSearch(): void {
    if (++this.#mark <= 255) return
    // a byte is full: earlier searches need not be told apart
    this.#search = this.#search.map((mark) => Math.min(mark, 1))
    this.#mark = 2
  }

  /** Remembers a key and tells how it was met. */
  meet(key: string): Meeting {
    const utf8 = Buffer.from(key)
    // half a surrogate pair has no UTF-8 of its own
    const bytes = utf8.toString() === key ? utf8 : Buffer.from(key, 'utf16le')
    return this.meetBytes(viewOf(bytes), 0, bytes.length)
  }

  /** The same for a key that is UTF-8 already. */
  meetBytes(bytes: DataView, start: number, end: number): Meeting {
    hash(bytes, start, end)
    return this.#meet()
  }

  #meet(): Meeting {
    const slot = this.#slot(high, low)
    const before = this.#search[slot]
    this.#search[slot] = this.#mark
    if (before !== 0) return before === this.#mark ? 'duplicate' : 'emitted'
    this.#high[slot] = high
    this.#low[slot] = low
    if (++this.#size > this.#search.length * 0.75) this.#grow()
    return 'new'
  }

  #slot(h: number, l: number): number {
    const mask = this.#search.length - 1
    let slot = l & mask
    while (this.#search[slot] !== 0 && (this.#low[slot] !== l || this.#high[slot] !== h)) slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const [highs, lows, searches] = [this.#high, this.#low, this.#search]
    this.#high = new Uint32Array(highs.length * 2)
    this.#low = new Uint32Array(highs.length * 2)
    this.#search = new Uint8Array(highs.length * 2)
    for (let from = 0; from < searches.length; from++) {
      if (searches[from] === 0) continue
      const slot = this.#slot(highs[from]!, lows[from]!)
      this.#high[slot] = highs[from]!
      this.#low[slot] = lows[from]!
      this.#search[slot] = searches[from]!
    }
  }
}

let high = 0
let low = 0

/** Two 32-bit multiplicative hashes over words of four bytes, mixed into each other at the end as MurmurHash3 does. */
function hash(bytes: DataView, start: number, end: number): void {
  let a = 0xdeadbeef ^ (end - start)
  let b = 0x41c6ce57 ^ (end - start)
  for (let at = start; at < end; at += 4) {
    const word = at + 4 <= end ? bytes.getInt32(at, true) : lastWord(bytes, at, end)
    a = Math.imul(a ^ word, 0x9e3779b1)
    b = Math.imul(b ^ word, 0x5f356495)
    a ^= a >>> 15
    b ^= b >>> 13
  }
  a = Math.imul(a ^ (b >>> 16), 0x85ebca6b)
  b = Math.imul(b ^ (a >>> 15), 0xc2b2ae35)
  high = (a ^ (b >>> 13)) >>> 0
  low = (b ^ (a >>> 16)) >>> 0
}

/** Up to three bytes as one number. */
function lastWord(bytes: DataView, start: number, end: number): number {
  let word = 0
  for (let at = end - 1; at >= start; at--) word = (word << 8) | bytes.getUint8(at)
  return word
}

// Remembers the records that were emitted, in 8 bytes each: 56 bits of hash and 8 of search, in open-addressed tables at most 4/5 full, so 10 to
// 15 bytes a record, most often 11. There are 256 of them, by the 8 bits of hash that are left: each grows on its own, so that no record waits
// for millions to move, and memory never holds the old and the new of all. Most often none does, since the server says how many
// records there are. Two of n keys share a 64-bit hash with odds of n²/2^65: 1 in 370,000 for 10^7 records. The later one would
// then count as a duplicate, and the totals would not add up: an error, never a silent loss.

import type { SpanTable } from '../fastpath/scan/span-table.js'
import { toDataView } from '../fastpath/scan/data-view.js'

/** How a key was met: never before, in an earlier search, or already in this one. */
export type KeyStatus = 'new' | 'emitted' | 'duplicate'

/** By the upper 8 bits of a hash. */
const TABLE_COUNT = 256
/** Keys that a table has room for at first. */
const INITIAL_SLOTS = 16
const MAX_LOAD_FACTOR = 0.8
const GROWTH_FACTOR = 1.5
const GENERATION_MASK = 255
/** Keys that room is made for because a server says so; it may say anything. */
const MAX_PREALLOCATED_KEYS = 10_000_000

export class KeyDeduplicator {
  readonly #tables = Array.from({ length: TABLE_COUNT }, () => new HashTable(INITIAL_SLOTS))
  #size = 0
  #generation = 0
  /** The words read ahead, kept so that no compiler leaves the reads out. */
  protected prefetchedWords = 0

  /** Keys met so far. */
  get size(): number {
    return this.#size
  }

  /** Makes room for so many keys in all, before the first of them. */
  reserve(keys: number): void {
    if (this.#size > 0) return
    const keysPerTable = Math.min(keys, MAX_PREALLOCATED_KEYS) / TABLE_COUNT
    // a hash does not share keys out evenly: most parts get no more than this
    const slots = Math.max(INITIAL_SLOTS, Math.ceil((keysPerTable + 3 * Math.sqrt(keysPerTable)) / MAX_LOAD_FACTOR))
    const words = new Int32Array(2 * slots * TABLE_COUNT)
    for (const at of this.#tables.keys()) this.#tables[at] = new HashTable(slots, words, 2 * slots * at)
  }

  /** From now on keys are met by another search. */
  startSearch(): void {
    if (++this.#generation <= GENERATION_MASK) return
    // a byte is full: earlier searches need not be distinguished
    for (const table of this.#tables) table.resetGenerations()
    this.#generation = 2
  }

  /** Remembers a key and tells how it was met. */
  add(key: string): KeyStatus {
    const utf8 = Buffer.from(key)
    // half a surrogate pair has no UTF-8 of its own
    const bytes = utf8.toString() === key ? utf8 : Buffer.from(key, 'utf16le')
    computeHash(toDataView(bytes), 0, bytes.length)
    return this.#add(hashHigh, hashLow)
  }

  /**
   * The same for keys that are UTF-8 already. Slot reads miss the cache, so the slots of all keys are read first and the misses
   * overlap.
   */
  addAll(bytes: DataView, { starts, ends, length }: SpanTable): KeyStatus[] {
    const hashes = new Int32Array(2 * length)
    for (let at = 0; at < length; at++) {
      computeHash(bytes, starts[at]!, ends[at]!)
      hashes[2 * at] = hashHigh
      hashes[2 * at + 1] = hashLow
    }
    let prefetchedWords = 0
    for (let at = 0; at < length; at++)
      prefetchedWords ^= this.#tables[hashes[2 * at]! >>> 24]!.readFirstSlot(hashes[2 * at + 1]!)
    this.prefetchedWords = prefetchedWords
    const statuses: KeyStatus[] = []
    for (let at = 0; at < length; at++) statuses.push(this.#add(hashes[2 * at]!, hashes[2 * at + 1]!))
    return statuses
  }

  #add(upper: number, lower: number): KeyStatus {
    const previousGeneration = this.#tables[upper >>> 24]!.add(lower, upper << 8, this.#generation)
    if (previousGeneration === 0) this.#size++
    return previousGeneration === 0 ? 'new' : previousGeneration === this.#generation ? 'duplicate' : 'emitted'
  }
}

/**
 * One table: of each slot a word of hash, and a word of the rest of it with the search that met the key last; 0 is a free slot.
 * Tables that were made at once are in one piece of memory, so that little but the slot itself has to come from there.
 */
class HashTable {
  #words: Int32Array
  #start: number
  #end: number
  #maxKeys: number
  #size = 0

  /** @param start where in the words its own begin */
  constructor(slots: number, words = new Int32Array(2 * slots), start = 0) {
    this.#words = words
    this.#start = start
    this.#end = start + 2 * slots
    this.#maxKeys = slots * MAX_LOAD_FACTOR
  }

  /** Puts the mark of a search on a key; returns the one that was there, 0 for a new key. */
  add(first: number, second: number, generation: number): number {
    const at = this.#find(first, second)
    const words = this.#words
    const previousGeneration = words[at + 1]! & GENERATION_MASK
    words[at] = first
    words[at + 1] = second | generation
    if (previousGeneration === 0 && ++this.#size > this.#maxKeys) this.#grow()
    return previousGeneration
  }

  /** Marks become 1. */
  resetGenerations(): void {
    const words = this.#words
    for (let at = this.#start + 1; at < this.#end; at += 2)
      if ((words[at]! & GENERATION_MASK) !== 0) words[at] = (words[at]! & ~GENERATION_MASK) | 1
  }

  /** What is in the slot where a key is looked for first. */
  readFirstSlot(first: number): number {
    return this.#words[this.#getFirstSlot(first)]!
  }

  #getFirstSlot(first: number): number {
    return this.#start + 2 * Math.floor(((first >>> 0) / 2 ** 32) * ((this.#end - this.#start) / 2))
  }

  /** Where a key is, or the free slot where it would be. */
  #find(first: number, second: number): number {
    const words = this.#words
    const start = this.#start
    const end = this.#end
    let at = this.#getFirstSlot(first)
    while (
      (words[at + 1]! & GENERATION_MASK) !== 0 &&
      (words[at] !== first || (words[at + 1]! & ~GENERATION_MASK) !== second)
    ) {
      at += 2
      if (at === end) at = start
    }
    return at
  }

  #grow(): void {
    const [words, start, end] = [this.#words, this.#start, this.#end]
    const slots = Math.ceil(((end - start) / 2) * GROWTH_FACTOR)
    this.#words = new Int32Array(2 * slots)
    this.#start = 0
    this.#end = 2 * slots
    this.#maxKeys = slots * MAX_LOAD_FACTOR
    for (let from = start; from < end; from += 2) {
      const second = words[from + 1]!
      if ((second & GENERATION_MASK) === 0) continue
      const at = this.#find(words[from]!, second & ~GENERATION_MASK)
      this.#words[at] = words[from]!
      this.#words[at + 1] = second
    }
  }
}

let hashHigh = 0
let hashLow = 0

/** Two 32-bit multiplicative hashes over words of four bytes, mixed into each other at the end as MurmurHash3 does. */
function computeHash(bytes: DataView, start: number, end: number): void {
  let a = 0xdeadbeef ^ (end - start)
  let b = 0x41c6ce57 ^ (end - start)
  for (let at = start; at < end; at += 4) {
    const word = at + 4 <= end ? bytes.getInt32(at, true) : readLastWord(bytes, at, end)
    a = Math.imul(a ^ word, 0x9e3779b1)
    b = Math.imul(b ^ word, 0x5f356495)
    a ^= a >>> 15
    b ^= b >>> 13
  }
  a = Math.imul(a ^ (b >>> 16), 0x85ebca6b)
  b = Math.imul(b ^ (a >>> 15), 0xc2b2ae35)
  hashHigh = a ^ (b >>> 13)
  hashLow = b ^ (a >>> 16)
}

/** Up to three bytes as one number. */
function readLastWord(bytes: DataView, start: number, end: number): number {
  let word = 0
  for (let at = end - 1; at >= start; at--) word = (word << 8) | bytes.getUint8(at)
  return word
}

// Remembers the keys of records: 56 bits of hash and 8 bits of generation (the number of the search) per key, in
// open-addressed hash tables. There are 256 tables, selected by the upper 8 bits of the hash. Each table grows on its own, so
// that no single add has to move millions of keys. If two keys have the same hash, the later record counts as a duplicate, and an
// export of the whole report fails, because its total is not reached. Memory and probability: docs/adr/0002.
import type { SpanTable } from '../spans/span-table.js'
import { toDataView } from '../shared/bytes/data-view.js'

/** `new`: the key is new. `known`: only earlier searches had it. `repeated`: this search had it before. */
export type KeyStatus = 'new' | 'known' | 'repeated'

const TABLE_COUNT = 256
const INITIAL_BUCKETS = 16
const MAX_LOAD_FACTOR = 0.8
const GROWTH_FACTOR = 1.5
const GENERATION_MASK = 255
/** The limit for preallocation, because the server's total may be wrong. */
const MAX_PREALLOCATED_KEYS = 10_000_000

export class KeyDeduplicator {
  readonly #tables = Array.from({ length: TABLE_COUNT }, () => new HashTable(INITIAL_BUCKETS))
  #size = 0
  #generation = 0
  /** The result of the loop in `addAll` that reads the first buckets. The JIT may remove a loop whose result is not used. */
  protected unusedSum = 0

  get size(): number {
    return this.#size
  }

  /** Allocates space for this number of keys. Has no effect after the first key. */
  reserve(keys: number): void {
    if (this.#size > 0) return
    const keysPerTable = Math.min(keys, MAX_PREALLOCATED_KEYS) / TABLE_COUNT
    // three standard deviations more, because a hash does not distribute keys evenly
    const buckets = Math.max(INITIAL_BUCKETS, Math.ceil((keysPerTable + 3 * Math.sqrt(keysPerTable)) / MAX_LOAD_FACTOR))
    const words = new Int32Array(2 * buckets * TABLE_COUNT)
    for (const index of this.#tables.keys()) this.#tables[index] = new HashTable(buckets, words, 2 * buckets * index)
  }

  startSearch(): void {
    if (++this.#generation <= GENERATION_MASK) return
    // the byte is full; earlier searches need not be distinguished from each other
    for (const table of this.#tables) table.resetGenerations()
    this.#generation = 2
  }

  add(key: string): KeyStatus {
    const utf8 = Buffer.from(key)
    // UTF-16 for a lone surrogate, because it has no UTF-8 form
    const bytes = utf8.toString() === key ? utf8 : Buffer.from(key, 'utf16le')
    putHash(oneHash, 0, toDataView(bytes), 0, bytes.length)
    return this.#add(oneHash[0]!, oneHash[1]!)
  }

  /**
   * Adds keys that are UTF-8 already and returns their statuses. Each read of a bucket waits for memory, so the first buckets of all
   * keys are read before the first key is added, and the waits overlap.
   */
  addAll(bytes: DataView, { starts, ends, length }: SpanTable): KeyStatus[] {
    const hashes = new Int32Array(2 * length)
    for (let index = 0; index < length; index++) putHash(hashes, 2 * index, bytes, starts[index]!, ends[index]!)
    let unusedSum = 0
    for (let index = 0; index < length; index++)
      unusedSum ^= this.#tables[hashes[2 * index]! >>> 24]!.readHomeBucket(hashes[2 * index + 1]!)
    this.unusedSum = unusedSum
    const statuses: KeyStatus[] = []
    for (let index = 0; index < length; index++) statuses.push(this.#add(hashes[2 * index]!, hashes[2 * index + 1]!))
    return statuses
  }

  #add(high: number, low: number): KeyStatus {
    const previousGeneration = this.#tables[high >>> 24]!.add(low, high << 8, this.#generation)
    if (previousGeneration === 0) this.#size++
    return previousGeneration === 0 ? 'new' : previousGeneration === this.#generation ? 'repeated' : 'known'
  }
}

/**
 * A hash table. Each bucket has two words: the low 32 bits of the hash; then, as `highBits`, 24 more bits of the hash in the upper
 * three bytes, and the generation that added the key last in the lowest byte. A generation of 0 is a free bucket. Tables that
 * are allocated together share one array, so that fewer reads miss the cache.
 */
class HashTable {
  #words: Int32Array
  #start: number
  #end: number
  #maxKeys: number
  #size = 0

  /** @param start the index of the first word of this table */
  constructor(buckets: number, words = new Int32Array(2 * buckets), start = 0) {
    this.#words = words
    this.#start = start
    this.#end = start + 2 * buckets
    this.#maxKeys = buckets * MAX_LOAD_FACTOR
  }

  /** Sets the generation of a key and returns its previous generation, 0 for a new key. */
  add(low: number, highBits: number, generation: number): number {
    const at = this.#find(low, highBits)
    const words = this.#words
    const previousGeneration = words[at + 1]! & GENERATION_MASK
    words[at] = low
    words[at + 1] = highBits | generation
    if (previousGeneration === 0 && ++this.#size > this.#maxKeys) this.#grow()
    return previousGeneration
  }

  resetGenerations(): void {
    const words = this.#words
    for (let at = this.#start + 1; at < this.#end; at += 2)
      if ((words[at]! & GENERATION_MASK) !== 0) words[at] = (words[at]! & ~GENERATION_MASK) | 1
  }

  readHomeBucket(low: number): number {
    return this.#words[this.#getHomeBucket(low)]!
  }

  #getHomeBucket(low: number): number {
    return this.#start + 2 * Math.floor(((low >>> 0) / 2 ** 32) * ((this.#end - this.#start) / 2))
  }

  /** Returns the bucket of a key, or the free bucket for it. */
  #find(low: number, highBits: number): number {
    const words = this.#words
    const start = this.#start
    const end = this.#end
    let at = this.#getHomeBucket(low)
    while (
      (words[at + 1]! & GENERATION_MASK) !== 0 &&
      (words[at] !== low || (words[at + 1]! & ~GENERATION_MASK) !== highBits)
    ) {
      at += 2
      if (at === end) at = start
    }
    return at
  }

  #grow(): void {
    const [words, start, end] = [this.#words, this.#start, this.#end]
    const buckets = Math.ceil(((end - start) / 2) * GROWTH_FACTOR)
    this.#words = new Int32Array(2 * buckets)
    this.#start = 0
    this.#end = 2 * buckets
    this.#maxKeys = buckets * MAX_LOAD_FACTOR
    for (let from = start; from < end; from += 2) {
      const secondWord = words[from + 1]!
      if ((secondWord & GENERATION_MASK) === 0) continue
      const at = this.#find(words[from]!, secondWord & ~GENERATION_MASK)
      this.#words[at] = words[from]!
      this.#words[at + 1] = secondWord
    }
  }
}

const oneHash = new Int32Array(2)

/**
 * Stores a hash of the bytes as two words, the high one first. Each is a multiplicative hash over words of four bytes, and both are mixed
 * at the end as in MurmurHash3. V8 needs half the time if the loop has no branch, so the last, shorter word is added after the loop.
 */
function putHash(hashes: Int32Array, at: number, bytes: DataView, start: number, end: number): void {
  let a = 0xdeadbeef ^ (end - start)
  let b = 0x41c6ce57 ^ (end - start)
  let from = start
  for (; from + 4 <= end; from += 4) {
    const word = bytes.getInt32(from, true)
    a = addWord(a, word, 0x9e3779b1, 15)
    b = addWord(b, word, 0x5f356495, 13)
  }
  if (from < end) {
    const word = readLastWord(bytes, from, end)
    a = addWord(a, word, 0x9e3779b1, 15)
    b = addWord(b, word, 0x5f356495, 13)
  }
  a = Math.imul(a ^ (b >>> 16), 0x85ebca6b)
  b = Math.imul(b ^ (a >>> 15), 0xc2b2ae35)
  hashes[at] = a ^ (b >>> 13)
  hashes[at + 1] = b ^ (a >>> 16)
}

function addWord(hash: number, word: number, factor: number, shift: number): number {
  const product = Math.imul(hash ^ word, factor)
  return product ^ (product >>> shift)
}

function readLastWord(bytes: DataView, start: number, end: number): number {
  let word = 0
  for (let at = end - 1; at >= start; at--) word = (word << 8) | bytes.getUint8(at)
  return word
}

// Values of eight bytes, as two words of 32 bits, lower first: integers, times and doubles, told apart by their bits alone.
import type { WordBounds } from './bounds.js'
import { ChunkBuilder, type LeafLevels } from './chunk-builder.js'
import type { Compress } from './compression.js'
import { Dictionary, NONE } from './dictionary.js'
import type { Bounds } from './page.js'

const WORDS = 8
const TWO_32 = 2 ** 32
const MOST_PROBES = 64

const view = new DataView(new ArrayBuffer(WORDS))

/** The chunk of a leaf of eight-byte values. */
export class WordChunk extends ChunkBuilder {
  declare protected readonly dictionary: Dictionary
  readonly #bounds: WordBounds

  constructor(levels: LeafLevels, compress: Compress, bounds: WordBounds) {
    super(levels, compress, new Dictionary())
    this.#bounds = bounds
  }

  /** Appends a safe integer as an int64. */
  putInteger(value: number, repetition: number): number {
    const high = Math.floor(value / TWO_32)
    return this.#put((value - high * TWO_32) | 0, high, repetition)
  }

  putBigInt(value: bigint, repetition: number): number {
    view.setBigInt64(0, value, true)
    return this.#put(view.getInt32(0, true), view.getInt32(4, true), repetition)
  }

  putDouble(value: number, repetition: number): number {
    view.setFloat64(0, value, true)
    return this.#put(view.getInt32(0, true), view.getInt32(4, true), repetition)
  }

  protected override takeBounds(): Bounds | undefined {
    return this.#bounds.take()
  }

  #put(low: number, high: number, repetition: number): number {
    const entry = this.isIndexing ? this.#entryOf(low, high) : NONE
    this.level(this.levels.definition, repetition)
    if (entry !== NONE) this.dictionary.push(entry, WORDS)
    else {
      this.#bounds.widen(low, high)
      this.plain.appendUint32(low)
      this.plain.appendUint32(high)
    }
    return WORDS
  }

  #entryOf(low: number, high: number): number {
    const { table, hashes, entries } = this.dictionary
    const hash = hashOf(low, high)
    const mask = table.length - 1
    let place = hash & mask
    for (let probes = 0; probes < MOST_PROBES; probes++) {
      const entry = table[place]! - 1
      if (entry < 0) return this.#add(low, high, hash, place)
      if (hashes[entry] === hash && holds(entries.view, entry * WORDS, low, high)) return entry
      place = (place + 1) & mask
    }
    return this.#noMore()
  }

  #add(low: number, high: number, hash: number, place: number): number {
    const { dictionary } = this
    if (dictionary.isHopeless) return this.#noMore()
    this.#bounds.widen(low, high)
    dictionary.entries.appendUint32(low)
    dictionary.entries.appendUint32(high)
    return dictionary.add(hash, place)
  }

  #noMore(): number {
    this.giveUpDictionary()
    return NONE
  }
}

const holds = (view: DataView, at: number, low: number, high: number) =>
  low === view.getInt32(at, true) && high === view.getInt32(at + 4, true)

function hashOf(low: number, high: number): number {
  const hash = Math.imul(Math.imul(low, 0x9e3779b1) ^ (low >>> 15) ^ high, 0x85ebca77)
  return hash ^ (hash >>> 16)
}

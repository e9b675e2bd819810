// Values of any number of bytes: text and JSON.
import { isSame, type Viewed } from '../../scan/words.js'
import type { TextBounds } from './bounds.js'
import { ChunkBuilder, type LeafLevels } from './chunk-builder.js'
import type { Compress } from './compression.js'
import { Dictionary, NONE } from './dictionary.js'
import type { Bounds } from './page.js'

/** Bytes that a value's length takes. */
const PREFIX = 4
/** Places that are looked at for a value; texts made to collide end the dictionary, not the export. */
const MOST_PROBES = 64

/** The chunk of a leaf of text; without bounds it has none. */
export class TextChunk extends ChunkBuilder {
  declare protected readonly dictionary: Dictionary
  readonly #bounds: TextBounds | undefined

  constructor(levels: LeafLevels, compress: Compress, bounds: TextBounds | undefined) {
    super(levels, compress, new Dictionary())
    this.#bounds = bounds
  }

  /** Appends the value that these bytes are; returns how many it counts for. */
  put(source: Viewed, start: number, end: number, repetition: number): number {
    const entry = this.isIndexing ? this.#entryOf(source, start, end) : NONE
    this.level(this.levels.definition, repetition)
    if (entry !== NONE) this.dictionary.push(entry, PREFIX + end - start)
    else {
      this.#bounds?.widen(source.bytes, start, end)
      this.plain.appendUint32(end - start)
      this.plain.appendFrom(source, start, end)
    }
    return end - start + 1
  }

  protected override takeBounds(): Bounds | undefined {
    return this.#bounds?.take()
  }

  #entryOf(source: Viewed, start: number, end: number): number {
    const { table, hashes } = this.dictionary
    const hash = hashOf(source, start, end)
    const mask = table.length - 1
    let place = hash & mask
    for (let probes = 0; probes < MOST_PROBES; probes++) {
      const entry = table[place]! - 1
      if (entry < 0) return this.#add(source, start, end, hash, place)
      if (hashes[entry] === hash && this.#holds(entry, source, start, end)) return entry
      place = (place + 1) & mask
    }
    return this.#noMore()
  }

  #holds(entry: number, source: Viewed, start: number, end: number): boolean {
    const { entries, starts } = this.dictionary
    const from = starts[entry]! + PREFIX
    return starts[entry + 1]! - from === end - start && isSame(source.view, start, end, entries.view, from)
  }

  #add(source: Viewed, start: number, end: number, hash: number, place: number): number {
    const { dictionary } = this
    if (dictionary.isHopeless) return this.#noMore()
    this.#bounds?.widen(source.bytes, start, end)
    dictionary.entries.appendUint32(end - start)
    dictionary.entries.appendFrom(source, start, end)
    return dictionary.add(hash, place)
  }

  #noMore(): number {
    this.giveUpDictionary()
    return NONE
  }
}

/** Four bytes at a time; of a long text not every one counts, so that it costs about as much as 64 bytes. */
function hashOf({ bytes, view }: Viewed, start: number, end: number): number {
  const length = end - start
  let hash = length
  if (length < WORD) for (let at = start; at < end; at++) hash = (hash << 8) ^ bytes[at]!
  else {
    const last = end - WORD
    const step = WORD * ((length >> 6) + 1)
    for (let at = start; at < last; at += step) hash = stirred(hash, view, at)
    hash = stirred(hash, view, last)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

const WORD = 4

const stirred = (hash: number, view: DataView, at: number) =>
  Math.imul(((hash << 5) | (hash >>> 27)) ^ view.getInt32(at, true), 0x9e3779b1)

// The values of one leaf while a row group is open, as bytes: levels, indexes or plain values of the page at hand. What a page
// costs is paid when it is full, not when the group ends.
import { Bounds } from './bounds'
import { Bytes } from '../../../scan/kernel/growing'
import { Dictionary, FULL, NONE } from './dictionary'
import { pageClosed } from './host'
import { appendHybrid, bitWidth } from './hybrid'
import { BOOLEAN, DOUBLE, PLAIN, PREFIX, RLE_DICTIONARY, STRING, WORD } from './memory'

const PAGE_BYTES = 1 << 20
const PAGE_VALUES = 1 << 18
/** After a dictionary that did not pay, so many chunks have none: what its values cost twice is saved, and data may change. */
const CHUNKS_WITHOUT = 7

/** Bytes of a page before compression; one page is made at a time. */
const body = new Bytes()

@unmanaged
export class Chunk {
  id: i32
  /** `STRING` and so on. */
  kind: i32
  /** The definition level of a value that is there; the highest repetition level, 0 where a row has one value at most. */
  definition: i32
  repetition: i32
  dictionary: Dictionary = new Dictionary()
  bounds: Bounds = new Bounds()
  values: i32 = 0
  nulls: i32 = 0
  /** Whether the chunk has pages whose values are indexes. */
  isIndexed: bool = false
  /** Whether values go into the dictionary. */
  private isIndexing: bool
  /** Chunks to come that do without one, since it did not pay in the last that had one. */
  private plainChunks: i32 = 0
  private definitions: Bytes = new Bytes()
  private repetitions: Bytes = new Bytes()
  private plain: Bytes = new Bytes()
  /** Values in the open page, nulls included. */
  private count: i32 = 0
  private pending: i32 = 0
  private bits: i32 = 0

  constructor(id: i32, kind: i32, definition: i32, repetition: i32) {
    this.id = id
    this.kind = kind
    this.definition = definition
    this.repetition = repetition
    this.isIndexing = kind != BOOLEAN
  }

  /** Appends a missing value: up to this definition level there is something. */
  none(definition: i32, repetition: i32): void {
    this.level(definition, repetition)
    this.nulls++
  }

  putText(at: usize, length: i32, repetition: i32): void {
    const entry = this.isIndexing ? this.entryOfText(at, length) : NONE
    this.level(this.definition, repetition)
    if (entry != NONE) {
      this.dictionary.push(entry, PREFIX + length)
      return
    }
    if (this.kind == STRING) this.bounds.widenText(at, length)
    this.plain.pushWord(length)
    this.plain.append(at, length)
  }

  /** A value of eight bytes, told from others by its bits alone. */
  putWord(word: i64, repetition: i32): void {
    const entry = this.isIndexing ? this.entryOfWord(word) : NONE
    this.level(this.definition, repetition)
    if (entry != NONE) {
      this.dictionary.push(entry, WORD)
      return
    }
    this.widen(word)
    this.plain.pushLong(word)
  }

  putBit(bit: bool, repetition: i32): void {
    this.level(this.definition, repetition)
    this.bounds.widenBit(bit)
    if (bit) this.pending |= 1 << this.bits
    if (++this.bits == 8) this.completePlain()
  }

  /** Ends the chunk; its dictionary, bounds and counts are good until it is begun anew. */
  finish(): void {
    if (this.isIndexing && !this.isIndexed && !this.dictionary.pays) this.giveUpDictionary()
    if (this.count > 0) this.closePage()
  }

  restart(): void {
    this.definitions.shrinkFor(this.values)
    this.repetitions.shrinkFor(this.values)
    this.values = this.nulls = 0
    this.isIndexed = false
    if (this.kind != BOOLEAN) this.dictionary.clear()
    this.isIndexing = this.kind != BOOLEAN && this.plainChunks == 0
    if (this.plainChunks > 0) this.plainChunks--
    this.bounds.clear()
  }

  /** Comes before the value; a page ends where a row does. */
  @inline
  private level(definition: i32, repetition: i32): void {
    if (repetition == 0 && (this.count >= PAGE_VALUES || this.plain.length >= PAGE_BYTES)) this.closePage()
    this.definitions.push(definition)
    if (this.repetition > 0) this.repetitions.push(repetition)
    this.count++
  }

  private widen(word: i64): void {
    if (this.kind == DOUBLE) this.bounds.widenDouble(reinterpret<f64>(word))
    else this.bounds.widenInteger(word)
  }

  private entryOfText(at: usize, length: i32): i32 {
    const entry = this.dictionary.findText(at, length)
    if (entry >= 0) return entry
    if (entry == FULL || this.dictionary.isHopeless) return this.noMore()
    if (this.kind == STRING) this.bounds.widenText(at, length)
    return this.dictionary.addText(at, length)
  }

  private entryOfWord(word: i64): i32 {
    const entry = this.dictionary.findWord(word)
    if (entry >= 0) return entry
    if (entry == FULL || this.dictionary.isHopeless) return this.noMore()
    this.widen(word)
    return this.dictionary.addWord(word)
  }

  private noMore(): i32 {
    this.giveUpDictionary()
    return NONE
  }

  /** The dictionary does not pay: the values of the open page become plain, in as many pages as they fill. */
  private giveUpDictionary(): void {
    const entries = this.dictionary.entries
    const index = this.dictionary.index
    const count = this.count
    let indexed = index.at
    this.isIndexing = false
    this.plainChunks = CHUNKS_WITHOUT
    this.count = this.definitions.length = this.repetitions.length = 0
    for (let at: usize = 0; at < (count as usize); at++) {
      const definition = load<u8>(this.definitions.at + at) as i32
      this.level(definition, this.repetition > 0 ? (load<u8>(this.repetitions.at + at) as i32) : 0)
      if (definition < this.definition) continue
      const entry = load<i32>(indexed)
      const start = this.dictionary.startOf(entry)
      this.plain.append(entries.at + (start as usize), this.dictionary.startOf(entry + 1) - start)
      indexed += 4
    }
  }

  /** Brings the last bits among the plain values. */
  private completePlain(): void {
    if (this.bits == 0) return
    this.plain.push(this.pending)
    this.pending = this.bits = 0
  }

  private closePage(): void {
    body.clear()
    this.appendLevels(this.repetitions, this.repetition)
    this.appendLevels(this.definitions, this.definition)
    if (this.isIndexing) this.appendIndexes()
    else this.appendPlain()
    pageClosed(this.id, this.isIndexing ? RLE_DICTIONARY : PLAIN, this.count, body.at, body.length)
    this.isIndexed = this.isIndexed || this.isIndexing
    this.values += this.count
    // the chunk that gives up its dictionary still reads the levels behind
    this.count = this.definitions.length = this.repetitions.length = 0
  }

  private appendLevels(levels: Bytes, most: i32): void {
    if (most == 0) return
    const start = body.length
    body.pushWord(0)
    appendHybrid<u8>(body, levels.at, this.count, bitWidth(most))
    store<i32>(body.at + (start as usize), body.length - start - 4)
  }

  private appendIndexes(): void {
    const index = this.dictionary.index
    const width = this.dictionary.width
    body.push(width)
    appendHybrid<i32>(body, index.at, index.length >> 2, width)
    index.clear()
  }

  private appendPlain(): void {
    this.completePlain()
    body.append(this.plain.at, this.plain.length)
    this.plain.clear()
  }
}

// The values of one leaf while a row group is open: the levels and the indexes or plain values of the open page, as bytes. A page
// is written when it is full, not when the row group ends, so that the work is spread evenly.
import { Bounds } from './value-bounds'
import { GrowingBytes } from '../../common/kernel/growing-bytes'
import { Dictionary, TABLE_FULL, NOT_FOUND } from './dictionary'
import { onPageClosed } from './host-imports'
import { appendHybrid, getBitWidth } from './rle-hybrid'
import {
  PLAIN,
  LENGTH_PREFIX_BYTES,
  MAX_PAGE_BYTES,
  MAX_PAGE_VALUES,
  RLE_DICTIONARY,
} from '../../../leaves/parquet-pages'
import { BOOLEAN_LEAF, DOUBLE_LEAF, STRING_LEAF, LONG_BYTES } from '../../../leaves/leaf-kinds'
import { NO_NUMBER_TEXTS } from '../../../leaves/number-notations'

/** The number of chunks without a dictionary after one whose dictionary was not worthwhile. The chunk after them has one again. */
const CHUNKS_WITHOUT_DICTIONARY = 7

/** The bytes of a page before compression. All chunks share it, because only one page is written at a time. */
const pageBody = new GrowingBytes()

@unmanaged
export class ColumnChunk {
  id: i32
  kind: i32
  /** The definition level of a value that is not null. */
  definition: i32
  /** The highest repetition level; 0 if a row has at most one value. */
  repetition: i32
  notations: i32 = NO_NUMBER_TEXTS
  dictionary: Dictionary = new Dictionary()
  bounds: Bounds = new Bounds()
  valueCount: i32 = 0
  nullCount: i32 = 0
  /** True if a closed page has indexes of the dictionary in place of values, so that the dictionary must be written. */
  needsDictionary: bool = false
  private usesDictionary: bool
  /** The number of chunks after this one that have no dictionary. */
  private chunksWithoutDictionary: i32 = 0
  private definitions: GrowingBytes = new GrowingBytes()
  private repetitions: GrowingBytes = new GrowingBytes()
  private plainValues: GrowingBytes = new GrowingBytes()
  /** The number of values in the open page, nulls included. */
  private count: i32 = 0
  private pendingBits: i32 = 0
  private bitCount: i32 = 0

  constructor(id: i32, kind: i32, definition: i32, repetition: i32) {
    this.id = id
    this.kind = kind
    this.definition = definition
    this.repetition = repetition
    this.usesDictionary = kind != BOOLEAN_LEAF
  }

  putNullAtLevel(definition: i32, repetition: i32): void {
    this.pushLevels(definition, repetition)
    this.nullCount++
  }

  putText(at: usize, length: i32, repetition: i32): void {
    const entry = this.usesDictionary ? this.findOrAddText(at, length) : NOT_FOUND
    this.pushLevels(this.definition, repetition)
    if (entry != NOT_FOUND) {
      this.dictionary.push(entry, LENGTH_PREFIX_BYTES + length)
      return
    }
    if (this.kind == STRING_LEAF) this.bounds.widenText(at, length)
    this.plainValues.pushWord(length)
    this.plainValues.append(at, length)
  }

  putLong(long: i64, repetition: i32): void {
    const entry = this.usesDictionary ? this.findOrAddLong(long) : NOT_FOUND
    this.pushLevels(this.definition, repetition)
    if (entry != NOT_FOUND) {
      this.dictionary.push(entry, LONG_BYTES)
      return
    }
    this.widen(long)
    this.plainValues.pushLong(long)
  }

  putBit(bit: bool, repetition: i32): void {
    this.pushLevels(this.definition, repetition)
    this.bounds.widenBit(bit)
    if (bit) this.pendingBits |= 1 << this.bitCount
    if (++this.bitCount == 8) this.appendPendingBits()
  }

  /** Finishes the chunk. Its dictionary, bounds and counts are valid until {@link reset}. */
  finish(): void {
    if (this.usesDictionary && !this.needsDictionary && !this.dictionary.isWorthwhile) this.giveUpDictionary()
    if (this.count > 0) this.closePage()
  }

  reset(): void {
    this.definitions.clearAndShrink(this.valueCount)
    this.repetitions.clearAndShrink(this.valueCount)
    this.valueCount = this.nullCount = 0
    this.needsDictionary = false
    if (this.kind != BOOLEAN_LEAF) this.dictionary.clear()
    this.usesDictionary = this.kind != BOOLEAN_LEAF && this.chunksWithoutDictionary == 0
    if (this.chunksWithoutDictionary > 0) this.chunksWithoutDictionary--
    this.bounds.clear()
  }

  /** Appends the levels of a value; called before the value is appended. A page always ends at the end of a row. */
  @inline
  private pushLevels(definition: i32, repetition: i32): void {
    if (repetition == 0 && (this.count >= MAX_PAGE_VALUES || this.plainValues.length >= MAX_PAGE_BYTES))
      this.closePage()
    this.definitions.push(definition)
    if (this.repetition > 0) this.repetitions.push(repetition)
    this.count++
  }

  private widen(long: i64): void {
    if (this.kind == DOUBLE_LEAF) this.bounds.widenDouble(reinterpret<f64>(long))
    else this.bounds.widenInteger(long)
  }

  private findOrAddText(at: usize, length: i32): i32 {
    const entry = this.dictionary.findText(at, length)
    if (entry >= 0) return entry
    if (entry == TABLE_FULL || this.dictionary.shouldGiveUp) {
      this.giveUpDictionary()
      return NOT_FOUND
    }
    if (this.kind == STRING_LEAF) this.bounds.widenText(at, length)
    return this.dictionary.addText(at, length)
  }

  private findOrAddLong(long: i64): i32 {
    const entry = this.dictionary.findLong(long)
    if (entry >= 0) return entry
    if (entry == TABLE_FULL || this.dictionary.shouldGiveUp) {
      this.giveUpDictionary()
      return NOT_FOUND
    }
    this.widen(long)
    return this.dictionary.addLong(long)
  }

  /** Makes plain values of the indexes in the open page, which may then become several pages. Later values are plain too. */
  private giveUpDictionary(): void {
    const entries = this.dictionary.entries
    const pageEntries = this.dictionary.pageEntries
    const count = this.count
    let entryAt = pageEntries.at
    this.usesDictionary = false
    this.chunksWithoutDictionary = CHUNKS_WITHOUT_DICTIONARY
    this.count = this.definitions.length = this.repetitions.length = 0
    for (let at: usize = 0; at < (count as usize); at++) {
      const definition = load<u8>(this.definitions.at + at) as i32
      this.pushLevels(definition, this.repetition > 0 ? (load<u8>(this.repetitions.at + at) as i32) : 0)
      if (definition < this.definition) continue
      const entry = load<i32>(entryAt)
      const start = this.dictionary.getStart(entry)
      this.plainValues.append(entries.at + (start as usize), this.dictionary.getStart(entry + 1) - start)
      entryAt += 4
    }
  }

  private appendPendingBits(): void {
    if (this.bitCount == 0) return
    this.plainValues.push(this.pendingBits)
    this.pendingBits = this.bitCount = 0
  }

  private closePage(): void {
    pageBody.clear()
    this.appendLevels(this.repetitions, this.repetition)
    this.appendLevels(this.definitions, this.definition)
    // a dictionary without entries is not written, so a page of nulls has no indexes
    const hasIndexes = this.usesDictionary && this.dictionary.entryCount > 0
    if (hasIndexes) this.appendIndexes()
    else this.appendPlain()
    onPageClosed(this.id, hasIndexes ? RLE_DICTIONARY : PLAIN, this.count, pageBody.at, pageBody.length)
    this.needsDictionary = this.needsDictionary || hasIndexes
    this.valueCount += this.count
    // only the lengths become 0, because giveUpDictionary still reads the bytes
    this.count = this.definitions.length = this.repetitions.length = 0
  }

  private appendLevels(levels: GrowingBytes, limit: i32): void {
    if (limit == 0) return
    const start = pageBody.length
    pageBody.pushWord(0)
    appendHybrid<u8>(pageBody, levels.at, this.count, getBitWidth(limit))
    store<i32>(pageBody.at + (start as usize), pageBody.length - start - 4)
  }

  private appendIndexes(): void {
    const pageEntries = this.dictionary.pageEntries
    const width = this.dictionary.width
    pageBody.push(width)
    appendHybrid<i32>(pageBody, pageEntries.at, pageEntries.length >> 2, width)
    pageEntries.clear()
  }

  private appendPlain(): void {
    this.appendPendingBits()
    pageBody.append(this.plainValues.at, this.plainValues.length)
    this.plainValues.clear()
  }
}

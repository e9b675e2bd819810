// The distinct values of a column chunk, as long as it pays to keep them: an open-addressed table over their bytes.
import { isSame } from '../../scan/kernel/bytes'
import { Bytes } from '../../scan/kernel/growing-bytes'
import { getBitWidth } from './rle-hybrid'
import { LENGTH_PREFIX_BYTES, WORD_BYTES } from './chunk-kernel-memory'

/** So many values are looked at before a dictionary is given up. */
const TRIAL_VALUES = 4096
const MAX_ENTRIES = 1 << 20
/** Beyond this it must be worthwhile already: making so many values plain again takes a while. */
const LARGE_BYTES = 4 * 1024 * 1024
/** Places at first, and at least. */
const MIN_TABLE_SLOTS = 64

/** No entry is the value. */
export const NOT_FOUND = -1
/** Nor can one be: values made to collide end the dictionary, not the export. */
export const TABLE_FULL = -2
const MAX_PROBES = 64

const GOLDEN_RATIO: u64 = 0x9e3779b97f4a7c15

/** The hash of the value looked for last, and the free place where that ended. */
let hash: i32 = 0
let tableSlot: i32 = 0

@unmanaged
export class Dictionary {
  /** The entries, PLAIN encoded; entry `at` is bytes `starts[at]` to `starts[at + 1]`. */
  entries: Bytes = new Bytes()
  starts: Bytes = new Bytes()
  hashes: Bytes = new Bytes()
  /** The entry of each value of the open page. */
  index: Bytes = new Bytes()
  size: i32 = 0
  /** Entry numbers plus one, at the places their hashes lead to; 0 is a free place. */
  table: usize = 0
  mask: i32 = 0
  values: i32 = 0
  plainBytes: f64 = 0

  constructor() {
    this.createTable(MIN_TABLE_SLOTS)
    this.starts.pushWord(0)
  }

  /** The bits of an index. */
  get width(): i32 {
    return max(1, getBitWidth(this.size - 1))
  }

  /** Whether it takes less than half of what the values would. */
  get isWorthwhile(): bool {
    return this.bytes < this.plainBytes * 0.5
  }

  /** Whether another entry would be wasted. */
  get shouldGiveUp(): bool {
    if (this.entries.length > LARGE_BYTES && !this.isWorthwhile) return true
    if (this.values < TRIAL_VALUES) return false
    return this.size >= MAX_ENTRIES || this.bytes > this.plainBytes
  }

  /** Where an entry starts; the next one starts where it ends. */
  @inline
  startOf(entry: i32): i32 {
    return load<i32>(this.starts.at + ((entry as usize) << 2))
  }

  /** The entry that is this text, {@link NOT_FOUND} or {@link TABLE_FULL}. */
  findText(at: usize, length: i32): i32 {
    hash = getHash(at, length)
    tableSlot = hash & this.mask
    for (let probes = 0; probes < MAX_PROBES; probes++) {
      const entry = this.getEntry(tableSlot)
      if (entry < 0) return NOT_FOUND
      if (this.getHash(entry) == hash && this.hasText(entry, at, length)) return entry
      tableSlot = (tableSlot + 1) & this.mask
    }
    return TABLE_FULL
  }

  /** Adds the text that was looked for last. */
  addText(at: usize, length: i32): i32 {
    this.entries.pushWord(length)
    this.entries.append(at, length)
    return this.add()
  }

  /** The same for eight bytes. */
  findWord(word: i64): i32 {
    hash = foldHash((word as u64) * GOLDEN_RATIO)
    tableSlot = hash & this.mask
    for (let probes = 0; probes < MAX_PROBES; probes++) {
      const entry = this.getEntry(tableSlot)
      if (entry < 0) return NOT_FOUND
      if (load<i64>(this.entries.at + ((entry as usize) << 3)) == word) return entry
      tableSlot = (tableSlot + 1) & this.mask
    }
    return TABLE_FULL
  }

  addWord(word: i64): i32 {
    this.entries.pushLong(word)
    return this.add()
  }

  /** Appends a value of the open page that would take so many bytes outside the dictionary. */
  @inline
  push(entry: i32, plainBytes: i32): void {
    this.index.pushWord(entry)
    this.values++
    this.plainBytes += plainBytes
  }

  /** Starts anew, in room for about as many entries and values. */
  clear(): void {
    let slotCount = MIN_TABLE_SLOTS
    while (slotCount < this.size * 2) slotCount *= 2
    if (slotCount * 4 <= this.mask) this.createTable(slotCount)
    else memory.fill(this.table, 0, ((this.mask + 1) as usize) << 2)
    this.entries.clear()
    this.starts.clear()
    this.hashes.clear()
    this.index.clear()
    this.starts.pushWord(0)
    this.size = this.values = 0
    this.plainBytes = 0
  }

  private get bytes(): f64 {
    return (this.entries.length as f64) + ((this.values as f64) * (this.width as f64)) / 8
  }

  @inline
  private getEntry(tableSlot: i32): i32 {
    return load<i32>(this.table + ((tableSlot as usize) << 2)) - 1
  }

  @inline
  private getHash(entry: i32): i32 {
    return load<i32>(this.hashes.at + ((entry as usize) << 2))
  }

  private hasText(entry: i32, at: usize, length: i32): bool {
    const start = this.entries.at + (this.startOf(entry) as usize)
    return load<i32>(start) == length && (length == 0 || isSame(at, start + LENGTH_PREFIX_BYTES, length))
  }

  /** Takes the bytes that were just appended to the entries as an entry. */
  private add(): i32 {
    const entry = this.size++
    this.hashes.pushWord(hash)
    this.starts.pushWord(this.entries.length)
    this.storeEntry(tableSlot, entry)
    if (this.size * 2 > this.mask) this.growTable()
    return entry
  }

  private storeEntry(at: i32, entry: i32): void {
    store<i32>(this.table + ((at as usize) << 2), entry + 1)
  }

  private createTable(slotCount: i32): void {
    if (this.table != 0) heap.free(this.table)
    const bytes = (slotCount as usize) << 2
    this.table = heap.alloc(bytes)
    memory.fill(this.table, 0, bytes)
    this.mask = slotCount - 1
  }

  private growTable(): void {
    this.createTable((this.mask + 1) * 2)
    for (let entry = 0; entry < this.size; entry++) {
      let free = this.getHash(entry) & this.mask
      while (this.getEntry(free) >= 0) free = (free + 1) & this.mask
      this.storeEntry(free, entry)
    }
  }
}

/** Eight bytes at a time; of a long text not every one counts, so that it costs about as much as 128 bytes. */
function getHash(at: usize, length: i32): i32 {
  let sum = (length as u64) * GOLDEN_RATIO
  if (length >= WORD_BYTES) {
    const last = at + (length as usize) - WORD_BYTES
    const step = (WORD_BYTES * ((length >> 7) + 1)) as usize
    for (let from = at; from < last; from += step) sum = mixHash(sum, load<u64>(from))
    return foldHash(mixHash(sum, load<u64>(last)))
  }
  if (length == 0) return foldHash(sum)
  return foldHash(mixHash(sum, load<u64>(at) & (~(0 as u64) >> ((64 - 8 * length) as u64))))
}

function mixHash(sum: u64, word: u64): u64 {
  return (rotl<u64>(sum, 23) ^ word) * GOLDEN_RATIO
}

function foldHash(sum: u64): i32 {
  return ((sum ^ (sum >> 29) ^ (sum >> 47)) >> 3) as i32
}

// The dictionary of a column chunk: its distinct values, in a hash table. The chunk gives up a dictionary that saves no space.
import { isSame } from '../../common/kernel/bytes'
import { GrowingBytes } from '../../common/kernel/growing-bytes'
import { getBitWidth } from './rle-hybrid'
import { LENGTH_PREFIX_BYTES } from '../../../leaves/parquet-pages'
import { LONG_BYTES } from '../../../leaves/leaf-kinds'

/** From this number of values on, a dictionary is also given up if it saves too little. */
const TRIAL_VALUES = 4096
const MAX_ENTRIES = 1 << 20
/** A dictionary with more bytes is given up at once if it is not worthwhile, because all its values must then be written again. */
const LARGE_BYTES = 4 * 1024 * 1024
const MIN_BUCKETS = 64

export const NOT_FOUND = -1
/** The value cannot be added, because too many values collide. The chunk then gives up the dictionary. */
export const TABLE_FULL = -2
const MAX_PROBES = 64

const GOLDEN_RATIO: u64 = 0x9e3779b97f4a7c15

/** The hash of the last searched value, and the free bucket at which the search ended. */
let hash: i32 = 0
let bucket: i32 = 0

@unmanaged
export class Dictionary {
  /** The entries, PLAIN encoded; entry n is bytes `starts[n]` to `starts[n + 1]`. */
  entries: GrowingBytes = new GrowingBytes()
  starts: GrowingBytes = new GrowingBytes()
  hashes: GrowingBytes = new GrowingBytes()
  /** The entry of each value of the open page. */
  pageEntries: GrowingBytes = new GrowingBytes()
  entryCount: i32 = 0
  /** The buckets: entry numbers plus one; 0 is a free bucket. */
  table: usize = 0
  mask: i32 = 0
  valueCount: i32 = 0
  plainBytes: f64 = 0

  constructor() {
    this.createTable(MIN_BUCKETS)
    this.starts.pushWord(0)
  }

  get width(): i32 {
    return max(1, getBitWidth(this.entryCount - 1))
  }

  /** True if the dictionary needs less than half the bytes of the plain values. */
  get isWorthwhile(): bool {
    return this.bytes < this.plainBytes * 0.5
  }

  get shouldGiveUp(): bool {
    if (this.entries.length > LARGE_BYTES && !this.isWorthwhile) return true
    if (this.valueCount < TRIAL_VALUES) return false
    return this.entryCount >= MAX_ENTRIES || this.bytes > this.plainBytes
  }

  @inline
  getStart(entry: i32): i32 {
    return load<i32>(this.starts.at + ((entry as usize) << 2))
  }

  /** Returns the entry with this text, {@link NOT_FOUND} or {@link TABLE_FULL}. */
  findText(at: usize, length: i32): i32 {
    hash = hashText(at, length)
    bucket = hash & this.mask
    for (let probes = 0; probes < MAX_PROBES; probes++) {
      const entry = this.getEntry(bucket)
      if (entry < 0) return NOT_FOUND
      if (this.getHash(entry) == hash && this.hasText(entry, at, length)) return entry
      bucket = (bucket + 1) & this.mask
    }
    return TABLE_FULL
  }

  addText(at: usize, length: i32): i32 {
    this.entries.pushWord(length)
    this.entries.append(at, length)
    return this.add()
  }

  findLong(long: i64): i32 {
    hash = foldHash((long as u64) * GOLDEN_RATIO)
    bucket = hash & this.mask
    for (let probes = 0; probes < MAX_PROBES; probes++) {
      const entry = this.getEntry(bucket)
      if (entry < 0) return NOT_FOUND
      if (load<i64>(this.entries.at + ((entry as usize) << 3)) == long) return entry
      bucket = (bucket + 1) & this.mask
    }
    return TABLE_FULL
  }

  addLong(long: i64): i32 {
    this.entries.pushLong(long)
    return this.add()
  }

  /** Appends a value to the open page. `plainBytes` is the size of the plain value. */
  @inline
  push(entry: i32, plainBytes: i32): void {
    this.pageEntries.pushWord(entry)
    this.valueCount++
    this.plainBytes += plainBytes
  }

  /** Removes all entries. The memory stays large enough for about as many. */
  clear(): void {
    let bucketCount = MIN_BUCKETS
    while (bucketCount < this.entryCount * 2) bucketCount *= 2
    if (bucketCount * 4 <= this.mask) this.createTable(bucketCount)
    else memory.fill(this.table, 0, ((this.mask + 1) as usize) << 2)
    this.entries.clear()
    this.starts.clear()
    this.hashes.clear()
    this.pageEntries.clear()
    this.starts.pushWord(0)
    this.entryCount = this.valueCount = 0
    this.plainBytes = 0
  }

  private get bytes(): f64 {
    return (this.entries.length as f64) + ((this.valueCount as f64) * (this.width as f64)) / 8
  }

  @inline
  private getEntry(bucket: i32): i32 {
    return load<i32>(this.table + ((bucket as usize) << 2)) - 1
  }

  @inline
  private getHash(entry: i32): i32 {
    return load<i32>(this.hashes.at + ((entry as usize) << 2))
  }

  private hasText(entry: i32, at: usize, length: i32): bool {
    const start = this.entries.at + (this.getStart(entry) as usize)
    return load<i32>(start) == length && (length == 0 || isSame(at, start + LENGTH_PREFIX_BYTES, length))
  }

  /** Adds an entry whose bytes were just appended to the entries. */
  private add(): i32 {
    const entry = this.entryCount++
    this.hashes.pushWord(hash)
    this.starts.pushWord(this.entries.length)
    this.storeEntry(bucket, entry)
    if (this.entryCount * 2 > this.mask) this.growTable()
    return entry
  }

  private storeEntry(bucket: i32, entry: i32): void {
    store<i32>(this.table + ((bucket as usize) << 2), entry + 1)
  }

  private createTable(bucketCount: i32): void {
    if (this.table != 0) heap.free(this.table)
    const bytes = (bucketCount as usize) << 2
    this.table = heap.alloc(bytes)
    memory.fill(this.table, 0, bytes)
    this.mask = bucketCount - 1
  }

  private growTable(): void {
    this.createTable((this.mask + 1) * 2)
    for (let entry = 0; entry < this.entryCount; entry++) {
      let free = this.getHash(entry) & this.mask
      while (this.getEntry(free) >= 0) free = (free + 1) & this.mask
      this.storeEntry(free, entry)
    }
  }
}

/** Returns the hash of a text. It reads eight bytes at a time, and of a long text only about 128 bytes. */
function hashText(at: usize, length: i32): i32 {
  let sum = (length as u64) * GOLDEN_RATIO
  if (length >= LONG_BYTES) {
    const last = at + (length as usize) - LONG_BYTES
    const step = (LONG_BYTES * ((length >> 7) + 1)) as usize
    for (let from = at; from < last; from += step) sum = mixHash(sum, load<u64>(from))
    return foldHash(mixHash(sum, load<u64>(last)))
  }
  if (length == 0) return foldHash(sum)
  return foldHash(mixHash(sum, load<u64>(at) & (~(0 as u64) >> ((64 - 8 * length) as u64))))
}

function mixHash(sum: u64, long: u64): u64 {
  return (rotl<u64>(sum, 23) ^ long) * GOLDEN_RATIO
}

function foldHash(sum: u64): i32 {
  return ((sum ^ (sum >> 29) ^ (sum >> 47)) >> 3) as i32
}

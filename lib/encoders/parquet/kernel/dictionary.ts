// The distinct values of a column chunk, as long as it pays to keep them: an open-addressed table over their bytes.
import { isSame } from '../../../scan/kernel/bytes'
import { Bytes } from '../../../scan/kernel/growing'
import { bitWidth } from './hybrid'
import { PREFIX, WORD } from './memory'

/** So many values are looked at before a dictionary is given up. */
const TRIAL = 4096
const MOST_ENTRIES = 1 << 20
/** Beyond this it must be worthwhile already: making so many values plain again takes a while. */
const LARGE_BYTES = 4 * 1024 * 1024
/** Places at first, and at least. */
const FEW = 64

/** No entry is the value. */
export const NONE = -1
/** Nor can one be: values made to collide end the dictionary, not the export. */
export const FULL = -2
const MOST_PROBES = 64

const GOLDEN: u64 = 0x9e3779b97f4a7c15

/** The hash of the value looked for last, and the free place where that ended. */
let hash: i32 = 0
let place: i32 = 0

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
    this.makeTable(FEW)
    this.starts.pushWord(0)
  }

  /** The bits of an index. */
  get width(): i32 {
    return max(1, bitWidth(this.size - 1))
  }

  /** Whether it takes less than half of what the values would. */
  get pays(): bool {
    return this.bytes < this.plainBytes * 0.5
  }

  /** Whether another entry would be wasted. */
  get isHopeless(): bool {
    if (this.entries.length > LARGE_BYTES && !this.pays) return true
    if (this.values < TRIAL) return false
    return this.size >= MOST_ENTRIES || this.bytes > this.plainBytes
  }

  /** Where an entry starts; the next one starts where it ends. */
  @inline
  startOf(entry: i32): i32 {
    return load<i32>(this.starts.at + ((entry as usize) << 2))
  }

  /** The entry that is this text, {@link NONE} or {@link FULL}. */
  findText(at: usize, length: i32): i32 {
    hash = hashOf(at, length)
    place = hash & this.mask
    for (let probes = 0; probes < MOST_PROBES; probes++) {
      const entry = this.entryAt(place)
      if (entry < 0) return NONE
      if (this.hashOf(entry) == hash && this.holds(entry, at, length)) return entry
      place = (place + 1) & this.mask
    }
    return FULL
  }

  /** Adds the text that was looked for last. */
  addText(at: usize, length: i32): i32 {
    this.entries.pushWord(length)
    this.entries.append(at, length)
    return this.add()
  }

  /** The same for eight bytes. */
  findWord(word: i64): i32 {
    hash = folded((word as u64) * GOLDEN)
    place = hash & this.mask
    for (let probes = 0; probes < MOST_PROBES; probes++) {
      const entry = this.entryAt(place)
      if (entry < 0) return NONE
      if (load<i64>(this.entries.at + ((entry as usize) << 3)) == word) return entry
      place = (place + 1) & this.mask
    }
    return FULL
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
    let places = FEW
    while (places < this.size * 2) places *= 2
    if (places * 4 <= this.mask) this.makeTable(places)
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
  private entryAt(place: i32): i32 {
    return load<i32>(this.table + ((place as usize) << 2)) - 1
  }

  @inline
  private hashOf(entry: i32): i32 {
    return load<i32>(this.hashes.at + ((entry as usize) << 2))
  }

  private holds(entry: i32, at: usize, length: i32): bool {
    const start = this.entries.at + (this.startOf(entry) as usize)
    return load<i32>(start) == length && (length == 0 || isSame(at, start + PREFIX, length))
  }

  /** Takes the bytes that were just appended to the entries as an entry. */
  private add(): i32 {
    const entry = this.size++
    this.hashes.pushWord(hash)
    this.starts.pushWord(this.entries.length)
    this.put(place, entry)
    if (this.size * 2 > this.mask) this.widenTable()
    return entry
  }

  private put(at: i32, entry: i32): void {
    store<i32>(this.table + ((at as usize) << 2), entry + 1)
  }

  private makeTable(places: i32): void {
    if (this.table != 0) heap.free(this.table)
    const bytes = (places as usize) << 2
    this.table = heap.alloc(bytes)
    memory.fill(this.table, 0, bytes)
    this.mask = places - 1
  }

  private widenTable(): void {
    this.makeTable((this.mask + 1) * 2)
    for (let entry = 0; entry < this.size; entry++) {
      let free = this.hashOf(entry) & this.mask
      while (this.entryAt(free) >= 0) free = (free + 1) & this.mask
      this.put(free, entry)
    }
  }
}

/** Eight bytes at a time; of a long text not every one counts, so that it costs about as much as 128 bytes. */
function hashOf(at: usize, length: i32): i32 {
  let sum = (length as u64) * GOLDEN
  if (length >= WORD) {
    const last = at + (length as usize) - WORD
    const step = (WORD * ((length >> 7) + 1)) as usize
    for (let from = at; from < last; from += step) sum = stirred(sum, load<u64>(from))
    return folded(stirred(sum, load<u64>(last)))
  }
  if (length == 0) return folded(sum)
  return folded(stirred(sum, load<u64>(at) & (~(0 as u64) >> ((64 - 8 * length) as u64))))
}

function stirred(sum: u64, word: u64): u64 {
  return (rotl<u64>(sum, 23) ^ word) * GOLDEN
}

function folded(sum: u64): i32 {
  return ((sum ^ (sum >> 29) ^ (sum >> 47)) >> 3) as i32
}

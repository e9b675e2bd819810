// A buffer that grows. An emptied buffer keeps its memory for the next use; if little of the memory was used, a part is freed.

/** Memory up to this size is never freed. */
const MIN_KEPT_BYTES = 16 * 1024
/** Memory from this size on grows by a quarter instead of doubling, because a file has a few buffers for each column. */
const MAX_DOUBLED_BYTES = 128 * 1024
/** Extra memory after the bytes, because 16 bytes are read and written at a time. */
const PADDING_BYTES = 16

@unmanaged
export class GrowingBytes {
  at: usize = 0
  length: i32 = 0
  private capacity: i32 = 0

  @inline
  get end(): usize {
    return this.at + (this.length as usize)
  }

  @inline
  reserve(more: i32): void {
    const needed = this.length + more
    if (needed > this.capacity) this.resize(max(needed, this.grownCapacity))
  }

  @inline
  push(byte: i32): void {
    if (this.length == this.capacity) this.reserve(1)
    store<u8>(this.end, byte as u8)
    this.length++
  }

  @inline
  pushWord(word: i32): void {
    this.reserve(4)
    store<i32>(this.end, word)
    this.length += 4
  }

  @inline
  pushLong(long: i64): void {
    this.reserve(8)
    store<i64>(this.end, long)
    this.length += 8
  }

  pushVarint(value: i32): void {
    let rest = value as u32
    for (; rest > 127; rest >>= 7) this.push(((rest & 127) | 128) as i32)
    this.push(rest as i32)
  }

  /** Appends bytes, 16 at a time, because memory.copy is a slow call for few bytes. Reads up to 15 bytes after them. */
  @inline
  append(from: usize, bytes: i32): void {
    this.reserve(bytes)
    const to = this.end
    for (let at: usize = 0; at < (bytes as usize); at += 16) v128.store(to + at, v128.load(from + at))
    this.length += bytes
  }

  /** Appends bytes, or returns false if one of them is the byte in the lanes of `excluded`. Reads up to 16 bytes after them. */
  @inline
  appendWithout(excluded: v128, from: usize, bytes: i32): bool {
    this.reserve(bytes)
    let at = from
    let to = this.end
    let left = bytes
    for (; left > 16; left -= 16) {
      const lanes = v128.load(at)
      if (v128.any_true(i8x16.eq(lanes, excluded))) return false
      v128.store(to, lanes)
      at += 16
      to += 16
    }
    const lanes = v128.load(at)
    if ((i8x16.bitmask(i8x16.eq(lanes, excluded)) & ((1 << left) - 1)) != 0) return false
    v128.store(to, lanes)
    this.length += bytes
    return true
  }

  clear(): void {
    this.clearAndShrink(this.length)
  }

  /** Removes the bytes, and frees memory if `used` bytes are much less than the capacity. */
  clearAndShrink(used: i32): void {
    this.length = 0
    if (this.capacity > MIN_KEPT_BYTES && this.capacity / 4 > used) this.resize(max(used, MIN_KEPT_BYTES))
  }

  private get grownCapacity(): i32 {
    if (this.capacity < MAX_DOUBLED_BYTES) return max(64, this.capacity * 2)
    return this.capacity + this.capacity / 4
  }

  private resize(capacity: i32): void {
    const size = (capacity + PADDING_BYTES) as usize
    this.at = this.at == 0 ? heap.alloc(size) : heap.realloc(this.at, size)
    this.capacity = capacity
  }
}

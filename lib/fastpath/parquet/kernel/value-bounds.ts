// The smallest and the largest value of a chunk. Readers use them to skip chunks that cannot match, so wrong bounds would lose rows
// without an error. Text is compared by its UTF-8 bytes.
import { KEPT_TEXT_BYTES } from '../../../leaves/parquet-pages'
import { LONG_BYTES } from '../../../leaves/leaf-kinds'

@unmanaged
export class Bounds {
  min: usize = heap.alloc(KEPT_TEXT_BYTES)
  max: usize = heap.alloc(KEPT_TEXT_BYTES)
  /** -1 if there are no bounds. */
  minBytes: i32 = -1
  maxBytes: i32 = -1
  private hasNaN: bool = false

  clear(): void {
    this.minBytes = this.maxBytes = -1
    this.hasNaN = false
  }

  widenText(at: usize, length: i32): void {
    const kept = min(length, KEPT_TEXT_BYTES)
    if (this.minBytes < 0 || compareBytes(at, kept, this.min, this.minBytes) < 0) {
      memory.copy(this.min, at, kept as usize)
      this.minBytes = kept
    }
    if (this.maxBytes < 0 || compareBytes(at, kept, this.max, this.maxBytes) > 0) {
      memory.copy(this.max, at, kept as usize)
      this.maxBytes = kept
    }
  }

  widenInteger(value: i64): void {
    if (this.minBytes < 0 || value < load<i64>(this.min)) store<i64>(this.min, value)
    if (this.maxBytes < 0 || value > load<i64>(this.max)) store<i64>(this.max, value)
    this.minBytes = this.maxBytes = 8
  }

  /**
   * Includes a value in the bounds. A chunk with a NaN has no bounds: the specification excludes NaN from bounds, but for DuckDB it is the
   * largest value, so DuckDB would not find it. A zero may have either sign, so it is -0 in `min` and 0 in `max`.
   */
  widenDouble(value: f64): void {
    if (isNaN(value)) this.hasNaN = true
    if (this.hasNaN) {
      this.minBytes = this.maxBytes = -1
      return
    }
    if (this.minBytes < 0 || value < load<f64>(this.min)) store<f64>(this.min, value == 0 ? -0.0 : value)
    if (this.maxBytes < 0 || value > load<f64>(this.max)) store<f64>(this.max, value == 0 ? 0.0 : value)
    this.minBytes = this.maxBytes = 8
  }

  widenBit(value: bool): void {
    const bit: u8 = value ? 1 : 0
    if (this.minBytes < 0 || bit < load<u8>(this.min)) store<u8>(this.min, bit)
    if (this.maxBytes < 0 || bit > load<u8>(this.max)) store<u8>(this.max, bit)
    this.minBytes = this.maxBytes = 1
  }
}

/** Returns a negative number if the first text is smaller. Compares eight bytes at a time, because many texts have the same start. */
function compareBytes(one: usize, oneBytes: i32, other: usize, otherBytes: i32): i32 {
  const commonBytes = min(oneBytes, otherBytes) as usize
  let at: usize = 0
  for (; at + LONG_BYTES <= commonBytes; at += LONG_BYTES) {
    const left = load<u64>(one + at)
    const right = load<u64>(other + at)
    if (left != right) return bswap<u64>(left) < bswap<u64>(right) ? -1 : 1
  }
  const order = memory.compare(one + at, other + at, commonBytes - at)
  return order != 0 ? order : oneBytes - otherBytes
}

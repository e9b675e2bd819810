// Compares and searches bytes, 16 at a time.
import { BACKSLASH, QUOTE } from '../../../shared/ascii'

const ALL_LANES: i32 = 0xffff

/** Returns whether `length` bytes (at least one) are equal. Reads up to 15 bytes after them. */
export function isSame(one: usize, other: usize, length: i32): bool {
  let left = length
  let shift: usize = 0
  for (; left > 16; left -= 16) {
    if (compareLanes(one + shift, other + shift) != ALL_LANES) return false
    shift += 16
  }
  return ((compareLanes(one + shift, other + shift) | (ALL_LANES << left)) & ALL_LANES) == ALL_LANES
}

function compareLanes(one: usize, other: usize): i32 {
  return i8x16.bitmask(i8x16.eq(v128.load(one), v128.load(other)))
}

/** Returns the address of the next quote, backslash or control character. */
export function skipPlainBytes(at: usize): usize {
  let end = at
  let bits = findSpecialBytes(end)
  while (bits == 0) bits = findSpecialBytes((end += 16))
  return end + (ctz(bits) as usize)
}

function findSpecialBytes(at: usize): i32 {
  const bytes = v128.load(at)
  const quotes = v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE as u8)), i8x16.eq(bytes, i8x16.splat(BACKSLASH as u8)))
  return i8x16.bitmask(v128.or(quotes, i8x16.lt_u(bytes, i8x16.splat(32))))
}

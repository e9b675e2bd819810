// Bytes, sixteen at a time.

const ALL_LANES: i32 = 0xffff

/** Whether as many bytes, one at least, are the same in both places; up to 15 behind them are loaded too. */
export function isSame(one: usize, other: usize, length: i32): bool {
  let left = length
  let shift: usize = 0
  for (; left > 16; left -= 16) {
    if (compareLanes(one + shift, other + shift) != ALL_LANES) return false
    shift += 16
  }
  return ((compareLanes(one + shift, other + shift) | (ALL_LANES << left)) & ALL_LANES) == ALL_LANES
}

/** A bit for each of 16 bytes that are the same. */
function compareLanes(one: usize, other: usize): i32 {
  return i8x16.bitmask(i8x16.eq(v128.load(one), v128.load(other)))
}

/** Where a quote, a backslash or a control character comes. */
export function skipPlainBytes(at: usize): usize {
  let end = at
  let bits = findSpecialBytes(end)
  while (bits == 0) bits = findSpecialBytes((end += 16))
  return end + (ctz(bits) as usize)
}

/** A bit for each of 16 bytes that do not stand for themselves inside a text. */
function findSpecialBytes(at: usize): i32 {
  const bytes = v128.load(at)
  const marks = v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92)))
  return i8x16.bitmask(v128.or(marks, i8x16.lt_u(bytes, i8x16.splat(32))))
}

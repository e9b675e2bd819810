// Parquet's RLE / bit-packing hybrid, which levels and dictionary indexes are written in: runs of one value, and groups of
// eight values packed without gaps, lowest bits first. Source: Encodings.md of apache/parquet-format.
import { Bytes } from '../../../scan/kernel/growing'

const GROUP = 8

/** The bits that hold numbers up to `most`. */
export function bitWidth(most: i32): i32 {
  return 32 - (clz(most) as i32)
}

/** Appends `count` numbers of `width` bits, at most 24, that are bytes or words of four. */
export function appendHybrid<T>(out: Bytes, numbers: usize, count: i32, width: i32): void {
  let packedFrom = 0
  let at = 0
  while (at < count) {
    const end = endOfRun<T>(numbers, at, count)
    if (end - at >= GROUP) {
      appendPacked<T>(out, numbers, packedFrom, at, width)
      out.pushVarint((end - at) * 2)
      for (let bits = 0; bits < width; bits += 8) out.push(numberAt<T>(numbers, at) >> bits)
      packedFrom = end
      at = end
    } else at += GROUP
  }
  appendPacked<T>(out, numbers, packedFrom, count, width)
}

function numberAt<T>(numbers: usize, at: i32): i32 {
  return load<T>(numbers + (at as usize) * sizeof<T>()) as i32
}

function endOfRun<T>(numbers: usize, from: i32, count: i32): i32 {
  const first = numberAt<T>(numbers, from)
  let end = from + 1
  while (end < count && numberAt<T>(numbers, end) == first) end++
  return end
}

/** The last group is filled up with zeros. */
function appendPacked<T>(out: Bytes, numbers: usize, from: i32, to: i32, width: i32): void {
  const groups = (to - from + GROUP - 1) / GROUP
  if (groups <= 0) return
  out.pushVarint(groups * 2 + 1)
  out.reserve(groups * width)
  let pending: u32 = 0
  let bits = 0
  let end = out.end
  for (let at = from; at < from + groups * GROUP; at++) {
    if (at < to) pending |= (numberAt<T>(numbers, at) as u32) << bits
    for (bits += width; bits >= 8; bits -= 8) {
      store<u8>(end++, pending as u8)
      pending >>= 8
    }
  }
  out.length += groups * width
}

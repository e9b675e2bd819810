// Encodes levels and dictionary indexes in Parquet's RLE / bit-packing hybrid: runs of one value, and groups of eight values
// packed without gaps, lowest bits first. Source: Encodings.md of apache/parquet-format.
import { GrowingBytes } from '../../common/kernel/growing-bytes'

const GROUP_VALUES = 8

export function getBitWidth(limit: i32): i32 {
  return 32 - (clz(limit) as i32)
}

/** Appends `count` numbers of at most 24 bits. In memory they are bytes or words of four bytes. */
export function appendHybrid<T>(out: GrowingBytes, numbers: usize, count: i32, width: i32): void {
  let packedFrom = 0
  let at = 0
  while (at < count) {
    const end = findRunEnd<T>(numbers, at, count)
    if (end - at >= GROUP_VALUES) {
      appendPacked<T>(out, numbers, packedFrom, at, width)
      out.pushVarint((end - at) * 2)
      for (let bitCount = 0; bitCount < width; bitCount += 8) out.push(loadNumber<T>(numbers, at) >> bitCount)
      packedFrom = end
      at = end
    } else at += GROUP_VALUES
  }
  appendPacked<T>(out, numbers, packedFrom, count, width)
}

function loadNumber<T>(numbers: usize, at: i32): i32 {
  return load<T>(numbers + (at as usize) * sizeof<T>()) as i32
}

function findRunEnd<T>(numbers: usize, from: i32, count: i32): i32 {
  const first = loadNumber<T>(numbers, from)
  let end = from + 1
  while (end < count && loadNumber<T>(numbers, end) == first) end++
  return end
}

/** Appends bit-packed groups. The last group is padded with zeros. */
function appendPacked<T>(out: GrowingBytes, numbers: usize, from: i32, to: i32, width: i32): void {
  const groups = (to - from + GROUP_VALUES - 1) / GROUP_VALUES
  if (groups <= 0) return
  out.pushVarint(groups * 2 + 1)
  out.reserve(groups * width)
  let pendingBits: u32 = 0
  let bitCount = 0
  let end = out.end
  for (let at = from; at < from + groups * GROUP_VALUES; at++) {
    if (at < to) pendingBits |= (loadNumber<T>(numbers, at) as u32) << bitCount
    for (bitCount += width; bitCount >= 8; bitCount -= 8) {
      store<u8>(end++, pendingBits as u8)
      pendingBits >>= 8
    }
  }
  out.length += groups * width
}

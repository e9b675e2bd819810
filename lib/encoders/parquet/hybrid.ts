// Parquet's RLE / bit-packing hybrid, which levels and dictionary indexes are written in: runs of one value, and groups of
// eight values packed without gaps, lowest bits first.
import type { ByteBuffer } from './byte-buffer.js'

const GROUP = 8

/** The bits that hold numbers up to `most`. */
export const bitWidth = (most: number) => 32 - Math.clz32(most)

/** Appends the first `count` values, each of `width` bits, at most 24. */
export function appendHybrid(out: ByteBuffer, values: Uint8Array | Int32Array, count: number, width: number): void {
  let packedFrom = 0
  let at = 0
  while (at < count) {
    const end = endOfRun(values, at, count)
    if (end - at >= GROUP) {
      appendPacked(out, values, packedFrom, at, width)
      appendRun(out, values[at]!, end - at, width)
      packedFrom = end
      at = end
    } else at += GROUP
  }
  appendPacked(out, values, packedFrom, count, width)
}

function endOfRun(values: Uint8Array | Int32Array, from: number, count: number): number {
  const value = values[from]
  let end = from + 1
  while (end < count && values[end] === value) end++
  return end
}

function appendRun(out: ByteBuffer, value: number, count: number, width: number): void {
  out.appendVarint(count * 2)
  for (let bits = 0; bits < width; bits += 8) out.appendByte(value >>> bits)
}

/** The last group is filled up with zeros. */
function appendPacked(out: ByteBuffer, values: Uint8Array | Int32Array, from: number, to: number, width: number): void {
  const groups = Math.ceil((to - from) / GROUP)
  if (groups <= 0) return
  out.appendVarint(groups * 2 + 1)
  out.reserve(groups * width)
  const { bytes } = out
  let { length } = out
  let pending = 0
  let bits = 0
  for (let at = from; at < from + groups * GROUP; at++) {
    if (at < to) pending |= values[at]! << bits
    for (bits += width; bits >= 8; bits -= 8) {
      bytes[length++] = pending
      pending >>>= 8
    }
  }
  out.length = length
}

// Bytes four at a time. Source of the tests: "Determine if a word has a zero byte" and "… a byte less than n",
// https://graphics.stanford.edu/~seander/bithacks.html; of bytes that are found, the lowest is found exactly.

const WORD = 4
const ONES = 0x01010101
const HIGHS = 0x80808080

/** The bytes as words; loads need not be aligned. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** A byte four times. */
export const fourOf = (byte: number): number => Math.imul(byte, ONES)

/** Not 0 if one of the four bytes of a word is that of {@link fourOf}. */
export const holdsAny = (word: number, four: number): number => {
  const zero = word ^ four
  return (zero - ONES) & ~zero & HIGHS
}

/** Copies bytes, and returns where they end. */
export function copied(view: DataView, start: number, stop: number, out: DataView, end: number): number {
  const shift = end - start
  const last = stop - WORD
  if (last < start) for (let byte = start; byte < stop; byte++) out.setUint8(byte + shift, view.getUint8(byte))
  else {
    for (let word = start; word < last; word += WORD) out.setInt32(word + shift, view.getInt32(word, true), true)
    out.setInt32(last + shift, view.getInt32(last, true), true)
  }
  return stop + shift
}

/** The same unless a certain byte is among them; then -1. */
export function copiedWithout(
  four: number,
  view: DataView,
  start: number,
  stop: number,
  out: DataView,
  end: number,
): number {
  const shift = end - start
  const last = stop - WORD
  if (last < start) {
    for (let at = start; at < stop; at++) {
      const byte = view.getUint8(at)
      if (byte === (four & 255)) return -1
      out.setUint8(at + shift, byte)
    }
    return stop + shift
  }
  for (let at = start; at < last; at += WORD) {
    const word = view.getInt32(at, true)
    if (holdsAny(word, four) !== 0) return -1
    out.setInt32(at + shift, word, true)
  }
  const word = view.getInt32(last, true)
  if (holdsAny(word, four) !== 0) return -1
  out.setInt32(last + shift, word, true)
  return stop + shift
}

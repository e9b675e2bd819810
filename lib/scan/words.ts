// Bytes four at a time. Source of the tests: "Determine if a word has a zero byte" and "… a byte less than n",
// https://graphics.stanford.edu/~seander/bithacks.html; of bytes that are found, the lowest is found exactly.

const ONES = 0x01010101
const HIGHS = 0x80808080

/** The bytes as words; loads need not be aligned. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Bytes, and the same as words. */
export interface Viewed {
  readonly bytes: Buffer
  readonly view: DataView
}

/** A byte four times. */
export const fourOf = (byte: number): number => Math.imul(byte, ONES)

/** Not 0 if one of the four bytes of a word is that of {@link fourOf}. */
export const holdsAny = (word: number, four: number): number => {
  const zero = word ^ four
  return (zero - ONES) & ~zero & HIGHS
}

const QUOTES = fourOf(34)
const BACKSLASHES = fourOf(92)
const SPACES = fourOf(32)

/** Where in a JSON text a quote, a backslash or a control character comes, or the last bytes of all begin: no later than there. */
export function plainEnd(view: DataView, at: number): number {
  const last = view.byteLength - 4
  let end = at
  while (end <= last) {
    const word = view.getInt32(end, true)
    const stops = holdsAny(word, QUOTES) | holdsAny(word, BACKSLASHES) | ((word - SPACES) & ~word & HIGHS)
    if (stops !== 0) return end + ((31 - Math.clz32(stops & -stops)) >> 3)
    end += 4
  }
  return end
}

/** How many bytes are the same, counted in words: at most three fewer than there are. */
export function sameWords(one: DataView, at: number, other: DataView, from: number, to: number): number {
  const last = Math.min(to - 4, one.byteLength - at + from - 4)
  let end = from
  while (end <= last && one.getInt32(at + end - from, true) === other.getInt32(end, true)) end += 4
  return end - from
}

/** Copies bytes, and returns where they end. */
export function copied(view: DataView, start: number, stop: number, out: DataView, end: number): number {
  let at = start
  let to = end
  for (; at + 4 <= stop; at += 4, to += 4) out.setInt32(to, view.getInt32(at))
  for (; at < stop; at++) out.setUint8(to++, view.getUint8(at))
  return to
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
  let at = start
  let to = end
  for (; at + 4 <= stop; at += 4, to += 4) {
    const word = view.getInt32(at)
    if (holdsAny(word, four) !== 0) return -1
    out.setInt32(to, word)
  }
  for (; at < stop; at++) {
    const byte = view.getUint8(at)
    if (byte === (four & 255)) return -1
    out.setUint8(to++, byte)
  }
  return to
}

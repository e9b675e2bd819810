import { BACKSLASH } from '../../../shared/ascii'
import { GrowingBytes } from './growing-bytes'

export const unescaped = new GrowingBytes()

/** Decodes a text into {@link unescaped}. Returns false if the text has an escape such as `\u00e9`. */
export function unescape(at: usize, length: i32): bool {
  const end = at + (length as usize)
  unescaped.length = 0
  unescaped.reserve(length)
  for (let from = at; from < end; from++) {
    let byte = load<u8>(from)
    if (byte == BACKSLASH) {
      byte = decodeEscape(load<u8>(++from))
      if (byte == 0) return false
    }
    store<u8>(unescaped.end, byte)
    unescaped.length++
  }
  return true
}

/** Returns the byte for a letter that follows a backslash, or 0 for `u`. */
function decodeEscape(letter: u8): u8 {
  switch (letter) {
    case 98:
      return 8
    case 102:
      return 12
    case 110:
      return 10
    case 114:
      return 13
    case 116:
      return 9
    case 117:
      return 0
    default:
      return letter
  }
}

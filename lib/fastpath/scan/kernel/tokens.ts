// Scans texts, numbers and keywords, and computes their flags (`span-flags.ts`). The result 0 instead of an address means
// a token that continues after the window, or invalid JSON: everything that JSON.parse refuses is refused. Source: RFC 8259.
import { QUOTE, PLUS, MINUS, POINT, SLASH, ZERO, BACKSLASH, LOWER_E, LOWER_U } from '../../../shared/ascii'
import { SAFE_DIGITS } from '../../../shared/json/json-limits'
import { skipPlainBytes } from '../../common/kernel/bytes'
import { BOOLEAN, DIGITS, ESCAPED, NON_CANONICAL, NULL, NUMBER, TEXT } from '../../../spans/span-flags'

export let valueFlags: i32 = 0
/** True if a token was not complete and may continue after the window. */
export let isIncomplete: bool = false
let limit: usize = 0
let hasMoreBytes: bool = false

export function setWindow(end: usize, hasMore: bool): void {
  limit = end
  hasMoreBytes = hasMore
  isIncomplete = false
}

/** Returns 0, and notes whether the failure is only due to the end of the window. */
export function failAt(end: usize): usize {
  if (end >= limit) isIncomplete = hasMoreBytes
  return 0
}

export function isWithin(at: usize, bytes: usize): bool {
  if (at + bytes <= limit) return true
  isIncomplete = hasMoreBytes
  return false
}

export function setValueFlags(flags: i32): void {
  valueFlags = flags
}

export function skipSpace(at: usize): usize {
  let end = at
  while (isSpace(load<u8>(end))) end++
  return end
}

function isSpace(byte: u8): bool {
  return byte == 32 || byte == 10 || byte == 13 || byte == 9
}

/** Returns the address of the closing quote of a text whose first byte is at `at`. */
export function skipText(at: usize): usize {
  let end = skipPlainBytes(at)
  valueFlags = TEXT
  while (load<u8>(end) != QUOTE) {
    const next = skipEscape(end)
    if (next == 0) return 0
    end = skipPlainBytes(next)
  }
  return end
}

function skipEscape(at: usize): usize {
  if (load<u8>(at) != BACKSLASH) return failAt(at)
  const letter = load<u8>(at + 1)
  if (letter == LOWER_U) {
    for (let digit = at + 2; digit < at + 6; digit++) if (!isHex(load<u8>(digit))) return failAt(digit)
    valueFlags |= ESCAPED | NON_CANONICAL
    return at + 6
  }
  if (!isEscape(letter)) return failAt(at + 1)
  valueFlags |= letter == SLASH ? ESCAPED | NON_CANONICAL : ESCAPED
  return at + 2
}

function isEscape(letter: u8): bool {
  if (letter == QUOTE || letter == BACKSLASH || letter == SLASH) return true
  return letter == 98 || letter == 102 || letter == 110 || letter == 114 || letter == 116
}

function isHex(byte: u8): bool {
  const lower = byte | 32
  return isDigit(byte) || (lower >= 97 && lower <= 102)
}

function isDigit(byte: u8): bool {
  return ((byte - ZERO) as u8) <= 9
}

export function skipNumberOrKeyword(at: usize): usize {
  const first = load<u8>(at)
  return first == MINUS || isDigit(first) ? skipNumber(at) : skipKeyword(at)
}

function skipKeyword(at: usize): usize {
  const word = load<u32>(at)
  valueFlags = BOOLEAN
  if (word == 0x65757274 /* true */) return at + 4
  if (word == 0x736c6166 /* fals */ && load<u8>(at + 4) == LOWER_E) return at + 5
  valueFlags = NULL
  return word == 0x6c6c756e /* null */ ? at + 4 : failAt(at + 5)
}

/** Sets the flag DIGITS if JSON.stringify may write the number in another way. */
function skipNumber(at: usize): usize {
  const first = load<u8>(at) == MINUS ? at + 1 : at
  if (!isDigit(load<u8>(first))) return failAt(first)
  const integerEnd = load<u8>(first) == ZERO ? first + 1 : skipDigits(first)
  let end = integerEnd
  if (load<u8>(end) == POINT) {
    if (!isDigit(load<u8>(end + 1))) return failAt(end + 1)
    end = skipDigits(end + 1)
  }
  if ((load<u8>(end) | 32) == LOWER_E) {
    const sign = load<u8>(end + 1)
    end += sign == PLUS || sign == MINUS ? 2 : 1
    if (!isDigit(load<u8>(end))) return failAt(end)
    end = skipDigits(end)
  }
  const isMinusZero = first > at && load<u8>(first) == ZERO
  valueFlags = isMinusZero || end > integerEnd || end - first > (SAFE_DIGITS as usize) ? NUMBER | DIGITS : NUMBER
  return end
}

function skipDigits(at: usize): usize {
  let end = at
  while (isDigit(load<u8>(end))) end++
  return end
}

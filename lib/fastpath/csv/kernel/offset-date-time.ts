// Writes dates of Optimize's API as java.time.OffsetDateTime does: seconds and milliseconds only if they are not 0, `Z` for no offset.
import { GrowingBytes } from '../../common/kernel/growing-bytes'

const DASH = 45
const PLUS = 43
const POINT = 46
const COLON = 58
const ZERO = 48
const LETTER_T = 84
const LETTER_Z = 90

/** The length of `2021-12-02T17:21:49.330+0200`, and positions in it. */
const API_DATE_BYTES = 28
const MINUTES_BYTES: usize = 16
const SECONDS: usize = 17
const MILLISECONDS: usize = 20
const OFFSET: usize = 23

/** The last written date. */
export const date = new GrowingBytes()

/** Writes a text `yyyy-MM-ddTHH:mm:ss.SSS+0200` into {@link date}, or returns false. `formatOffsetDateTime` is the authority. */
export function writeOffsetDateTime(at: usize, length: i32): bool {
  if (length != API_DATE_BYTES || !isApiDate(at)) return false
  date.length = 0
  date.append(at, MINUTES_BYTES as i32)
  const hasMilliseconds = !isZero(at + MILLISECONDS, 3)
  if (hasMilliseconds || !isZero(at + SECONDS, 2)) date.append(at + SECONDS - 1, 3)
  if (hasMilliseconds) date.append(at + MILLISECONDS - 1, 4)
  if (isZero(at + OFFSET + 1, 4)) date.push(LETTER_Z)
  else {
    date.append(at + OFFSET, 3)
    date.push(COLON)
    date.append(at + OFFSET + 3, 2)
  }
  return true
}

function isZero(at: usize, digits: usize): bool {
  for (let digit = at; digit < at + digits; digit++) if (load<u8>(digit) != ZERO) return false
  return true
}

function isApiDate(at: usize): bool {
  if (load<u8>(at + 4) != DASH || load<u8>(at + 7) != DASH || load<u8>(at + 10) != LETTER_T) return false
  if (load<u8>(at + 13) != COLON || load<u8>(at + 16) != COLON || load<u8>(at + 19) != POINT) return false
  if (load<u8>(at + OFFSET) != PLUS && load<u8>(at + OFFSET) != DASH) return false
  return (
    areDigits(at, 4) &&
    areDigits(at + 5, 2) &&
    areDigits(at + 8, 2) &&
    areDigits(at + 11, 2) &&
    areDigits(at + 14, 2) &&
    areDigits(at + SECONDS, 2) &&
    areDigits(at + MILLISECONDS, 3) &&
    areDigits(at + OFFSET + 1, 4)
  )
}

function areDigits(at: usize, count: usize): bool {
  for (let digit = at; digit < at + count; digit++) if (((load<u8>(digit) - ZERO) as u8) > 9) return false
  return true
}

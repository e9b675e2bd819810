// Numbers and dates read from the bytes of a page, without a string in between. Only the common notation is read here; NaN
// says that the value is for the code that reads strings to judge.
import { DAY_MS, daysSince1970, MINUTE_MS, secondOfDay, within } from './timestamp.js'

const [PLUS, DASH, POINT, COLON, ZERO, LETTER_T] = [43, 45, 46, 58, 48, 84]

const MOST_DIGITS = 15

/** The integer in these bytes, if it is written as `String(number)` would, in up to 15 digits. */
export function integerAt(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === DASH
  const from = isNegative ? start + 1 : start
  if (end <= from || end - from > MOST_DIGITS) return NaN
  if (bytes[from] === ZERO) return end - from > 1 || isNegative ? NaN : 0
  let value = 0
  for (let at = from; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return NaN
    value = value * 10 + digit
  }
  return isNegative ? -value : value
}

const LENGTH = '2021-12-02T17:21:49.330+0200'.length

/** Milliseconds since 1970 of `yyyy-MM-ddTHH:mm:ss.SSS` with an offset as Optimize writes it, `+0200`. */
export function timestampAt(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== LENGTH || !hasSeparators(bytes, start)) return NaN
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2)
  const days = daysSince1970(year, twoDigits(bytes, start + 5), twoDigits(bytes, start + 8))
  const [hour, minute, second] = [
    twoDigits(bytes, start + 11),
    twoDigits(bytes, start + 14),
    twoDigits(bytes, start + 17),
  ]
  const milliseconds = twoDigits(bytes, start + 20) * 10 + oneDigit(bytes, start + 22)
  const offset = within(twoDigits(bytes, start + 24), 23) * 60 + within(twoDigits(bytes, start + 26), 59)
  const signed = bytes[start + 23] === DASH ? -offset : offset
  return days * DAY_MS + secondOfDay(hour, minute, second) * 1000 + milliseconds - signed * MINUTE_MS
}

const hasSeparators = (bytes: Uint8Array, start: number) =>
  bytes[start + 4] === DASH &&
  bytes[start + 7] === DASH &&
  bytes[start + 10] === LETTER_T &&
  bytes[start + 13] === COLON &&
  bytes[start + 16] === COLON &&
  bytes[start + 19] === POINT &&
  (bytes[start + 23] === PLUS || bytes[start + 23] === DASH)

function oneDigit(bytes: Uint8Array, at: number): number {
  const digit = bytes[at]! - ZERO
  return digit >= 0 && digit <= 9 ? digit : NaN
}

const twoDigits = (bytes: Uint8Array, at: number) => oneDigit(bytes, at) * 10 + oneDigit(bytes, at + 1)

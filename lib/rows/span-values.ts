// Numbers and dates read from the bytes of a page, without a string in between. Only the common notation is read here; NaN
// says that the value is for the code that reads strings to judge.
import type { Viewed } from '../scan/words.js'
import { DAY_MS, daysSince1970, MINUTE_MS } from './timestamp.js'

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
export function timestampAt({ bytes, view }: Viewed, start: number, end: number): number {
  if (end - start !== LENGTH || !hasSeparators(bytes, start)) return NaN
  const [century, year, month, day] = [
    twoDigits(view, start),
    twoDigits(view, start + 2),
    twoDigits(view, start + 5),
    twoDigits(view, start + 8),
  ]
  const [hour, minute, second] = [twoDigits(view, start + 11), twoDigits(view, start + 14), twoDigits(view, start + 17)]
  const [hundredths, thousandths] = [twoDigits(view, start + 20), bytes[start + 22]! - ZERO]
  const [offsetHours, offsetMinutes] = [twoDigits(view, start + 24), twoDigits(view, start + 26)]
  // negative where any of them is
  const all = century | year | month | day | hour | minute | second | hundredths | offsetHours | offsetMinutes
  if (all < 0 || thousandths < 0 || thousandths > 9) return NaN
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return NaN
  const offset = offsetHours * 60 + offsetMinutes
  const minutes = hour * 60 + minute - (bytes[start + 23] === DASH ? -offset : offset)
  const milliseconds = second * 1000 + hundredths * 10 + thousandths
  return daysSince1970(century * 100 + year, month, day) * DAY_MS + minutes * MINUTE_MS + milliseconds
}

const hasSeparators = (bytes: Uint8Array, start: number) =>
  bytes[start + 4] === DASH &&
  bytes[start + 7] === DASH &&
  bytes[start + 10] === LETTER_T &&
  bytes[start + 13] === COLON &&
  bytes[start + 16] === COLON &&
  bytes[start + 19] === POINT &&
  (bytes[start + 23] === PLUS || bytes[start + 23] === DASH)

/** The number, or -1. Of a digit the upper half is 0, also when 6 is added; of no other byte both are. */
function twoDigits(view: DataView, at: number): number {
  const digits = view.getUint16(at, true) ^ 0x3030
  return ((digits | (digits + 0x0606)) & 0xf0f0) === 0 ? (digits & 15) * 10 + (digits >> 8) : -1
}

// Parses integers, doubles, booleans and times in their usual notation. The JavaScript code parses all other notations.
import { PLUS, MINUS, POINT, ZERO, COLON, CAPITAL_T, LOWER_E } from '../../../shared/ascii'
import { API_DATE_BYTES, DAY_OF_1970 } from '../../../shared/api-date'
import { DAY_MS, MINUTE_MS } from '../../../shared/milliseconds'
import { SAFE_DIGITS } from '../../../shared/json/json-limits'
import {
  ANY_NOTATION,
  NO_NUMBER_TEXTS,
  FRACTIONS_AND_INTEGERS,
  FRACTIONS_AND_POINT_ZERO,
} from '../../../leaves/number-notations'

/** January and February of the year 0, a leap year. */
const DAYS_BEFORE_MARCH = 60

export let parsedLong: i64 = 0

/** Parses a canonical integer of up to `SAFE_DIGITS` digits into {@link parsedLong}. Returns false for anything else. */
export function tryParseInteger(at: usize, end: usize): bool {
  const isNegative = at < end && load<u8>(at) == MINUS
  const first = isNegative ? at + 1 : at
  const digits = (end - first) as i32
  if (digits <= 0 || digits > SAFE_DIGITS) return false
  if (load<u8>(first) == ZERO && (digits > 1 || isNegative)) return false
  let number: i64 = 0
  for (let digit = first; digit < end; digit++) {
    const digitValue = load<u8>(digit) - ZERO
    if ((digitValue as u8) > 9) return false
    number = number * 10 + (digitValue as i64)
  }
  parsedLong = isNegative ? -number : number
  return true
}

export let parsedDouble: f64 = 0

/**
 * Parses a number of up to `SAFE_DIGITS` digits in an accepted notation into {@link parsedDouble}. Returns false for anything else, also
 * for a number with an exponent. The quotient of an integer below 2^53 and a power of ten up to 10^22 is the nearest double (Clinger, "How
 * to read floating point numbers accurately").
 *
 * @param notations the accepted notations, see `number-notations.ts`
 */
export function tryParseDouble(at: usize, end: usize, notations: i32): bool {
  const isNegative = at < end && load<u8>(at) == MINUS
  const first = isNegative ? at + 1 : at
  let digits = 0
  let fractionDigits = 0
  let number: i64 = 0
  let point: usize = 0
  for (let from = first; from < end; from++) {
    const byte = load<u8>(from)
    if (byte == POINT && point == 0 && digits > 0) {
      point = from
      continue
    }
    const digitValue = byte - ZERO
    if ((digitValue as u8) > 9 || ++digits > SAFE_DIGITS) return false
    number = number * 10 + (digitValue as i64)
    if (point != 0) fractionDigits++
  }
  if (digits == 0 || (point != 0 && fractionDigits == 0)) return false
  const size = (number as f64) / load<f64>(powersOfTen + ((fractionDigits as usize) << 3))
  parsedDouble = isNegative ? -size : size
  if (notations == ANY_NOTATION) return true
  const hasLeadingZero = load<u8>(first) == ZERO && digits - fractionDigits > 1
  if (hasLeadingZero || (size > 0 && size < MIN_PLAIN_DOUBLE)) return false
  if (fractionDigits == 0) return notations == FRACTIONS_AND_INTEGERS && !(isNegative && number == 0)
  if (load<u8>(end - 1) != ZERO) return notations != NO_NUMBER_TEXTS
  return fractionDigits == 1 && notations == FRACTIONS_AND_POINT_ZERO
}

/** JavaScript writes smaller numbers with an exponent. */
const MIN_PLAIN_DOUBLE: f64 = 1e-6
const powersOfTen = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
])

export function isBooleanText(at: usize, end: usize): bool {
  const length = end - at
  if (length == 4) return load<u32>(at) == 0x65757274 /* true */
  return length == 5 && load<u32>(at) == 0x736c6166 /* fals */ && load<u8>(at + 4) == LOWER_E
}

/**
 * Parses a date of the API, `yyyy-MM-ddTHH:mm:ss.SSS+0200`, into {@link parsedLong}, or returns false. `parseTimestamp` is the authority.
 */
export function tryParseTime(at: usize, end: usize): bool {
  if (((end - at) as i32) != API_DATE_BYTES || !hasSeparators(at)) return false
  const century = parseTwoDigits(at)
  const yearOfCentury = parseTwoDigits(at + 2)
  const month = parseTwoDigits(at + 5)
  const day = parseTwoDigits(at + 8)
  const hour = parseTwoDigits(at + 11)
  const minute = parseTwoDigits(at + 14)
  const second = parseTwoDigits(at + 17)
  const hundredths = parseTwoDigits(at + 20)
  const thousandths = (load<u8>(at + 22) as i32) - ZERO
  const offsetHours = parseTwoDigits(at + 24)
  const offsetMinutes = parseTwoDigits(at + 26)
  // parseTwoDigits returns a negative number for other characters
  if (century < 0 || yearOfCentury < 0 || hundredths < 0 || thousandths < 0 || thousandths > 9) return false
  if (!isWithin(hour, 23) || !isWithin(minute, 59) || !isWithin(second, 59)) return false
  if (!isWithin(offsetHours, 23) || !isWithin(offsetMinutes, 59)) return false
  const year = century * 100 + yearOfCentury
  if (month < 1 || month > 12 || day < 1 || day > getDaysInMonth(year, month)) return false
  const offset = offsetHours * 60 + offsetMinutes
  const minutes = hour * 60 + minute - (load<u8>(at + 23) == MINUS ? -offset : offset)
  const days = (countDaysSince1970(year, month, day) as i64) * DAY_MS
  parsedLong = days + ((minutes * MINUTE_MS + second * 1000 + hundredths * 10 + thousandths) as i64)
  return true
}

function isWithin(number: i32, limit: i32): bool {
  return number >= 0 && number <= limit
}

function hasSeparators(at: usize): bool {
  if (load<u8>(at + 4) != MINUS || load<u8>(at + 7) != MINUS || load<u8>(at + 10) != CAPITAL_T) return false
  if (load<u8>(at + 13) != COLON || load<u8>(at + 16) != COLON || load<u8>(at + 19) != POINT) return false
  return load<u8>(at + 23) == PLUS || load<u8>(at + 23) == MINUS
}

function parseTwoDigits(at: usize): i32 {
  const tens = (load<u8>(at) as i32) - ZERO
  const ones = (load<u8>(at + 1) as i32) - ZERO
  return (tens as u32) > 9 || (ones as u32) > 9 ? -1000 : tens * 10 + ones
}

function isLeap(year: i32): bool {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

function getDaysInMonth(year: i32, month: i32): i32 {
  if (month == 2) return isLeap(year) ? 29 : 28
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
}

/** Returns the days since 1970 in the proleptic Gregorian calendar. Counts years from March, so that a leap day is the last of its year. */
function countDaysSince1970(year: i32, month: i32, day: i32): i32 {
  const monthFromMarch = month > 2 ? month - 3 : month + 9
  const years = month > 2 ? year : year - 1
  const leapDays = floorDivide(years, 4) - floorDivide(years, 100) + floorDivide(years, 400)
  return years * 365 + leapDays + DAYS_BEFORE_MARCH + (monthFromMarch * 153 + 2) / 5 + day - DAY_OF_1970
}

function floorDivide(number: i32, divisor: i32): i32 {
  return number < 0 ? -((divisor - 1 - number) / divisor) : number / divisor
}

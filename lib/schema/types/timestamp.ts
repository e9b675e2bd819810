// Parses the dates of Optimize digit by digit, because Date.parse accepts much more than these dates.
import { PLUS, MINUS, POINT, ZERO, COLON, CAPITAL_T, CAPITAL_Z } from '../../shared/ascii.js'
import { DAY_OF_1970 } from '../../shared/api-date.js'
import { DAY_MS, MINUTE_MS } from '../../shared/milliseconds.js'

/**
 * Returns the milliseconds since 1970 of `yyyy-MM-ddTHH:mm:ss[.fraction]` with an offset (`+0200`, `+02:00` or `Z`), or
 * undefined for any other text. The fraction may have up to nine digits, but all after the third must be 0.
 */
export function parseTimestamp(text: string): number | undefined {
  if (!hasSeparators(text)) return undefined
  const days = countDaysSince1970(parseDigits(text, 0, 4), parseDigits(text, 5, 2), parseDigits(text, 8, 2))
  const seconds = getSecondOfDay(parseDigits(text, 11, 2), parseDigits(text, 14, 2), parseDigits(text, 17, 2))
  const end = findFractionEnd(text)
  const value =
    days * DAY_MS + seconds * 1000 + parseMilliseconds(text, end) - parseOffsetMinutes(text, end) * MINUTE_MS
  return Number.isNaN(value) ? undefined : value
}

/**
 * Returns the days since 1970 of `yyyy-MM-dd`, or of a text that {@link parseTimestamp} accepts and that is midnight in its own offset.
 * Returns undefined for any other text.
 */
export function parseDay(text: string): number | undefined {
  const isTime = text.length > DAY_LENGTH
  if (isTime && (!MIDNIGHT_PATTERN.test(text) || parseTimestamp(text) === undefined)) return undefined
  if (text.charCodeAt(4) !== MINUS || text.charCodeAt(7) !== MINUS) return undefined
  const days = countDaysSince1970(parseDigits(text, 0, 4), parseDigits(text, 5, 2), parseDigits(text, 8, 2))
  return Number.isNaN(days) ? undefined : days
}

const DAY_LENGTH = 'yyyy-MM-dd'.length
const MIDNIGHT_PATTERN = /^.{10}T00:00:00(?:\.0+)?(?:Z|[+-])/

/** Returns true if the text is a date in the form of Optimize's API: `yyyy-MM-ddTHH:mm:ss.SSS` and an offset (docs/server.md 4.7). */
export function isApiDate(text: string): boolean {
  return text.charCodeAt(19) === POINT && findFractionEnd(text) === 23 && parseTimestamp(text) !== undefined
}

const hasSeparators = (text: string) =>
  text.charCodeAt(4) === MINUS &&
  text.charCodeAt(7) === MINUS &&
  text.charCodeAt(10) === CAPITAL_T &&
  text.charCodeAt(13) === COLON &&
  text.charCodeAt(16) === COLON

/** Returns the number of exactly `count` digits, or NaN. Every result that is computed from NaN is NaN too. */
function parseDigits(text: string, from: number, count: number): number {
  let value = 0
  for (let at = from; at < from + count; at++) {
    const digit = text.charCodeAt(at) - ZERO
    if (!(digit >= 0 && digit <= 9)) return NaN
    value = value * 10 + digit
  }
  return value
}

const rejectAbove = (value: number, max: number) => (value <= max ? value : NaN)

/** Returns the days since 1970 in the proleptic Gregorian calendar, or NaN for a day that does not exist. */
function countDaysSince1970(year: number, month: number, day: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= (isLeap && month === 2 ? 29 : daysInMonth[month]!))) return NaN
  const leapDays = Math.ceil(year / 4) - Math.ceil(year / 100) + Math.ceil(year / 400)
  const leapDay = isLeap && month > 2 ? 1 : 0
  return year * 365 + leapDays + daysBeforeMonth[month]! + leapDay + day - DAY_OF_1970
}

/** The index is the month; January is 1. The 29th of February is not counted. */
const daysInMonth = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const daysBeforeMonth = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

const getSecondOfDay = (hour: number, minute: number, second: number) =>
  rejectAbove(hour, 23) * 3600 + rejectAbove(minute, 59) * 60 + rejectAbove(second, 59)

function findFractionEnd(text: string): number {
  if (text.charCodeAt(19) !== POINT) return 19
  let end = 20
  while (parseDigits(text, end, 1) >= 0) end++
  return end
}

function parseMilliseconds(text: string, end: number): number {
  if (end === 19) return 0
  const count = end - 20
  if (count < 1 || count > 9) return NaN
  const droppedDigits = count > 3 ? parseDigits(text, 23, count - 3) : 0
  return droppedDigits === 0 ? parseDigits(text, 20, Math.min(count, 3)) * 10 ** (3 - Math.min(count, 3)) : NaN
}

function parseOffsetMinutes(text: string, at: number): number {
  const sign = text.charCodeAt(at)
  if (sign === CAPITAL_Z) return text.length === at + 1 ? 0 : NaN
  if (sign !== PLUS && sign !== MINUS) return NaN
  const minuteAt = text.charCodeAt(at + 3) === COLON ? at + 4 : at + 3
  if (text.length !== minuteAt + 2) return NaN
  const minutes = rejectAbove(parseDigits(text, at + 1, 2), 23) * 60 + rejectAbove(parseDigits(text, minuteAt, 2), 59)
  return sign === PLUS ? minutes : -minutes
}

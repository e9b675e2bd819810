import { PLUS, MINUS, POINT, ZERO, NINE, COLON, CAPITAL_T, LOWER_F, LOWER_T } from '../shared/ascii.js'
import { BOOLEAN, NESTED, NULL, NUMBER, TEXT } from '../spans/span.js'
import { API_DATE_BYTES } from '../shared/api-date.js'
import { SAFE_DIGITS } from '../shared/json/json-limits.js'

/** Returns the signature of the value of a span, or undefined if the value must be read. */
export type SpanSignatureFunction = (bytes: Buffer, start: number, end: number, flags: number) => string | undefined

const isDigit = (byte: number) => byte >= ZERO && byte <= NINE

/** The same as `getVariableSignature` (infer-type.ts) for the value of a span. */
export const getTextSpanSignature: SpanSignatureFunction = (bytes, start, end, flags) => {
  if (flags === NULL || (flags === TEXT && start === end)) return ''
  if (flags === BOOLEAN) return 'boolean'
  if (flags === NUMBER) return 'int64'
  if ((flags & NESTED) !== 0) return 'string'
  if (flags !== TEXT) return undefined
  const first = bytes[start]!
  if (first !== MINUS && !isDigit(first)) return first === LOWER_T || first === LOWER_F ? undefined : 'string'
  return isDate(bytes, start, end) ? 'timestamp' : getNumberSignature(bytes, first === MINUS ? start + 1 : start, end)
}

/** Returns the signature of the text of a number, or undefined if the value must be read. `start` is after the sign. */
function getNumberSignature(bytes: Buffer, start: number, end: number): string | undefined {
  if (end - start > SAFE_DIGITS) return undefined
  let point = end
  for (let at = start; at < end; at++) {
    if (bytes[at] === POINT && point === end) point = at
    else if (!isDigit(bytes[at]!)) return undefined
  }
  // a number that begins with 0 may be -0, 007, or one that JavaScript writes with an exponent
  if (point === start || bytes[start] === ZERO) return undefined
  if (point === end) return 'int64'
  if (bytes[end - 1] !== ZERO) return point === end - 1 ? undefined : 'double'
  return point === end - 2 ? '2.0' : undefined
}

/** Returns true for a date of the API with a day from 1 to 28, which every month has. `isApiDate` is the authority. */
function isDate(bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== API_DATE_BYTES) return false
  const readTwoDigits = (at: number) => {
    const [tens, ones] = [bytes[start + at]!, bytes[start + at + 1]!]
    return isDigit(tens) && isDigit(ones) ? (tens - ZERO) * 10 + ones - ZERO : NaN
  }
  const hasByte = (at: number, byte: number) => bytes[start + at] === byte
  return (
    hasByte(4, MINUS) &&
    hasByte(7, MINUS) &&
    hasByte(10, CAPITAL_T) &&
    hasByte(13, COLON) &&
    hasByte(16, COLON) &&
    hasByte(19, POINT) &&
    (hasByte(23, PLUS) || hasByte(23, MINUS)) &&
    // NaN if a character is not a digit; 20 and 21 are the three digits of the milliseconds
    readTwoDigits(0) + readTwoDigits(2) + readTwoDigits(20) + readTwoDigits(21) >= 0 &&
    readTwoDigits(5) >= 1 &&
    readTwoDigits(5) <= 12 &&
    readTwoDigits(8) >= 1 &&
    readTwoDigits(8) <= 28 &&
    readTwoDigits(11) <= 23 &&
    readTwoDigits(14) <= 59 &&
    readTwoDigits(17) <= 59 &&
    readTwoDigits(24) <= 23 &&
    readTwoDigits(26) <= 59
  )
}

/** The same as `getValueSignature` (infer-type.ts) for the value of a span. */
export const getValueSpanSignature: SpanSignatureFunction = (_bytes, _start, _end, flags) => {
  if ((flags & TEXT) !== 0) return 'string'
  if (flags === NULL) return ''
  if (flags === BOOLEAN) return 'boolean'
  return flags === NUMBER ? 'integer' : undefined
}

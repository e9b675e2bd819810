// Parses and writes JSON without losing digits of numbers: integers beyond 2^53 become `bigint`, the digits of numbers such as `1.50` are
// kept apart from the value (`digits.ts`). JSON.parse alone is enough for a text without these numbers.
import { isUtf8 } from 'node:buffer'
import { QUOTE, PLUS, MINUS, POINT, ZERO, NINE, BACKSLASH, LOWER_E } from '../ascii.js'
import { keepDigits } from './digits.js'
import { toExactJson, toNestingError, isExactlySerializable } from './json-text.js'
import { SAFE_DIGITS } from './json-limits.js'
import type { JsonValue } from '../types.js'

/** Returns whether a value is a JSON object: not null, not an array, not a Date. */
export function isJsonObject(value: unknown): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** Throws a SyntaxError if the bytes are not JSON in UTF-8. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new SyntaxError('invalid UTF-8')
  const text = bytes.toString('utf8')
  const value = parseText(text)
  const ranges = findNonCanonicalNumbers(text)
  return ranges.length === 0 ? value : parseExactly(text, ranges)
}

/** Removes the quotation of the text from V8's error message, because the text may contain a cursor or a token. */
function parseText(text: string): unknown {
  if (text.startsWith('\uFEFF'))
    throw new SyntaxError('the text begins with a byte order mark, which JSON does not allow')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SyntaxError((error as SyntaxError).message.replace(/(^|, )(?:\.\.\.)?"[^]*/, '$1the text is not JSON'))
  }
}

const isDigit = (unit: number) => unit >= ZERO && unit <= NINE

/** Returns the start and the end of each number that needs a bigint, or that JSON.stringify would write differently. */
function findNonCanonicalNumbers(text: string): number[] {
  const ranges: number[] = []
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) at = findClosingQuote(text, at)
    else if (unit === MINUS || isDigit(unit)) {
      const end = skipNumber(text, at)
      if (isNonCanonical(text, at, end)) ranges.push(at, end)
      at = end - 1
    }
  }
  return ranges
}

function findClosingQuote(text: string, opening: number): number {
  let at = opening + 1
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
  return at
}

function skipNumber(text: string, start: number): number {
  let at = start + 1
  while (isInNumber(text.charCodeAt(at))) at++
  return at
}

const isInNumber = (unit: number) =>
  isDigit(unit) || unit === POINT || unit === PLUS || unit === MINUS || (unit | 32) === LOWER_E

function isNonCanonical(text: string, start: number, end: number): boolean {
  if (end - start <= SAFE_DIGITS && isPlainInteger(text, start, end)) return false
  const digits = text.slice(start, end)
  const value = toNumber(digits)
  return typeof value === 'bigint' || String(value) !== digits
}

function isPlainInteger(text: string, start: number, end: number): boolean {
  const isNegative = text.charCodeAt(start) === MINUS
  if (isNegative && text.charCodeAt(start + 1) === ZERO) return false
  for (let at = isNegative ? start + 1 : start; at < end; at++) if (!isDigit(text.charCodeAt(at))) return false
  return true
}

function toNumber(digits: string): number | bigint {
  const value = Number(digits)
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(value) ? BigInt(digits) : value
}

/** The escape of a lone surrogate, which UTF-8 text can contain only as an escape. */
const LONE_SURROGATE_ESCAPE = '\\udfff'

/**
 * Parses text whose numbers at `ranges` are not canonical: replaces each of them by a string with a unique prefix, parses, and puts the
 * numbers back.
 */
function parseExactly(text: string, ranges: readonly number[]): unknown {
  let marker = LONE_SURROGATE_ESCAPE
  while (text.toLowerCase().includes(marker)) marker += LONE_SURROGATE_ESCAPE
  let markedText = ''
  let from = 0
  for (let index = 0; index < ranges.length; index += 2) {
    const [start, end] = [ranges[index]!, ranges[index + 1]!]
    markedText += `${text.slice(from, start)}"${marker}${text.slice(start, end)}"`
    from = end
  }
  const root = [JSON.parse(markedText + text.slice(from)) as unknown]
  restoreNumbers(root, '\udfff'.repeat(marker.length / LONE_SURROGATE_ESCAPE.length))
  return root[0]
}

function restoreNumbers(holder: object, marker: string): void {
  const parts = holder as Record<string, unknown>
  for (const key of Object.keys(parts)) {
    const part = parts[key]
    if (typeof part === 'object' && part !== null) restoreNumbers(part, marker)
    else if (typeof part === 'string' && part.startsWith(marker)) {
      const digits = part.slice(marker.length)
      const value = toNumber(digits)
      parts[key] = value
      if (typeof value === 'number') keepDigits(holder, key, digits)
    }
  }
}

/**
 * Returns the JSON text of a value that may contain `bigint`; numbers keep their digits. Throws a TypeError for values that
 * JSON cannot represent, such as NaN, a function or a Map, which JSON.stringify would change or omit.
 */
export function stringifyJson(value: unknown): string {
  const text = serialize(value)
  if (text === undefined) throw new TypeError('a value without JSON text')
  return text
}

function serialize(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value)
    if (isExactlySerializable(value)) return text
  } catch (error) {
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw toNestingError(error)
  }
  try {
    return toExactJson(value)
  } catch (error) {
    throw toNestingError(error)
  }
}

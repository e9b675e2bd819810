// JSON whose numbers keep their digits: integers beyond 2^53 are `bigint`, the digits of others are kept beside them
// (`digits.ts`). Where there are none of either, the price is that of JSON.parse and a look at the text.
import { isUtf8 } from 'node:buffer'
import { keepDigits } from './digits.js'
import { toExactJson, isExactlySerializable } from './json-text.js'
import type { JsonValue } from './types.js'

/** An object as JSON has it: neither null, nor an array, nor a Date. */
export function isJsonObject(value: unknown): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** Parses UTF-8 JSON text; integers that a double cannot hold become `bigint`. Throws a SyntaxError. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new SyntaxError('invalid UTF-8')
  const text = bytes.toString('utf8')
  const value = parseText(text)
  const ranges = findNonCanonicalNumbers(text)
  return ranges.length === 0 ? value : parseExactly(text, ranges)
}

/** V8 quotes the text around what it stumbles over, and that may be a cursor or a token. */
function parseText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SyntaxError((error as SyntaxError).message.replace(/(^|, )(?:\.\.\.)?"[^]*/, '$1the text is not JSON'))
  }
}

const QUOTE = 34
const MINUS = 45
const ZERO = 48
const BACKSLASH = 92

const isDigit = (unit: number) => unit >= ZERO && unit <= 57

/** The starts and ends of the numbers that JSON.stringify would write in another way than this text, or that need a bigint. */
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

const LETTER_E = 101
const POINT = 46
const PLUS = 43

function skipNumber(text: string, start: number): number {
  let at = start + 1
  while (isInNumber(text.charCodeAt(at))) at++
  return at
}

const isInNumber = (unit: number) =>
  isDigit(unit) || unit === POINT || unit === PLUS || unit === MINUS || (unit | 32) === LETTER_E

/** Integers of so many characters are what they are as doubles. */
const SAFE_INTEGER_CHARACTERS = 15

function isNonCanonical(text: string, start: number, end: number): boolean {
  if (end - start <= SAFE_INTEGER_CHARACTERS && isPlainInteger(text, start, end)) return false
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

/** Half of a surrogate pair: in the text of a page it can only stand as an escape. */
const LONE_SURROGATE_ESCAPE = '\\udfff'

/** Those numbers become texts with a mark that no other text begins with, and then are put back with their digits. */
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
 * The JSON text of a value that may hold `bigint`, numbers with the digits they came with. Throws a TypeError for what has no
 * JSON text, also where JSON.stringify would leave it out or write null: NaN, a function, a Map.
 */
export function stringifyJson(value: unknown): string {
  return assertDefined(serialize(value))
}

function serialize(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value)
    if (isExactlySerializable(value)) return text
  } catch (error) {
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw error
  }
  return toExactJson(value)
}

function assertDefined(text: string | undefined): string {
  if (text === undefined) throw new TypeError('a value without JSON text')
  return text
}

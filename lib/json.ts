// JSON that keeps the digits of integers beyond 2^53, at the price of JSON.parse where there are none.
import { isUtf8 } from 'node:buffer'
import { parse as parseLossless, stringify as stringifyLossless } from 'lossless-json'
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
  return mayHoldLongInteger(bytes) ? parseLossless(text, null, { parseNumber, onDuplicateKey: lastWins }) : value
}

/** V8 quotes the text around what it stumbles over, and that may be a cursor or a token. */
function parseText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SyntaxError((error as SyntaxError).message.replace(/(^|, )(?:\.\.\.)?"[^]*/, '$1the text is not JSON'))
  }
}

function parseNumber(digits: string): number | bigint {
  const value = Number(digits)
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(value) ? BigInt(digits) : value
}

const lastWins = ({ newValue }: { newValue: unknown }) => newValue

const LONG = 16
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 48 && byte <= 57
const mayPrecedeNumber = (byte: number | undefined) =>
  byte === undefined || byte === 58 || byte === 44 || byte === 91 || byte === 45 || byte <= 32

/** A run of 16 digits or more covers one of every 16 bytes, so only those are looked at; in a string it is no number. */
function mayHoldLongInteger(bytes: Uint8Array): boolean {
  for (let at = LONG - 1; at < bytes.length; at += LONG) {
    if (!isDigit(bytes[at])) continue
    let start = at
    let end = at
    while (isDigit(bytes[start - 1])) start--
    while (isDigit(bytes[end + 1])) end++
    if (end - start + 1 >= LONG && mayPrecedeNumber(bytes[start - 1])) return true
    at = end - ((end - at) % LONG)
  }
  return false
}

/** The JSON text of a value that may hold `bigint`. Throws a TypeError for what has no JSON text. */
export function stringifyJson(value: unknown): string {
  try {
    return definedText(JSON.stringify(value))
  } catch (error) {
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw error
    return definedText(stringifyLossless(value))
  }
}

function definedText(text: string | undefined): string {
  if (text === undefined) throw new TypeError('a value without JSON text')
  return text
}

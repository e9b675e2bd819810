// A value of a page as the place of its bytes: what it is, where it starts and ends, and whether the bytes say it as they are.
import { parseJson } from '../json.js'
import type { JsonValue } from '../types.js'

/**
 * What a span is: one of the five kinds, and marks. A TEXT starts and ends inside its quotes.
 * NUMBER without LOOSE is an integer of up to 15 digits.
 */
export const TEXT = 1
export const NUMBER = 2
export const BOOLEAN = 4
export const NULL = 8
/** An array or an object. */
export const NESTED = 16
/** Its bytes are not its text: escapes in a TEXT, another notation of a NUMBER, a NESTED that JSON.stringify would write otherwise. */
export const LOOSE = 32
/** A TEXT with one of `,` `;` `|`, which may be delimiters. */
export const MARKED = 64

/** The value of a span. */
export function valueOf(bytes: Buffer, start: number, end: number, flags: number): JsonValue {
  switch (flags & ~MARKED) {
    case TEXT:
      return bytes.toString('utf8', start, end)
    case NUMBER:
      return Number(bytes.toString('latin1', start, end))
    case BOOLEAN:
      return end - start === 'true'.length
    case NULL:
      return null
    case TEXT | LOOSE:
      return JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string
    default:
      return parseJson(bytes.subarray(start, end)) as JsonValue
  }
}

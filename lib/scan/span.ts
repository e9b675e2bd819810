// A value of a page as the place of its bytes: what it is, where it starts and ends, and what its bytes can stand for.
import { parseJson } from '../json.js'
import type { JsonValue } from '../types.js'

/** What a span is: one of five kinds, and marks. A TEXT starts and ends inside its quotes. */
export const TEXT = 1
export const NUMBER = 2
export const BOOLEAN = 4
export const NULL = 8
/** An array or an object. */
export const NESTED = 16
/** A TEXT with escapes: its bytes are not its text. Without this mark it holds no quote, no control character and no line break. */
export const ESCAPED = 32
/** JSON.stringify would write the value with other bytes. A NUMBER without this mark is an integer of up to 15 digits, not -0. */
export const LOOSE = 64

/** The value of a span. */
export function valueOf(bytes: Buffer, start: number, end: number, flags: number): JsonValue {
  switch (flags & (TEXT | NUMBER | BOOLEAN | NULL | ESCAPED | LOOSE)) {
    case TEXT:
      return bytes.toString('utf8', start, end)
    case NUMBER:
      return Number(bytes.toString('latin1', start, end))
    case BOOLEAN:
      return end - start === 'true'.length
    case NULL:
      return null
    default:
      return (flags & TEXT) === 0
        ? (parseJson(bytes.subarray(start, end)) as JsonValue)
        : (JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string)
  }
}

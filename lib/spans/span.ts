// A span stands for a value of a page that is not parsed: the start and the end of its bytes (of a text: the bytes between the quotes),
// and its flags.
import { parseJson } from '../shared/json/json.js'
import type { JsonValue } from '../shared/types.js'
import { BOOLEAN, DIGITS, ESCAPED, NON_CANONICAL, NULL, NUMBER, TEXT } from './span-flags.js'
export * from './span-flags.js'

export interface Span {
  readonly start: number
  readonly end: number
  readonly flags: number
}

export function readSpanValue(bytes: Buffer, start: number, end: number, flags: number): JsonValue {
  switch (flags & (TEXT | NUMBER | BOOLEAN | NULL | ESCAPED | NON_CANONICAL | DIGITS)) {
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

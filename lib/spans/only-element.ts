// Finds the only element of a list, which stands for the list in a column.
import * as ascii from '../shared/ascii.js'
import { JsonWalker, skipSpace } from '../shared/json/json-walker.js'
import { BOOLEAN, DIGITS, ESCAPED, NESTED, NON_CANONICAL, NULL, NUMBER, TEXT, type Span } from './span.js'

/** Returns the only element of the list at `at`; for an empty list a span with the flag NULL; undefined for a list of several elements. */
export function findOnlyElement(bytes: Buffer, at: number, listFlags: number): Span | undefined {
  const start = skipSpace(bytes, at + 1)
  if (bytes[start] === ascii.CLOSE_BRACKET) return { start, end: start, flags: NULL }
  const walker = new JsonWalker()
  const end = walker.skipValue(bytes, start)
  if (bytes[skipSpace(bytes, end)] !== ascii.CLOSE_BRACKET) return undefined
  const first = bytes[start]
  if (first === ascii.QUOTE)
    return { start: start + 1, end: end - 1, flags: computeTextFlags(bytes, start, end, walker) }
  if (first === ascii.OPEN_BRACE || first === ascii.OPEN_BRACKET)
    return { start, end, flags: NESTED | (listFlags & (NON_CANONICAL | DIGITS)) }
  if (first === ascii.LOWER_N) return { start, end, flags: NULL }
  if (first === ascii.LOWER_T || first === ascii.LOWER_F) return { start, end, flags: BOOLEAN }
  return { start, end, flags: walker.mayBeNonCanonical ? NUMBER | DIGITS : NUMBER }
}

function computeTextFlags(bytes: Buffer, start: number, end: number, { mayBeNonCanonical }: JsonWalker): number {
  let flags = mayBeNonCanonical ? TEXT | NON_CANONICAL : TEXT
  for (let at = start; at < end; at++) if (bytes[at] === ascii.BACKSLASH) flags |= ESCAPED
  return flags
}

// Finds the only element of a list, which stands for the list in a column.
import { CLOSE_BRACKET, JsonWalker, OPEN_BRACE, OPEN_BRACKET, QUOTE, skipSpace } from '../shared/json/json-walker.js'
import { BOOLEAN, DIGITS, ESCAPED, NESTED, NON_CANONICAL, NULL, NUMBER, TEXT, type Span } from './span.js'

const BACKSLASH = 92
const LETTER_F = 102
const LETTER_N = 110
const LETTER_T = 116

/** Returns the only element of the list at `at`; for an empty list a span with the flag NULL; undefined for a list of several elements. */
export function findOnlyElement(bytes: Buffer, at: number, listFlags: number): Span | undefined {
  const start = skipSpace(bytes, at + 1)
  if (bytes[start] === CLOSE_BRACKET) return { start, end: start, flags: NULL }
  const walker = new JsonWalker()
  const end = walker.skipValue(bytes, start)
  if (bytes[skipSpace(bytes, end)] !== CLOSE_BRACKET) return undefined
  const first = bytes[start]
  if (first === QUOTE) return { start: start + 1, end: end - 1, flags: computeTextFlags(bytes, start, end, walker) }
  if (first === OPEN_BRACE || first === OPEN_BRACKET)
    return { start, end, flags: NESTED | (listFlags & (NON_CANONICAL | DIGITS)) }
  if (first === LETTER_N) return { start, end, flags: NULL }
  if (first === LETTER_T || first === LETTER_F) return { start, end, flags: BOOLEAN }
  return { start, end, flags: walker.mayDiffer ? NUMBER | DIGITS : NUMBER }
}

function computeTextFlags(bytes: Buffer, start: number, end: number, { mayDiffer }: JsonWalker): number {
  let flags = mayDiffer ? TEXT | NON_CANONICAL : TEXT
  for (let at = start; at < end; at++) if (bytes[at] === BACKSLASH) flags |= ESCAPED
  return flags
}

// Finds the values of an array of objects whose shapes are known, as spans: one pass over bytes, without an object a record or
// a string a value. AssemblyScript, https://www.assemblyscript.org; `../array-scanner.ts` is who calls.
import {
  BROKEN,
  CLOSED,
  CUT,
  END,
  FIRST,
  FULL,
  KINDS,
  MOST_NODES,
  RECORD_BYTES,
  RECORD_ROOM,
  RECORDS,
  RECORDS_FOUND,
  REPORT,
  SHAPE_NUMBER,
  SPACED,
  SPAN_ROOM,
  SPANS_FOUND,
  START,
  STOP,
  STRANGER,
  STRANGER_AT,
  UNKNOWN,
} from './memory'
import { cut, lookUpTo, spaceEnd } from './tokens'
import { forgetFrom, kinds, recordEnd, restart, shape, spans, stranger } from './values'

const COMMA = 44
const CLOSE_BRACKET = 93

/**
 * Scans objects from `from` on, in a window that ends at `limit`; returns how it ended, and puts the rest into {@link REPORT}.
 *
 * @param origin what is added to a place in memory to have it in the page
 * @param mayGoOn whether the page does behind the window
 * @param walkable how many records may have elements of no known shape
 */
export function scan(from: usize, limit: usize, origin: i32, mayGoOn: bool, walkable: i32): i32 {
  let at = from
  let records = 0
  let spaced = 0
  let outcome = FULL
  restart(origin)
  while (records < RECORD_ROOM && spans <= SPAN_ROOM - MOST_NODES) {
    const first = spans
    const start = spaceEnd(at)
    if (start > at) spaced = 1
    at = start
    lookUpTo(limit, mayGoOn)
    const end = recordEnd(at, records < walkable)
    if (end == 0) {
      outcome = cut ? CUT : stranger == 0 ? UNKNOWN : STRANGER
      break
    }
    const next = spaceEnd(end)
    if (next >= limit) {
      forgetFrom(first)
      outcome = mayGoOn ? CUT : BROKEN
      break
    }
    const record = RECORDS + RECORD_BYTES * records++
    store<i32>(record, shape, SHAPE_NUMBER)
    store<i32>(record, first, FIRST)
    store<i32>(record, (at as i32) + origin, START)
    store<i32>(record, (end as i32) + origin, END)
    store<i32>(record, kinds, KINDS)
    if (next > end) spaced = 1
    at = next + 1
    const byte = load<u8>(next)
    if (byte == COMMA) continue
    outcome = byte == CLOSE_BRACKET ? CLOSED : BROKEN
    break
  }
  store<i32>(REPORT, at as i32, STOP)
  store<i32>(REPORT, stranger as i32, STRANGER_AT)
  store<i32>(REPORT, records, RECORDS_FOUND)
  store<i32>(REPORT, spans, SPANS_FOUND)
  store<i32>(REPORT, spaced, SPACED)
  return outcome
}

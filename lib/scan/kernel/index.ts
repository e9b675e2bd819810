// Finds the values of an array of objects whose shapes are known, as spans: one pass over bytes, without an object a record or
// a string a value. AssemblyScript, https://www.assemblyscript.org. Called by `../array-scanner.ts`.
import { LOOSE } from './kinds'
import {
  BROKEN,
  CLOSED,
  CUT,
  FULL,
  LOOSE_FOUND,
  MOST_NODES,
  RECORD_ENDS,
  RECORD_FIRSTS,
  RECORD_FLAGS,
  RECORD_ROOM,
  RECORD_SHAPES,
  RECORD_STARTS,
  RECORDS_FOUND,
  REPORT,
  SPAN_ROOM,
  SPANS_FOUND,
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
 * @param before spans that come before those to be found
 * @param walkable how many records may have elements of no known shape
 */
export function scan(from: usize, limit: usize, origin: i32, mayGoOn: bool, before: i32, walkable: i32): i32 {
  let at = from
  let records = 0
  let loose = 0
  let outcome = FULL
  restart(origin)
  while (records < RECORD_ROOM && spans <= SPAN_ROOM - MOST_NODES) {
    const first = spans
    const start = spaceEnd(at)
    if (start > at) loose = 1
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
    const word = (records as usize) << 2
    store<i32>(RECORD_SHAPES + word, shape)
    store<i32>(RECORD_FIRSTS + word, before + first)
    store<i32>(RECORD_STARTS + word, (at as i32) + origin)
    store<i32>(RECORD_ENDS + word, (end as i32) + origin)
    store<u8>(RECORD_FLAGS + (records as usize), kinds as u8)
    records++
    if ((kinds & LOOSE) != 0) loose = 1
    if (next > end) loose = 1
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
  store<i32>(REPORT, loose, LOOSE_FOUND)
  return outcome
}

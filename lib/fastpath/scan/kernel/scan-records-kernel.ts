// Finds the values in arrays of objects with known layouts, as spans, in one pass over the bytes. AssemblyScript, called by
// `../scan-kernel.ts`.
import { COMMA, OPEN_BRACKET, CLOSE_BRACKET } from '../../../shared/ascii'
import { NON_CANONICAL } from '../../../spans/span-flags'
import {
  BROKEN,
  CLOSED,
  INCOMPLETE,
  FULL,
  LIST_COUNTS,
  LIST_STARTS,
  LISTS_FOUND_OFFSET,
  NON_CANONICAL_FOUND_OFFSET,
  MAX_VALUES_PER_RECORD,
  RECORD_ENDS,
  RECORD_VALUE_OFFSETS,
  RECORD_FLAGS,
  MAX_RECORDS_PER_CALL,
  RECORD_LAYOUTS,
  RECORD_STARTS,
  RECORDS_FOUND_OFFSET,
  RESULT,
  MAX_SPANS_PER_CALL,
  SPANS_FOUND_OFFSET,
  STOPPED_AT_OFFSET,
  UNKNOWN_ELEMENT,
  UNKNOWN_ELEMENT_AT_OFFSET,
  UNKNOWN_RECORD,
} from './scan-memory'
import { isIncomplete, setWindow, skipSpace } from './tokens'
import { truncateSpans, objectFlags, scanRecord, resetSpans, layoutId, spanCount, unknownElement } from './objects'

/**
 * Scans objects from `from` on, in a window that ends at `limit`. Returns the outcome, and writes the results to {@link RESULT}.
 *
 * @param positionOffset address in memory + `positionOffset` = position in the page
 * @param hasMore whether the page continues after the window
 * @param spansBefore the number of spans that were found before
 * @param mayFirstRecordHaveUnknownElements whether array elements in the first record may have unknown layouts
 */
export function scan(
  from: usize,
  limit: usize,
  positionOffset: i32,
  hasMore: bool,
  spansBefore: i32,
  mayFirstRecordHaveUnknownElements: bool,
): i32 {
  let at = from
  let recordCount = 0
  let nonCanonical = 0
  let outcome = FULL
  resetSpans(positionOffset)
  while (recordCount < MAX_RECORDS_PER_CALL && spanCount <= MAX_SPANS_PER_CALL - MAX_VALUES_PER_RECORD) {
    const first = spanCount
    const start = skipSpace(at)
    if (start > at) nonCanonical = 1
    at = start
    setWindow(limit, hasMore)
    const end = scanRecord(at, mayFirstRecordHaveUnknownElements && recordCount == 0)
    if (end == 0) {
      outcome = isIncomplete ? INCOMPLETE : unknownElement == 0 ? UNKNOWN_RECORD : UNKNOWN_ELEMENT
      break
    }
    const next = skipSpace(end)
    if (next >= limit) {
      truncateSpans(first)
      outcome = hasMore ? INCOMPLETE : BROKEN
      break
    }
    storeRecord(recordCount++, spansBefore + first, (at as i32) + positionOffset, (end as i32) + positionOffset)
    if ((objectFlags & NON_CANONICAL) != 0) nonCanonical = 1
    if (next > end) nonCanonical = 1
    at = next + 1
    const byte = load<u8>(next)
    if (byte == COMMA) continue
    outcome = byte == CLOSE_BRACKET ? CLOSED : BROKEN
    break
  }
  storeResult(at, recordCount)
  store<i32>(RESULT, nonCanonical, NON_CANONICAL_FOUND_OFFSET)
  return outcome
}

function storeRecord(record: i32, firstSpan: i32, start: i32, end: i32): void {
  const word = (record as usize) << 2
  store<i32>(RECORD_LAYOUTS + word, layoutId)
  store<i32>(RECORD_VALUE_OFFSETS + word, firstSpan)
  store<i32>(RECORD_STARTS + word, start)
  store<i32>(RECORD_ENDS + word, end)
  store<u8>(RECORD_FLAGS + (record as usize), objectFlags as u8)
}

function storeResult(at: usize, recordCount: i32): void {
  store<i32>(RESULT, at as i32, STOPPED_AT_OFFSET)
  store<i32>(RESULT, unknownElement as i32, UNKNOWN_ELEMENT_AT_OFFSET)
  store<i32>(RESULT, recordCount, RECORDS_FOUND_OFFSET)
  store<i32>(RESULT, spanCount, SPANS_FOUND_OFFSET)
}

/**
 * Scans the elements of `lists` lists, whose starts are at {@link LIST_STARTS}. The elements must be objects with known layouts.
 * Returns CLOSED after the last list, otherwise the reason why the scan stopped. Of a list that is not complete, no element is in the
 * results. The other parameters mean the same as in {@link scan}.
 */
export function scanLists(lists: i32, limit: usize, positionOffset: i32, hasMore: bool, spansBefore: i32): i32 {
  let recordCount = 0
  let at: usize = 0
  let list = 0
  let outcome = CLOSED
  resetSpans(positionOffset)
  for (; list < lists; list++) {
    const firstRecord = recordCount
    const firstSpan = spanCount
    at = (load<i32>(LIST_STARTS + ((list as usize) << 2)) - positionOffset) as usize
    if (at >= limit) {
      outcome = INCOMPLETE
      break
    }
    let next = load<u8>(at) == OPEN_BRACKET ? skipSpace(at + 1) : 0
    if (next == 0) {
      outcome = BROKEN
      break
    }
    let byte: i32 = load<u8>(next) == CLOSE_BRACKET ? CLOSE_BRACKET : COMMA
    let element = next
    while (byte == COMMA) {
      if (recordCount == MAX_RECORDS_PER_CALL || spanCount > MAX_SPANS_PER_CALL - MAX_VALUES_PER_RECORD) {
        outcome = FULL
        break
      }
      const span = spanCount
      setWindow(limit, hasMore)
      at = element
      const end = scanRecord(at, false)
      if (end == 0) {
        outcome = isIncomplete ? INCOMPLETE : unknownElement == 0 ? UNKNOWN_RECORD : UNKNOWN_ELEMENT
        break
      }
      storeRecord(recordCount++, spansBefore + span, (at as i32) + positionOffset, (end as i32) + positionOffset)
      next = skipSpace(end)
      byte = next < limit ? load<u8>(next) : 0
      element = skipSpace(next + 1)
    }
    if (outcome == CLOSED && byte != CLOSE_BRACKET) outcome = hasMore ? INCOMPLETE : BROKEN
    if (outcome != CLOSED) {
      recordCount = firstRecord
      truncateSpans(firstSpan)
      break
    }
    store<i32>(LIST_COUNTS + ((list as usize) << 2), recordCount - firstRecord)
  }
  storeResult(at, recordCount)
  store<i32>(RESULT, list, LISTS_FOUND_OFFSET)
  return outcome
}

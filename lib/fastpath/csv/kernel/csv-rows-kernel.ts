// Writes CSV rows from the bytes of records. AssemblyScript, called by `../csv-kernel.ts`.
import { LF, CR, QUOTE, SPACE, TAB } from '../../../shared/ascii'
import { addressOffset, endOf, flagsOf, spanOf, startOf } from '../../common/kernel/block'
import { GrowingBytes } from '../../common/kernel/growing-bytes'
import { out, writeResult } from '../../common/kernel/output'
import { MISSING_SLOT } from '../../../spans/column-slots'
import { putDoublingQuotes, putEscaped, putJson, putUnlessQuotesNeeded, putQuoted } from './csv-cells'
import { date, writeOffsetDateTime } from './offset-date-time'
import {
  ACTION_TABLES,
  EMPTY_TEXT,
  PLACEHOLDER_BYTES,
  TEXT_UNLESS_PLACEHOLDER,
  NEEDS_VALUE,
  OFFSET_DATE_TIME,
  ACTION_TABLE_BYTES,
  NULL_CELL,
  ESCAPED_TEXT,
  JSON_TEXT,
  NULL_CELL_LENGTH,
  COPIED_TEXT,
} from './csv-kernel-memory'
export { allocateBlock } from '../../common/kernel/block'
export { clear, reserveValue } from '../../common/kernel/output'

const cellWords = new GrowingBytes()
const actionTableNumbers = new GrowingBytes()
const nullValue = new GrowingBytes()
const texts = new GrowingBytes()
let delimiter: u8 = 44
let hasCrlfLineEnds: bool = false
let isBlankLineQuoted: bool = false
let isAlwaysQuoted: bool = false

let columns: i32 = 0
let record: i32 = 0
let column: i32 = 0
let rowStart: i32 = 0

/** Sets the dialect. Returns the address to which the caller writes the text for null. The caller also writes {@link ACTION_TABLES}. */
export function setDialect(
  delimiterByte: i32,
  crlf: bool,
  nullBytes: i32,
  quoteBlankLine: bool,
  quoteAll: bool,
): usize {
  delimiter = delimiterByte as u8
  hasCrlfLineEnds = crlf
  isBlankLineQuoted = quoteBlankLine
  isAlwaysQuoted = quoteAll
  nullValue.reserve(nullBytes)
  nullValue.length = nullBytes
  return nullValue.at
}

/**
 * Sets the number of columns, and reserves a word for each cell of the rows. Returns the address of the words. For {@link putRecords},
 * the words of one row stand for all rows: a slot, {@link MISSING_SLOT}, or another negative number for a cell that the caller writes.
 * For {@link putTexts}, a word is the length of a text in UTF-16 units, or {@link NULL_CELL_LENGTH}.
 */
export function reserveCellWords(rows: i32, rowColumns: i32): usize {
  columns = rowColumns
  cellWords.reserve(4 * rows * rowColumns)
  return cellWords.at
}

/** Reserves one byte for each column, for the number of its table of actions. Returns the address of these bytes. */
export function reserveActionTableNumbers(count: i32): usize {
  actionTableNumbers.reserve(count)
  return actionTableNumbers.at
}

export function begin(first: i32): void {
  record = first
  column = 0
  rowStart = out.length
}

/** Continues with the rows of the records before `to`. Returns false if it stopped at a cell that the caller must write. */
export function putRecords(to: i32): bool {
  while (record < to && putCells(spanOf(record, 0))) {
    endRow()
    record++
    column = 0
  }
  writeResult(record, column)
  return record >= to
}

function putCells(firstSpan: i32): bool {
  const delimiters = i8x16.splat(delimiter)
  for (let cell = column; cell < columns; cell++) {
    if (cell > 0) out.push(delimiter)
    const slot = load<i32>(cellWords.at + ((cell as usize) << 2))
    if (slot >= 0 && putPlainCell(firstSpan + slot, tableOf(cell), delimiters)) continue
    column = cell
    if (!putOtherCell(firstSpan, slot)) return false
  }
  return true
}

function tableOf(cell: i32): i32 {
  return ACTION_TABLES + (load<u8>(actionTableNumbers.at + (cell as usize)) as i32) * ACTION_TABLE_BYTES
}

/** Appends a cell that is the bytes of its value, in quotes only if the dialect quotes every cell. Returns false for any other cell. */
function putPlainCell(span: i32, table: i32, delimiters: v128): bool {
  const action = load<u8>(table + flagsOf(span))
  const start = startOf(span)
  const length = endOf(span) - start
  const at = (start + addressOffset) as usize
  if (action == TEXT_UNLESS_PLACEHOLDER) {
    if (length == PLACEHOLDER_BYTES) return false
  } else if (action != COPIED_TEXT) return false
  if (mayEqualNullText(length)) return false
  if (!isAlwaysQuoted) return out.appendWithout(delimiters, at, length)
  putQuoted(at, length)
  return true
}

export function reserveTexts(maxBytes: i32): usize {
  texts.reserve(maxBytes)
  return texts.at
}

/**
 * Appends rows of texts, whose lengths are the words of {@link reserveCellWords}. Returns the number of appended rows: all, or the rows
 * before the first one in which one cell ends with half of a character and the next cell begins with the other half.
 */
export function putTexts(rows: i32, isAscii: bool): i32 {
  let at = texts.at
  let word = cellWords.at
  for (let row = 0; row < rows; row++) {
    rowStart = out.length
    for (let cell = 0; cell < columns; cell++) {
      if (cell > 0) out.push(delimiter)
      const units = load<i32>(word)
      word += 4
      if (units == NULL_CELL_LENGTH) {
        putNull()
        continue
      }
      const bytes = isAscii ? units : countBytes(at, units)
      if (bytes == SPLIT_CHARACTER) {
        out.length = rowStart
        writeResult(record, column)
        return row
      }
      putText(at, bytes)
      at += bytes as usize
    }
    endRow()
  }
  writeResult(record, column)
  return rows
}

/** Continues after a cell that the caller has written behind the output. */
export function skipWrittenValue(bytes: i32): void {
  out.length += bytes
  column++
}

/** Appends a cell that {@link putPlainCell} did not append. Returns false if the caller must write the cell. */
function putOtherCell(firstSpan: i32, slot: i32): bool {
  const table = tableOf(column)
  if (slot < 0) return slot == MISSING_SLOT && (load<u8>(table) == EMPTY_TEXT ? putEmpty() : putNull())
  const span = firstSpan + slot
  const action = load<u8>(table + flagsOf(span))
  if (action == NULL_CELL) return putNull()
  if (action == EMPTY_TEXT) return putEmpty()
  const start = startOf(span)
  const length = endOf(span) - start
  const at = (start + addressOffset) as usize
  if (action == NEEDS_VALUE || mayEqualNullText(length)) return false
  if (action == JSON_TEXT) return putJson(at, length)
  if (action == OFFSET_DATE_TIME) return putDate(at, length)
  if (action == TEXT_UNLESS_PLACEHOLDER && length == PLACEHOLDER_BYTES) return false
  if (action == ESCAPED_TEXT) return nullValue.length == 0 && putEscaped(at, length, delimiter)
  // the cell is the bytes of the value, which contain the delimiter
  putQuoted(at, length)
  return true
}

function putEmpty(): bool {
  if (isAlwaysQuoted) putQuoted(0, 0)
  return true
}

function putDate(at: usize, length: i32): bool {
  if (nullValue.length > 0 || !writeOffsetDateTime(at, length)) return false
  if (isAlwaysQuoted || !out.appendWithout(i8x16.splat(delimiter), date.at, date.length))
    putQuoted(date.at, date.length)
  return true
}

function mayEqualNullText(length: i32): bool {
  return nullValue.length > 0 && length == nullValue.length
}

const SPLIT_CHARACTER = -2

/** Returns the number of UTF-8 bytes of `units` UTF-16 units, or SPLIT_CHARACTER if the last unit is half of a character. */
function countBytes(at: usize, units: i32): i32 {
  let to = at
  let left = units
  while (left > 0) {
    const nonAscii = i8x16.bitmask(v128.load(to))
    const ascii = min(left, nonAscii == 0 ? 16 : (ctz(nonAscii) as i32))
    to += ascii as usize
    left -= ascii
    if (ascii == 16 || left == 0) continue
    const lead = load<u8>(to)
    to += lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    left -= lead < 0xf0 ? 1 : 2
  }
  return left < 0 ? SPLIT_CHARACTER : ((to - at) as i32)
}

function putText(at: usize, length: i32): void {
  if (
    isAlwaysQuoted ||
    isNullText(at, length) ||
    isCopyTerminator(at, length) ||
    !putUnlessQuotesNeeded(at, length, delimiter)
  )
    putDoublingQuotes(at, length)
}

function isNullText(at: usize, length: i32): bool {
  return length > 0 && length == nullValue.length && memory.compare(at, nullValue.at, length as usize) == 0
}

/** Returns true for `\.`, which is quoted because PostgreSQL ends the data at a line that has only this text. */
function isCopyTerminator(at: usize, length: i32): bool {
  return length == 2 && load<u16>(at) == 0x2e5c
}

function putNull(): bool {
  if (nullValue.length > 0) out.append(nullValue.at, nullValue.length)
  return true
}

/** If the dialect quotes blank lines, a row of one blank cell gets quotes, because readers skip blank lines. */
function endRow(): void {
  if (columns == 1 && isBlankLineQuoted && isBlankRow()) {
    out.reserve(2)
    const at = out.at + (rowStart as usize)
    memory.copy(at + 1, at, out.end - at)
    store<u8>(at, QUOTE)
    store<u8>(out.end + 1, QUOTE)
    out.length += 2
  }
  if (hasCrlfLineEnds) out.push(CR)
  out.push(LF)
  rowStart = out.length
}

function isBlankRow(): bool {
  for (let at = out.at + (rowStart as usize); at < out.end; at++)
    if (load<u8>(at) != SPACE && load<u8>(at) != TAB) return false
  return true
}

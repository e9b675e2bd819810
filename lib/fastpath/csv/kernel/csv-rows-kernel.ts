// Rows of CSV from the bytes their values came in. AssemblyScript, https://www.assemblyscript.org. Called by `../csv-kernel.ts`.
import { endOf, flagsOf, origin, spanOf, startOf } from '../../scan/kernel/block'
import { Bytes } from '../../scan/kernel/growing-bytes'
import { TEXT } from '../../scan/kernel/span-flags'
import {
  out,
  putUnlessDelimiter,
  putDoublingQuotes,
  putEscaped,
  putJson,
  putUnlessSpecial,
  putQuoted,
} from './csv-cells'
import {
  ACTIONS,
  NEEDS_VALUE,
  QUOTED_IF_NEEDED,
  STOPPED_COLUMN_OFFSET,
  NULL_CELL,
  ESCAPED_TEXT,
  JSON_TEXT,
  NULL_TEXT_LENGTH,
  ROWS_ADDRESS_OFFSET,
  ROWS_BYTES_OFFSET,
  QUOTED,
  STOPPED_RECORD_OFFSET,
  RESULT,
} from './csv-kernel-memory'
export { allocateBlock } from '../../scan/kernel/block'

const QUOTE = 34
const LF = 10
const CR = 13

const columnWords = new Bytes()
const nullValue = new Bytes()
/** The texts of a row's cells. */
const texts = new Bytes()
let delimiter: u8 = 44
let hasCrlfLineEnds: bool = false
let isBlankLineQuoted: bool = false

let columns: i32 = 0
let record: i32 = 0
let column: i32 = 0
/** Where the row at hand starts. */
let rowStart: i32 = 0

/**
 * Says what the rows look like; returns where the text for null belongs. What is done with cells belongs to {@link ACTIONS}.
 *
 * @param isBlankQuoted whether a line of one empty cell is `""`
 */
export function setDialect(byte: i32, isCrlf: bool, nullBytes: i32, isBlankQuoted: bool): usize {
  delimiter = byte as u8
  hasCrlfLineEnds = isCrlf
  isBlankLineQuoted = isBlankQuoted
  nullValue.reserve(nullBytes)
  nullValue.length = nullBytes
  return nullValue.at
}

/**
 * Makes room for a word for each column: the number of its value in a record, -1 for none, or the length of its text in a row;
 * returns where they belong.
 */
export function setColumns(count: i32): usize {
  columns = count
  columnWords.reserve(4 * count)
  return columnWords.at
}

/** Begins with a record of the block. */
export function begin(first: i32): void {
  record = first
  column = 0
  rowStart = out.length
}

/** Forgets all rows. */
export function clear(): void {
  out.clear()
  store<i32>(RESULT, 0, ROWS_BYTES_OFFSET)
}

/** Goes on with the rows of the block's records up to `to`; false where {@link RESULT} names a cell whose value is needed. */
export function putRows(to: i32): bool {
  while (record < to) {
    while (column < columns) {
      if (column > 0) out.push(delimiter)
      if (!putCell()) return writeResult(false)
      column++
    }
    endRow()
    record++
    column = 0
  }
  return writeResult(true)
}

/** Makes room for the texts of a row's cells, in UTF-8; returns where they belong. */
export function reserveTexts(maxBytes: i32): usize {
  texts.reserve(maxBytes)
  return texts.at
}

/** Puts the row of those texts, whose lengths are in UTF-16 units; false where a character is part of two of them. */
export function putTexts(isAscii: bool): bool {
  const before = out.length
  let at = texts.at
  rowStart = before
  for (let cell = 0; cell < columns; cell++) {
    if (cell > 0) out.push(delimiter)
    const units = load<i32>(columnWords.at + ((cell as usize) << 2))
    if (units == NULL_TEXT_LENGTH) {
      putNull()
      continue
    }
    const bytes = isAscii ? units : countBytes(at, units)
    if (bytes == SPLIT_CHARACTER) {
      out.length = before
      return writeResult(false)
    }
    putText(at, bytes)
    at += bytes as usize
  }
  endRow()
  return writeResult(true)
}

/** Makes room for the text of the cell that {@link putRows} named; returns where it belongs. */
export function reserveCell(maxBytes: i32): usize {
  out.reserve(maxBytes)
  return out.end
}

/** Takes so many bytes of that text, and goes on behind the cell. */
export function endCell(bytes: i32): void {
  out.length += bytes
  column++
}

function writeResult(isDone: bool): bool {
  store<i32>(RESULT, record, STOPPED_RECORD_OFFSET)
  store<i32>(RESULT, column, STOPPED_COLUMN_OFFSET)
  store<u32>(RESULT, out.at as u32, ROWS_ADDRESS_OFFSET)
  store<i32>(RESULT, out.length, ROWS_BYTES_OFFSET)
  return isDone
}

function putCell(): bool {
  const slot = load<i32>(columnWords.at + ((column as usize) << 2))
  if (slot < 0) return putNull()
  const span = spanOf(record, slot)
  const flags = flagsOf(span)
  const action = load<u8>(ACTIONS + flags)
  if (action == NULL_CELL) return putNull()
  const start = startOf(span)
  const length = endOf(span) - start
  const at = (start + origin) as usize
  if (action == NEEDS_VALUE || canReadAsNull(length)) return false
  if (action == JSON_TEXT) return putJson(at, length)
  if (action == ESCAPED_TEXT) return nullValue.length == 0 && putEscaped(at, length, delimiter)
  if (action != QUOTED_IF_NEEDED || !putUnlessDelimiter(at, length, delimiter)) putQuoted(at, length)
  return true
}

function canReadAsNull(length: i32): bool {
  return nullValue.length > 0 && length == nullValue.length
}

const SPLIT_CHARACTER = -2

/** How many bytes so many UTF-16 units are, or that the last is half of a character. */
function countBytes(at: usize, units: i32): i32 {
  let to = at
  let left = units
  while (left > 0) {
    const byte = load<u8>(to)
    to += byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
    left -= byte < 0xf0 ? 1 : 2
  }
  return left < 0 ? SPLIT_CHARACTER : ((to - at) as i32)
}

function putText(at: usize, length: i32): void {
  if (
    load<u8>(ACTIONS + TEXT) == QUOTED ||
    isNullText(at, length) ||
    isCopyTerminator(at, length) ||
    !putUnlessSpecial(at, length, delimiter)
  )
    putDoublingQuotes(at, length)
}

function isNullText(at: usize, length: i32): bool {
  return length > 0 && length == nullValue.length && memory.compare(at, nullValue.at, length as usize) == 0
}

/** A line of `\.` alone ends the data for PostgreSQL. */
function isCopyTerminator(at: usize, length: i32): bool {
  return length == 2 && load<u16>(at) == 0x2e5c
}

function putNull(): bool {
  out.append(nullValue.at, nullValue.length)
  return true
}

/** A line of one empty cell would be blank, and readers skip blank lines. */
function endRow(): void {
  if (out.length == rowStart && columns == 1 && isBlankLineQuoted) {
    out.push(QUOTE)
    out.push(QUOTE)
  }
  if (hasCrlfLineEnds) out.push(CR)
  out.push(LF)
  rowStart = out.length
}

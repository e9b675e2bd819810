// A column: its name, and the function that reads its cell from a nested or flat record.
import { areDigitsInUse, getDigits, keepDigits } from '../shared/json/digits.js'
import { isJsonObject } from '../shared/json/json.js'
import { findNestedField, type NestedField } from '../shared/reports/nested-fields.js'
import type { Cell, JsonValue, RecordOrRow, Row } from '../shared/types.js'

export interface CellReader {
  (record: RecordOrRow): Cell
  /** Returns the original digits of the cell, or undefined if no digits were kept. */
  readonly readDigits?: ((record: RecordOrRow) => string | undefined) | undefined
}

export interface Column {
  /** The prefixed name: `variable:amount`. It identifies the column; the name in the output may differ. */
  readonly id: string
  readonly name: string
  readonly read: CellReader
  /** True for the column with the cells of late columns. */
  readonly isOverflow?: boolean
}

export const getCellDigits = ({ read }: Pick<Column, 'read'>, record: RecordOrRow): string | undefined =>
  areDigitsInUse() ? read.readDigits?.(record) : undefined

export const addDigitsReader = (read: CellReader, readDigits: CellReader['readDigits']): CellReader =>
  Object.assign(read, { readDigits })

const objectPrototype = Object.prototype as unknown as Record<string, unknown>

/** Returns a reader of an own property. Names such as `constructor` or `__proto__` may be data of the user. */
export function createPropertyReader(key: string): CellReader {
  const read: CellReader =
    key in objectPrototype
      ? (record) => (Object.hasOwn(record, key) ? record[key] : undefined)
      : (record) => record[key]
  return addDigitsReader(read, (record) => getDigits(record, key))
}

/**
 * Returns the reader of a column. For `variable:amount`, it reads the entry `amount` of `variables`; if there is none, it reads the field
 * `variable:amount` of the record.
 */
export function createCellReader(id: string): CellReader {
  const readFlat = createPropertyReader(id)
  const nested = findNestedField(id)
  return nested ? createNestedReader(nested, id.slice(nested.prefix.length), readFlat) : readFlat
}

function createNestedReader(nested: NestedField, key: string, readFlat: CellReader): CellReader {
  const { field, toCell } = nested
  const readOwn = createPropertyReader(key)
  const read: CellReader = (record) => {
    const holder = record[field]
    if (!isJsonObject(holder)) return readFlat(record)
    const entry = readOwn(holder) as JsonValue | undefined
    return entry === undefined ? readFlat(record) : toCell(entry)
  }
  return addDigitsReader(read, (record) => {
    const holder = record[field]
    const hasEntry = isJsonObject(holder) && readOwn(holder) !== undefined
    return hasEntry ? nested.getDigits(holder, key) : readFlat.readDigits?.(record)
  })
}

/** Sets a property of any name, `__proto__` included. */
export function setOwnProperty(row: RecordOrRow, key: string, cell: Cell): void {
  if (key === '__proto__')
    Object.defineProperty(row, key, { value: cell, enumerable: true, writable: true, configurable: true })
  else row[key] = cell
}

/** Returns the cells of a row that are not missing and not null, by the names of their columns. */
export function getFilledCells(columns: Iterable<Column>, row: RecordOrRow): Row {
  const cells: Row = {}
  for (const column of columns) {
    const cell = column.read(row)
    if (cell === undefined || cell === null) continue
    setOwnProperty(cells, column.name, cell)
    keepDigits(cells, column.name, getCellDigits(column, row))
  }
  return cells
}

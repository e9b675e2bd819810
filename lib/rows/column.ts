// A column knows its name and how to read its cell from a record, nested or already flat.
import { areDigitsKept, digitsAt, keepDigits } from '../digits.js'
import { isJsonObject } from '../json.js'
import { nestedFields, type NestedField } from '../reports/nested-fields.js'
import type { Cell, JsonValue, Row } from '../types.js'
import { snakeName } from './snake-name.js'

/** Reads a column's cell; undefined where the record has no such column. */
export interface ReadCell {
  (record: Row): Cell
  /** The digits of that cell, where it is a number whose digits were kept. */
  readonly digits?: ((record: Row) => string | undefined) | undefined
}

export interface Column {
  /** The prefixed name: `variable:amount`. It identifies the column, whatever it is called in the output. */
  readonly id: string
  /** The name in the output. */
  readonly name: string
  readonly read: ReadCell
}

/** The digits of a column's cell, where it is a number whose digits were kept. */
export const digitsOf = ({ read }: Pick<Column, 'read'>, record: Row): string | undefined =>
  areDigitsKept() ? read.digits?.(record) : undefined

/** A way to read the cells of a column, and their digits. */
export const withDigits = (read: (record: Row) => Cell, digits: ReadCell['digits']): ReadCell =>
  Object.assign(read, { digits })

const inherited = Object.prototype as unknown as Record<string, unknown>

/** Reads an own property; names such as `constructor` or `__proto__` are users' data too. */
export function ownReader(key: string): ReadCell {
  const read: ReadCell =
    key in inherited ? (record) => (Object.hasOwn(record, key) ? record[key] : undefined) : (record) => record[key]
  return withDigits(read, (record) => digitsAt(record, key))
}

/** Returns the reader of the column of this prefixed name: in its nested field where the record has that, else at the top. */
export function readerOf(id: string): ReadCell {
  const flat = ownReader(id)
  const nested = nestedFields.find(({ prefix }) => id.startsWith(prefix))
  return nested ? nestedReader(nested, id.slice(nested.prefix.length), flat) : flat
}

function nestedReader({ field, cell, digits }: NestedField, key: string, flat: ReadCell): ReadCell {
  const own = ownReader(key)
  const read: ReadCell = (record) => {
    const holder = record[field]
    if (!isJsonObject(holder)) return flat(record)
    const entry = own(holder) as JsonValue | undefined
    return entry === undefined ? flat(record) : cell(entry)
  }
  return withDigits(read, (record) => {
    const holder = record[field]
    const hasEntry = isJsonObject(holder) && own(holder) !== undefined
    return hasEntry ? digits(holder, key) : flat.digits?.(record)
  })
}

/**
 * How columns are called in the output: as in Optimize's CSV download, without the prefixes, as SQL engines take it without
 * quotes, or as a function says.
 */
export type Naming = 'prefixed' | 'plain' | 'snake' | ((column: string) => string)

/** The function behind a {@link Naming}. */
export function namer(naming: Naming): (id: string) => string {
  if (typeof naming === 'function') return naming
  if (naming === 'prefixed') return (id) => id
  if (naming === 'snake') return snakeName
  return (id) => id.slice(nestedFields.find(({ prefix }) => id.startsWith(prefix))?.prefix.length ?? 0)
}

/** Sets an own property, `__proto__` included. */
export function setOwn(row: Row, key: string, cell: Cell): void {
  if (key === '__proto__')
    Object.defineProperty(row, key, { value: cell, enumerable: true, writable: true, configurable: true })
  else row[key] = cell
}

/** The cells of a row that are neither missing nor null, by the names of their columns. */
export function filledCells(columns: Iterable<Column>, row: Row): Row {
  const cells: Row = {}
  for (const column of columns) {
    const cell = column.read(row)
    if (cell === undefined || cell === null) continue
    setOwn(cells, column.name, cell)
    keepDigits(cells, column.name, digitsOf(column, row))
  }
  return cells
}

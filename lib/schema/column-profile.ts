// Describes the columns of some records, for a user who plans an export of all records.
import { nestedFields, OBJECT_VARIABLE_PLACEHOLDER } from '../shared/reports/nested-fields.js'
import { getKnownType } from '../shared/reports/report-kinds.js'
import type { Cell, Row } from '../shared/types.js'
import type { ScalarType } from './column-type.js'
import { iterateCells, expandRecord } from './flatten.js'
import { inferText, inferValue } from './infer-type.js'

/** A description of a column, derived from some of its cells. */
export interface ColumnProfile {
  /** Its prefixed name. */
  readonly name: string
  /** The type it would have in Parquet with `inferTypes`; `'json'` for nested values. Other records may lead to another type. */
  readonly type: ScalarType
  /** The share of rows whose cell is not missing, not null and not `''`; 0 to 1. */
  readonly filled: number
  /** The number of cells `<<OBJECT_VARIABLE_VALUE>>`, which the server sends instead of an object. */
  readonly placeholders: number
}

/**
 * Describes every column of these records, in the order in which they first appear.
 *
 * @example for (const { name, type, filled } of profileColumns(records)) console.log(name, type, filled)
 */
export function profileColumns(records: Iterable<Row>): ColumnProfile[] {
  const columns = new Map<string, Cell[]>()
  let rows = 0
  for (const record of records)
    for (const row of expandRecord(record)) {
      collectCells(row, columns)
      rows++
    }
  return [...columns].map(([name, cells]) => ({
    name,
    type: guessType(name, cells),
    filled: cells.filter((cell) => cell !== null && cell !== '').length / rows,
    placeholders: cells.filter((cell) => cell === OBJECT_VARIABLE_PLACEHOLDER).length,
  }))
}

function collectCells(row: Row, columns: Map<string, Cell[]>): void {
  for (const [name, cell] of iterateCells(row)) {
    const cells = columns.get(name)
    if (cells) cells.push(cell)
    else columns.set(name, [cell])
  }
}

function guessType(name: string, cells: readonly Cell[]): ScalarType {
  const known = getKnownType(name)
  if (known) return known
  const inferredType = nestedFields.some(({ prefix }) => name.startsWith(prefix)) ? inferText(cells) : inferValue(cells)
  return typeof inferredType === 'string' ? inferredType : 'json'
}

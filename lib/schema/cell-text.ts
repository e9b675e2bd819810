// Converts cells to text, for CSV and for text columns of other formats.
import { describeType } from '../shared/describe-value.js'
import { ExportError } from '../shared/errors.js'
import { NestingError, NotJsonError } from '../shared/json/json-text.js'
import { stringifyJson } from '../shared/json/json.js'
import type { Cell } from '../shared/types.js'

/** True for null, a missing cell and `''`, which Optimize sends for a variable without a value. */
export const isEmptyCell = (cell: Cell): cell is null | undefined | '' =>
  cell === null || cell === undefined || cell === ''

/**
 * Returns a cell as text, or null if it is null or missing. Objects and arrays become JSON, a Date becomes ISO 8601 text.
 * @throws ExportError `ERR_ENCODE` for a value that JSON cannot hold, and for an invalid Date
 */
export function formatCell(cell: Cell): string | null {
  switch (typeof cell) {
    case 'string':
      return cell
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(cell)
    case 'undefined':
      return null
    case 'object':
      return cell === null ? null : formatObject(cell)
    default:
      throw new ExportError('ERR_ENCODE', `expected a JSON value or a Date, got a ${typeof cell}`)
  }
}

function formatObject(cell: object): string {
  if (cell instanceof Date) return formatDate(cell)
  try {
    return stringifyJson(cell)
  } catch (cause) {
    const reason = cause instanceof NotJsonError ? cause.message : 'expected a value that JSON can hold'
    throw new ExportError('ERR_ENCODE', reason, { cause })
  }
}

function formatDate(date: Date): string {
  if (Number.isNaN(date.getTime())) throw new ExportError('ERR_ENCODE', 'expected a valid Date, got an invalid one')
  return date.toISOString()
}

/** Returns the text of a cell that is not null. The error of a cell that has no text names the row and the column. */
export function formatCellAt(where: string, row: number, id: string, cell: NonNullable<Cell>): string {
  try {
    return formatCell(cell)!
  } catch (error) {
    const { message, cause } = error as ExportError
    throw new ExportError('ERR_ENCODE', `${where}: row ${row}: column ${JSON.stringify(id)}: ${message}`, { cause })
  }
}

/** Returns the same as {@link formatCell}, but undefined for a cell that it refuses. */
export function tryFormatCell(cell: Cell): string | null | undefined {
  if (typeof cell === 'string') return cell
  try {
    return formatCell(cell)
  } catch {
    return undefined
  }
}

/**
 * Returns the text of a cell for a message, cut after 40 characters; a string is in quotes. For a cell that
 * {@link formatCell} refuses, returns its type: a transform of the user may return anything as a cell.
 */
export function describeCell(cell: Cell): string {
  try {
    const text = typeof cell === 'string' ? JSON.stringify(cell) : (formatCell(cell) ?? 'null')
    return text.length > 40 ? `${text.slice(0, 40)}…` : text
  } catch (error) {
    if ((error as ExportError).cause instanceof NestingError) return `${describeType(cell)} that is nested too deeply`
    return cell instanceof Date ? 'an invalid Date' : describeType(cell)
  }
}

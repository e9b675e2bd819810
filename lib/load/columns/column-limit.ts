import { ExportError } from '../../shared/errors.js'
import type { Dialect } from '../load-destination.js'

export const TOO_MANY_COLUMNS_REMEDY = "use variables: 'json', or pick or omit"

export function throwIfTooManyColumns(place: string, { maxColumns }: Dialect, count: number): void {
  if (count <= maxColumns) return
  const problem = `expected at most ${maxColumns} columns, got ${count}; ${TOO_MANY_COLUMNS_REMEDY}`
  throw new ExportError('ERR_SCHEMA_CHANGE', `${place}: ${problem}`)
}

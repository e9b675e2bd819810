import { describeCell } from '../../schema/cell-text.js'
import { formatType, type ColumnType } from '../../schema/types/column-type.js'
import { ExportError } from '../../shared/errors.js'
import type { Cell } from '../../shared/types.js'

interface TypedCell {
  /** The prefixed name of the column or, in a map, the name that the column of the key would have. */
  readonly id: string
  readonly type: ColumnType
  readonly cell: Cell
}

export type FindWrongEntry = (map: Cell) => TypedCell | undefined

/**
 * Returns the error of a cell that does not fit its column. The message has the prefixed name of the column, because options take it.
 * @param place names the record: `row 7`
 */
export function createCellTypeError(
  where: string,
  place: string,
  column: Omit<TypedCell, 'cell'> & { readonly findWrongEntry?: FindWrongEntry | undefined },
  wholeCell: Cell,
): ExportError {
  const { id, type, cell } = column.findWrongEntry?.(wholeCell) ?? { ...column, cell: wholeCell }
  const problem = `expected ${formatType(type)}, got ${describeCell(cell)}`
  return new ExportError('ERR_CELL_TYPE', `${where}: ${place}: column ${JSON.stringify(id)}: ${problem}`)
}

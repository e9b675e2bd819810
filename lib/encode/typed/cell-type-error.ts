import { describeCell } from '../../schema/cell-text.js'
import { formatType, type ColumnType } from '../../schema/types/column-type.js'
import { ExportError } from '../../shared/errors.js'
import type { Cell } from '../../shared/types.js'

/**
 * Returns the error of a cell that does not fit its column. The message has the prefixed name of the column, because options take it.
 * @param place finds the record: `row 7`
 */
export function createCellTypeError(
  where: string,
  place: string,
  { id, type }: { readonly id: string; readonly type: ColumnType },
  cell: Cell,
): ExportError {
  const problem = `expected ${formatType(type)}, got ${describeCell(cell)}`
  return new ExportError('ERR_CELL_TYPE', `${where}: ${place}: column ${JSON.stringify(id)}: ${problem}`)
}

import { describeCell } from '../../schema/cell-text.js'
import { formatType, type ColumnType } from '../../schema/types/column-type.js'
import { ExportError } from '../../shared/errors.js'
import type { Cell } from '../../shared/types.js'

/** @param place what finds the record: `row 7` */
export function createCellTypeError(
  where: string,
  place: string,
  { name, type }: { readonly name: string; readonly type: ColumnType },
  cell: Cell,
): ExportError {
  const problem = `expected ${formatType(type)}, got ${describeCell(cell)}`
  return new ExportError('ERR_CELL_TYPE', `${where}: ${place}: column ${JSON.stringify(name)}: ${problem}`)
}

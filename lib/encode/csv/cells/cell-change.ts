// The change that a preset makes in every cell of a column.
import type { Column } from '../../../schema/column.js'
import type { Cell } from '../../../shared/types.js'

/** A change of every cell of a column. `kind` selects the table of actions of the kernel. */
export interface CellChange {
  readonly kind: 'date' | 'variable' | 'input' | 'output'
  readonly apply: (cell: Cell) => Cell
}

/** A column of a CSV file. */
export interface CsvColumn extends Column {
  /** The change that `read` already applies. A value that is not read by `read`, such as that of a span, needs it too. */
  readonly change?: CellChange | undefined
}

import type { Column } from '../../../schema/column.js'
import type { Cell } from '../../../shared/types.js'

/** How `preset: 'optimize'` changes the values of a column. `kind` selects the table of actions of the kernel. */
export interface CellChange {
  readonly kind: 'date' | 'variable' | 'input' | 'output'
  readonly apply: (cell: Cell) => Cell
}

export interface CsvColumn extends Column {
  /** `read` has applied the change already. A value of a span still needs the change. */
  readonly change?: CellChange | undefined
}

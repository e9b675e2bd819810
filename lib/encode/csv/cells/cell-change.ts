import type { Column } from '../../../schema/column.js'
import type { Cell } from '../../../shared/types.js'

/** `kind` selects the table of actions of the kernel. */
export interface CellChange {
  readonly kind: 'date' | 'variable' | 'input' | 'output'
  readonly apply: (cell: Cell) => Cell
}

export interface CsvColumn extends Column {
  /** The change. `read` applies it already; a value that comes from elsewhere, such as from a span, still needs it. */
  readonly change?: CellChange | undefined
}

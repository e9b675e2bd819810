// The sample: the first rows, which decide the columns. This object keeps only the example rows; the table encoder holds all sampled rows.
import type { Column } from '../../schema/column.js'
import type { ColumnSet } from '../../schema/column-set.js'
import type { RecordOrRow } from '../../shared/types.js'
import type { Format } from '../format.js'
import { ExampleRowSelector } from './example-rows.js'

export class Sample {
  /** The example rows; empty for a format that does not observe cells. */
  readonly exampleRows: RecordOrRow[] = []
  rowsLeft: number
  readonly #columnSet: ColumnSet
  readonly #format: Format
  readonly #columns: Column[] = []
  readonly #selector = new ExampleRowSelector()

  /** @param rowsLeft the number of rows that decide the columns; 0 if a list of columns or an earlier file decides them */
  constructor(columnSet: ColumnSet, format: Format, rowsLeft: number) {
    this.#columnSet = columnSet
    this.#format = format
    this.rowsLeft = rowsLeft
  }

  /** @param rows at most {@link rowsLeft} */
  addRows(rows: readonly RecordOrRow[]): void {
    this.rowsLeft -= rows.length
    for (const row of rows) {
      for (const column of this.#columnSet.discover(row)) {
        this.#selector.addColumn(this.#format.getSignatureFunction?.(column))
        this.#columns.push(column)
      }
      if (this.#format.getSignatureFunction && this.#selector.shouldKeep(this.#columns.map(({ read }) => read(row))))
        this.exampleRows.push(row)
    }
  }
}

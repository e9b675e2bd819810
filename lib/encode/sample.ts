// The first rows, which decide the columns. Only those are kept that say something new about a column.
import type { Column } from '../schema/column.js'
import type { ColumnSet } from '../schema/column-set.js'
import type { Row } from '../shared/types.js'
import type { Format } from './format.js'
import { ExampleRowSelector } from './example-rows.js'

export class Sample {
  /** The first row, and one for every vote; none for a format in which cells have no say. */
  readonly rows: Row[] = []
  /** How many rows more decide. */
  rowsLeft: number
  readonly #columnSet: ColumnSet
  readonly #format: Format
  readonly #columns: Column[] = []
  readonly #exampleRows = new ExampleRowSelector()

  /** @param rowsLeft how many rows decide, 0 where something else does */
  constructor(columnSet: ColumnSet, format: Format, rowsLeft: number) {
    this.#columnSet = columnSet
    this.#format = format
    this.rowsLeft = rowsLeft
  }

  /** Takes rows, no more than there is room for. */
  addRows(rows: readonly Row[]): void {
    this.rowsLeft -= rows.length
    for (const row of rows) {
      for (const column of this.#columnSet.discover(row)) {
        this.#exampleRows.addColumn(this.#format.getSignatureFunction?.(column))
        this.#columns.push(column)
      }
      if (this.#format.getSignatureFunction && this.#exampleRows.shouldKeep(this.#columns.map(({ read }) => read(row))))
        this.rows.push(row)
    }
  }
}

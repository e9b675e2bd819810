// What a row group asks of a column, whichever package writes the file.
import type { Viewed } from '../../scan/words.js'
import type { Cell } from '../../types.js'

/** Takes the cells of one column, one a row; the engine that made it takes the values from it when a row group is full. */
export interface ColumnBuilder {
  /**
   * Appends a cell; undefined and null are a missing value.
   * @returns the bytes its value counts for in a row group, undefined where the cell does not fit the column's type
   */
  append(cell: Cell): number | undefined
}

/** A column that also takes a cell as the bytes of a JSON value, with the same outcome. */
export interface SpanBuilder extends ColumnBuilder {
  /**
   * Appends the value of a span.
   * @param flags what the span is, see `scan/span.ts`
   * @returns as {@link append} of the span's value would
   */
  appendSpan(source: Viewed, start: number, end: number, flags: number): number | undefined
}

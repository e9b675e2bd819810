// The contract between a row group and its columns, for both packages that write files.
import type { Cell } from '../../shared/types.js'
import type { AppendedSpans } from '../../fastpath/parquet/column-chunk-builder.js'

/** Takes the cells of one column, one a row; the engine that made it takes the values from it when a row group is full. */
export interface ColumnWriter {
  /**
   * Appends a cell; undefined and null are a missing value.
   * @param digits of the cell, where it is a number whose digits were kept: a column of text has them
   * @returns the bytes its value counts for in a row group, undefined where the cell does not fit the column's type
   */
  append(cell: Cell, repetition?: 0, digits?: string): number | undefined
}

/** A column that also takes a cell as the bytes of a JSON value, with the same outcome. */
export interface SpanColumnWriter extends ColumnWriter {
  /**
   * Appends the value of a span of the block at hand.
   * @param flags what the span is, see `fastpath/scan/span.ts`
   * @returns as {@link append} of the span's value would
   */
  appendSpan(page: Buffer, start: number, end: number, flags: number): number | undefined
  /**
   * Appends the values of records `from` up to `to` of the block at hand, to the first that only {@link appendSpan} can take; not
   * there where none can be appended so.
   * @param slot the number of the value in its record
   */
  readonly appendSpans?: (slot: number, from: number, to: number) => AppendedSpans
}

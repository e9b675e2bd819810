// Rows as bytes, from records and from the bytes their values came in.
import type { Column } from '../../schema/column.js'
import type { LayoutRun } from '../../fastpath/scan/record-spans.js'
import type { Row } from '../../shared/types.js'
import type { RowFormatter } from './row-formatter.js'
import { WasmRowWriter } from './wasm-row-writer.js'
import { JsRowWriter } from './js-row-writer.js'

/** Writes rows in the order they come. */
export interface RowWriter {
  /**
   * Writes rows; returns the chunks that are full. Others wait, so that a few rows at a time do not become writes of their own.
   * @param firstRowNumber the number of the first row, from 1
   */
  write(rows: readonly Row[], columns: readonly Column[], firstRowNumber: number): Iterable<Buffer>
  /** The same for runs of spans. */
  writeSpans(runs: readonly LayoutRun[], columns: readonly Column[], firstRowNumber: number): Iterable<Buffer>
  /** What waits. */
  takePending(): Iterable<Buffer>
}

/** The fastest writer there is for the rows' dialect. */
export function createRowWriter(formatter: RowFormatter): RowWriter {
  return WasmRowWriter.open(formatter) ?? new JsRowWriter(formatter)
}

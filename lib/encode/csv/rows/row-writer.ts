// The contract of row writers: rows as bytes, from records or from the bytes of records.
import type { Column } from '../../../schema/column.js'
import type { LayoutRun } from '../../../spans/record-spans.js'
import type { RecordOrRow } from '../../../shared/types.js'
import type { RowFormatter } from './row-formatter.js'
import { WasmRowWriter } from './wasm-row-writer.js'
import { JsRowWriter } from './js-row-writer.js'

export interface RowWriter {
  /**
   * Writes rows. Yields full chunks; the other rows are pending until {@link takePending}, so that there are no small writes.
   * @param firstRowNumber the number of the first row, from 1
   */
  write(rows: readonly RecordOrRow[], columns: readonly Column[], firstRowNumber: number): Iterable<Buffer>
  writeSpans(runs: readonly LayoutRun[], columns: readonly Column[], firstRowNumber: number): Iterable<Buffer>
  takePending(): Iterable<Buffer>
}

export function createRowWriter(formatter: RowFormatter): RowWriter {
  return WasmRowWriter.open(formatter) ?? new JsRowWriter(formatter)
}

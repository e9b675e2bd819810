// The contract of row writers: rows as bytes, from records or from the bytes of records.
import type { Column } from '../../../schema/column.js'
import type { PlannedRun } from '../../../spans/record-spans.js'
import type { RecordOrRow } from '../../../shared/types.js'

export interface RowWriter {
  /**
   * Writes rows. Yields full chunks; the other rows are pending until {@link takePending}, so that there are no small writes.
   * @param firstRowNumber the number of the first row, from 1
   */
  write(rows: readonly RecordOrRow[], columns: readonly Column[], firstRowNumber: number): Iterable<Buffer>
  writeSpans(runs: readonly PlannedRun[], columns: readonly Column[], firstRowNumber: number): Iterable<Buffer>
  takePending(): Iterable<Buffer>
}

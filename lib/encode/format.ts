// The contract between the table encoder and the file formats.
import type { Column } from '../schema/column.js'
import type { PlannedRun } from '../spans/record-spans.js'
import type { SpanSignatureFunction } from './span-signatures.js'
import type { Cell, RecordOrRow } from '../shared/types.js'

/** Emits bytes of the file. Returns a promise if the reader is slow; the caller waits for it before it emits more. */
export type Emit = (bytes: Uint8Array) => Promise<void> | undefined

/** Returns the type signature of a cell. The sample needs only one cell per distinct signature of a column. */
export interface SignatureFunction {
  (cell: Cell): string
  /** Returns the same signature from the bytes of a value, or undefined if the value must be read. */
  readonly ofSpan?: SpanSignatureFunction
  /** The signature that decides by itself: if one cell of the column has it, the other cells do not matter. */
  readonly decisive?: string
}

/** Gets its columns, then rows in batches, in order. */
export interface Format {
  /**
   * Opens the file. Called once, also for 0 rows. A format whose file has other columns or types than `columns` replaces the figures
   * `columns` and `schema` of the stats, which the table encoder has set.
   * @param columns may be empty
   * @param exampleRows the example rows, which {@link encode} gets again; may be empty, for example with a list of columns
   */
  open(columns: readonly Column[], exampleRows: readonly RecordOrRow[]): void | Promise<void>
  /**
   * Encodes the rows of one batch.
   * @param firstRowNumber the number of the first row, from 1
   */
  encode(rows: readonly RecordOrRow[], firstRowNumber: number): void | Promise<void>
  /**
   * Encodes rows from the bytes of records, with the same result as {@link encode} of the records. A format without this method gets
   * records.
   * @param firstRowNumber the number of the first row, from 1
   */
  readonly encodeSpans?: ((runs: readonly PlannedRun[], firstRowNumber: number) => void | Promise<void>) | undefined
  /**
   * With `columns: 'all'`, adds columns that first appear in the next batch; earlier rows have no cells in them. A format without this
   * method gets all columns before its first row, through a {@link TwoPassFormat}.
   */
  addColumns?(columns: readonly Column[]): void | Promise<void>
  /** Returns the signature function of a column, or undefined if its cells decide nothing. */
  getSignatureFunction?(column: Column): SignatureFunction | undefined
  flush?(): void | Promise<void>
  close(): void | Promise<void>
  /** Frees resources outside memory, such as a temporary file; called once, also after a failure. */
  dispose?(): void | Promise<void>
}

// The contract of the packages that write columns: an engine gets cells column by column, keeps the values of the open row group
// and emits bytes.
import type { RecordSpans } from '../../fastpath/scan/record-spans.js'
import type { Emit } from '../format.js'
import type { ColumnWriter, SpanColumnWriter } from './column-writer.js'
import type { TypedColumn } from './decide-column-type.js'

/** Writes one file. */
export interface ColumnEngine {
  /** The writers of the columns, in their order. */
  readonly columnWriters: readonly ColumnWriter[]
  /** The same writers, if they accept spans of the loaded block. */
  readonly spanColumnWriters?: readonly SpanColumnWriter[]
  /** Loads a block of records from `from` up to at most `to`. Returns the end of the block. */
  readonly loadBlock?: (spans: RecordSpans, from: number, to: number) => number
  /**
   * Writes the values of all columns as a row group, and starts the next one.
   * @param rows the number of rows in the group
   */
  writeGroup(rows: number): Promise<void>
  /** Writes the footer. */
  finish(metadata: Readonly<Record<string, string>>): Promise<void>
}

/** Starts a file. */
export type OpenEngine = (columns: readonly TypedColumn[], emit: Emit) => ColumnEngine

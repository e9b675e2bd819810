// Rows as bytes, from records and from the bytes their values came in.
import type { Column } from '../../rows/column.js'
import type { SpanRun } from '../../scan/record-spans.js'
import type { Row } from '../../types.js'
import type { CsvRows } from './csv-rows.js'
import { KernelWriter } from './kernel-writer.js'
import { TextWriter } from './text-writer.js'

/** Writes rows in the order they come. */
export interface CsvWriter {
  /**
   * Writes rows; returns the chunks that are full. Others wait, so that a few rows at a time do not become writes of their own.
   * @param first the number of the first row, from 1
   */
  write(rows: readonly Row[], columns: readonly Column[], first: number): Iterable<Buffer>
  /** The same for runs of spans. */
  writeSpans(runs: readonly SpanRun[], columns: readonly Column[], first: number): Iterable<Buffer>
  /** What waits. */
  rest(): Iterable<Buffer>
}

/** The fastest writer there is for the rows' dialect. */
export function csvWriter(csv: CsvRows): CsvWriter {
  return KernelWriter.open(csv) ?? new TextWriter(csv)
}

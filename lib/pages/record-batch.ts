import type { ExportRecord } from '../shared/types.js'
import { RecordSpans } from '../spans/record-spans.js'

/** Records of one page. A record batch of Arrow is something else. */
export type RecordBatch = readonly ExportRecord[] | RecordSpans

export const toRecords = (batch: RecordBatch): readonly ExportRecord[] =>
  batch instanceof RecordSpans ? batch.getRecords() : batch

/**
 * Frees the memory of records that are still bytes; with `keepsBytes`, only the memory of their spans. In both cases the records cannot be
 * read any more.
 */
export function freeBatch(batch: RecordBatch, keepsBytes = false): void {
  if (!(batch instanceof RecordSpans)) return
  if (keepsBytes) batch.freeTables()
  else batch.free()
}

export function splitBatch(batch: RecordBatch, index: number): [first: RecordBatch, others: RecordBatch] {
  return batch instanceof RecordSpans
    ? [batch.slice(0, index), batch.slice(index, batch.length)]
    : [batch.slice(0, index), batch.slice(index)]
}

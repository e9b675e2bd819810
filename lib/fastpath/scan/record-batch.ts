// Records that came together: as objects, or as spans of the page's bytes until objects are needed.
import type { PageConsumer, PageInFlight } from '../../shared/page-hand-over.js'
import type { ExportRecord } from '../../shared/types.js'
import { RecordSpans } from './record-spans.js'

export type RecordBatch = readonly ExportRecord[] | RecordSpans

/** The records as plain objects. */
export const toRecords = (batch: RecordBatch): readonly ExportRecord[] =>
  batch instanceof RecordSpans ? batch.getRecords() : batch

/** One of the records as a plain object. */
export const getRecord = (batch: RecordBatch, index: number): ExportRecord =>
  batch instanceof RecordSpans ? batch.getRecord(index) : batch[index]!

/** The first so many records, and the others. */
export function splitBatch(batch: RecordBatch, index: number): [first: RecordBatch, others: RecordBatch] {
  return batch instanceof RecordSpans
    ? [batch.slice(0, index), batch.slice(index, batch.length)]
    : [batch.slice(0, index), batch.slice(index)]
}

/** A page that an export hands over whole to the encoders piped directly from it, instead of its records one by one. */
export class BatchInFlight implements PageInFlight {
  readonly records: RecordBatch
  readonly release: (consumer: PageConsumer) => void
  /** Another encoder reads the same bytes. If it is false, this encoder may change them and hand them on. */
  readonly isShared: boolean

  constructor(records: RecordBatch, release: (consumer: PageConsumer) => void, isShared = true) {
    this.records = records
    this.release = release
    this.isShared = isShared
  }
}

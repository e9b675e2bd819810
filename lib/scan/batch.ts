// Records that came together: as objects, or as spans of the page's bytes until objects are needed.
import type { PageConsumer, WholePage } from '../attachment.js'
import type { ExportRecord } from '../types.js'
import { RecordSpans } from './record-spans.js'

export type Batch = readonly ExportRecord[] | RecordSpans

/** The records as plain objects. */
export const recordsOf = (batch: Batch): readonly ExportRecord[] =>
  batch instanceof RecordSpans ? batch.records() : batch

/** One of the records as a plain object. */
export const recordAt = (batch: Batch, at: number): ExportRecord =>
  batch instanceof RecordSpans ? batch.record(at) : batch[at]!

/** The first so many records, and the others. */
export function cut(batch: Batch, at: number): [first: Batch, others: Batch] {
  return batch instanceof RecordSpans
    ? [batch.slice(0, at), batch.slice(at, batch.length)]
    : [batch.slice(0, at), batch.slice(at)]
}

/** A page that an export hands over whole to the encoders piped directly from it, instead of its records one by one. */
export class WholeBatch implements WholePage {
  readonly records: Batch
  readonly release: (consumer: PageConsumer) => void
  /** Another encoder reads the same bytes. If it is false, this encoder may change them and hand them on. */
  readonly isShared: boolean

  constructor(records: Batch, release: (consumer: PageConsumer) => void, isShared = true) {
    this.records = records
    this.release = release
    this.isShared = isShared
  }
}

// Records that came together: as objects, or as spans of the page's bytes while nobody needs objects.
import type { Taker } from '../attachment.js'
import type { ExportRecord } from '../types.js'
import { RecordSpans } from './record-spans.js'

export type Batch = readonly ExportRecord[] | RecordSpans

/** The records as plain objects. */
export const recordsOf = (batch: Batch): readonly ExportRecord[] =>
  batch instanceof RecordSpans ? batch.records() : batch

/** One of the records as a plain object. */
export const recordAt = (batch: Batch, at: number): ExportRecord =>
  batch instanceof RecordSpans ? batch.record(at) : batch[at]!

/** The first records, at most so many. */
export const firstOf = (batch: Batch, most: number): Batch =>
  batch instanceof RecordSpans ? batch.take(most) : batch.slice(0, most)

/** A batch that an export hands whole to the encoders attached straight to it, in the place of its records one by one. */
export class WholeBatch {
  readonly records: Batch
  /** Called by each of them when it has handed on all that it made of the records; only then the next page is asked for. */
  readonly release: (taker: Taker) => void

  constructor(records: Batch, release: (taker: Taker) => void) {
    this.records = records
    this.release = release
  }
}

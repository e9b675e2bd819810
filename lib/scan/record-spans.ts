// The records of a page as spans: which bytes are whose value, without an object a record or a string a value.
import { parseJson } from '../json.js'
import type { ExportRecord } from '../types.js'
import type { Shape } from './shape.js'

/** Records of one page. The values of record `at` are spans `firsts[at]` to `firsts[at] + shapes[at].width`. */
export interface RecordSpans {
  readonly bytes: Buffer
  /** How many records there are. */
  readonly length: number
  readonly shapes: readonly Shape[]
  readonly firsts: Int32Array
  /** Where the record itself starts and ends. */
  readonly recordStarts: Int32Array
  readonly recordEnds: Int32Array
  /** Where each value starts and ends, and its flags (`span.ts`). */
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly flags: Uint8Array
}

/** Consecutive records of one shape, under given columns. */
export interface SpanRun {
  readonly spans: RecordSpans
  /** The records `from` up to, not including, `to`. */
  readonly from: number
  readonly to: number
  /** For each column the number of its value in the shape, -1 where the shape has none: the cell is missing. */
  readonly order: Int32Array
}

/** A record as a plain object. */
export function recordAt({ bytes, recordStarts, recordEnds }: RecordSpans, at: number): ExportRecord {
  return parseJson(bytes.subarray(recordStarts[at], recordEnds[at])) as ExportRecord
}

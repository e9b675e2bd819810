// The records of a page as spans: which bytes are whose value, without an object a record or a string a value.
import { parseJson } from '../json.js'
import type { ExportRecord } from '../types.js'
import type { Shape } from './shape.js'
import { SpanTable } from './span-table.js'
import { viewOf } from './view.js'

/** Records of one page. */
export class RecordSpans {
  bytes: Buffer
  /** The same bytes, for words of four. */
  view: DataView
  /** How many records there are; what the lists hold behind it is of no account. */
  length = 0
  /** The values of all records: those of record `at` are spans `firsts[at]` to `firsts[at] + shapes[at].width`. */
  readonly table: SpanTable
  shapes: Shape[] = []
  firsts: number[] = []
  /** Where each record starts and ends. */
  starts: number[] = []
  ends: number[] = []
  /** Whether JSON.stringify would write the record with other bytes, or might. */
  loose: boolean[] = []

  constructor(bytes: Buffer = Buffer.alloc(0), table = new SpanTable(16)) {
    this.bytes = bytes
    this.view = viewOf(bytes)
    this.table = table
  }

  /** Forgets all records, to hold those of other bytes. */
  reset(bytes: Buffer): this {
    if (bytes !== this.bytes) this.view = viewOf(bytes)
    this.bytes = bytes
    this.table.length = 0
    this.length = 0
    return this
  }

  /** A record as a plain object. */
  record(at: number): ExportRecord {
    const start = this.starts[at]!
    const end = this.ends[at]!
    // integers that need more than JSON.parse are loose
    if (this.loose[at]) return parseJson(this.bytes.subarray(start, end)) as ExportRecord
    return JSON.parse(this.bytes.toString('utf8', start, end)) as ExportRecord
  }

  /** The records `from` up to, not including, `to` as plain objects. */
  records(from = 0, to = this.length): ExportRecord[] {
    return Array.from({ length: to - from }, (_, at) => this.record(from + at))
  }

  /** Those records that `keeps` says true of. */
  filter(keeps: (at: number) => boolean): RecordSpans {
    let kept: RecordSpans | undefined
    for (let at = 0; at < this.length; at++) {
      if (!keeps(at)) kept ??= this.slice(0, at)
      else if (kept) kept.#add(this, at)
    }
    return kept ?? this
  }

  /** Consecutive records of one shape. */
  stretches(): { readonly shape: Shape; readonly from: number; readonly to: number }[] {
    const { shapes, length } = this
    const found = []
    for (let from = 0, to = 0; from < length; from = to) {
      const shape = shapes[from]!
      while (to < length && shapes[to] === shape) to++
      found.push({ shape, from, to })
    }
    return found
  }

  /** The records `from` up to, not including, `to`. */
  slice(from: number, to: number): RecordSpans {
    if (from === 0 && to >= this.length) return this
    const slice = new RecordSpans(this.bytes, this.table)
    slice.length = Math.max(0, Math.min(to, this.length) - from)
    slice.shapes = this.shapes.slice(from, to)
    slice.firsts = this.firsts.slice(from, to)
    slice.starts = this.starts.slice(from, to)
    slice.ends = this.ends.slice(from, to)
    slice.loose = this.loose.slice(from, to)
    return slice
  }

  /** Adds a record whose values are in the table. */
  append(shape: Shape, first: number, start: number, end: number, loose: boolean): void {
    const at = this.length++
    this.shapes[at] = shape
    this.firsts[at] = first
    this.starts[at] = start
    this.ends[at] = end
    this.loose[at] = loose
  }

  #add({ shapes, firsts, starts, ends, loose }: RecordSpans, at: number): void {
    this.append(shapes[at]!, firsts[at]!, starts[at]!, ends[at]!, loose[at]!)
  }
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

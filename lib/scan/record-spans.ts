// The records of a page as spans: which bytes are whose value, without an object a record or a string a value.
import { parseJson } from '../json.js'
import type { ExportRecord, JsonValue } from '../types.js'
import type { Shape } from './shape.js'
import { DIGITS, LOOSE, NUMBER, valueOf } from './span.js'
import { RecordTable, SpanTable } from './span-table.js'

/** Records of one page. */
export class RecordSpans {
  bytes: Buffer
  /** The records themselves. */
  readonly places: RecordTable
  /** The values of all records: those of record `at` are spans `firsts[at]` to `firsts[at] + shapeOf(at).width`. */
  readonly table: SpanTable
  /** The shapes that records have, by their numbers. */
  shapes: readonly Shape[] = []

  constructor(bytes: Buffer = Buffer.alloc(0), places = new RecordTable(16), table = new SpanTable(16)) {
    this.bytes = bytes
    this.places = places
    this.table = table
  }

  /** How many records there are. */
  get length(): number {
    return this.places.length
  }

  /** The first value of each record. */
  get firsts(): Int32Array {
    return this.places.firsts
  }

  /** Where each record starts and ends. */
  get starts(): Int32Array {
    return this.places.starts
  }

  get ends(): Int32Array {
    return this.places.ends
  }

  /** The shape of a record. */
  shapeOf(at: number): Shape {
    return this.shapes[this.places.shapes[at]!]!
  }

  /** Whether JSON.stringify would write a record with other bytes, or might, even if it kept the digits of numbers. */
  isLoose(at: number): boolean {
    return (this.places.flags[at]! & LOOSE) !== 0
  }

  /** The value in a slot of a record. */
  value(at: number, slot: number): JsonValue {
    const { starts, ends, flags } = this.table
    const span = this.firsts[at]! + slot
    return valueOf(this.bytes, starts[span]!, ends[span]!, flags[span]!)
  }

  /** The digits of the number in a slot of a record, where a double may not have them. */
  digits(at: number, slot: number): string | undefined {
    const { starts, ends, flags } = this.table
    const span = this.firsts[at]! + slot
    return flags[span] === (NUMBER | DIGITS) ? this.bytes.toString('latin1', starts[span], ends[span]) : undefined
  }

  /** Forgets all records, to hold those of other bytes. */
  reset(bytes: Buffer): this {
    this.bytes = bytes
    this.table.length = 0
    this.places.length = 0
    return this
  }

  /** A record as a plain object. */
  record(at: number): ExportRecord {
    const start = this.starts[at]!
    const end = this.ends[at]!
    // JSON.parse refuses neither, but keeps no digits and takes invalid UTF-8
    if ((this.places.flags[at]! & (LOOSE | DIGITS)) !== 0)
      return parseJson(this.bytes.subarray(start, end)) as ExportRecord
    return JSON.parse(this.bytes.toString('utf8', start, end)) as ExportRecord
  }

  /** The records `from` up to, not including, `to` as plain objects. */
  records(from = 0, to = this.length): ExportRecord[] {
    return Array.from({ length: to - from }, (_, at) => this.record(from + at))
  }

  /** Those records that `keeps` says true of. */
  filter(keeps: (at: number) => boolean): RecordSpans {
    let kept: RecordTable | undefined
    for (let at = 0; at < this.length; at++) {
      if (!keeps(at)) kept ??= this.places.slice(0, at)
      else if (kept) kept.add(this.places, at)
    }
    return kept ? this.#with(kept) : this
  }

  /** Consecutive records of one shape. */
  stretches(): { readonly shape: Shape; readonly from: number; readonly to: number }[] {
    const { shapes, length } = this.places
    const found = []
    for (let from = 0, to = 0; from < length; from = to) {
      const number = shapes[from]!
      while (to < length && shapes[to] === number) to++
      found.push({ shape: this.shapes[number]!, from, to })
    }
    return found
  }

  /** The records `from` up to, not including, `to`. */
  slice(from: number, to: number): RecordSpans {
    return from === 0 && to >= this.length ? this : this.#with(this.places.slice(from, Math.min(to, this.length)))
  }

  #with(places: RecordTable): RecordSpans {
    const others = new RecordSpans(this.bytes, places, this.table)
    others.shapes = this.shapes
    return others
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

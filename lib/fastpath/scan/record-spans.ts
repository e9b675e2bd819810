// The records of a page as spans: which bytes are whose value, without an object a record or a string a value.
import { parseJson } from '../../shared/json.js'
import type { ExportRecord, JsonValue } from '../../shared/types.js'
import type { RecordLayout } from './record-layout.js'
import { DIGITS, NON_CANONICAL, NUMBER, readSpanValue } from './span.js'
import { RecordTable, SpanTable } from './span-table.js'

/** Records of one page. */
export class RecordSpans {
  bytes: Buffer
  /** The records themselves. */
  readonly recordTable: RecordTable
  /** The values of all records: record `index` has `getLayout(index).valueCount` spans from `valueIndex[index]` on. */
  readonly valueTable: SpanTable
  /** The shapes that records have, by their numbers. */
  layouts: readonly RecordLayout[] = []

  constructor(bytes: Buffer = Buffer.alloc(0), recordTable = new RecordTable(16), valueTable = new SpanTable(16)) {
    this.bytes = bytes
    this.recordTable = recordTable
    this.valueTable = valueTable
  }

  /** How many records there are. */
  get length(): number {
    return this.recordTable.length
  }

  /** The first value of each record. */
  get valueIndex(): Int32Array {
    return this.recordTable.valueIndex
  }

  /** Where each record starts and ends. */
  get starts(): Int32Array {
    return this.recordTable.starts
  }

  get ends(): Int32Array {
    return this.recordTable.ends
  }

  /** The shape of a record. */
  getLayout(index: number): RecordLayout {
    return this.layouts[this.recordTable.layoutIds[index]!]!
  }

  /** Whether JSON.stringify would write a record with other bytes, or might, even if it kept the digits of numbers. */
  isNonCanonical(index: number): boolean {
    return (this.recordTable.flags[index]! & NON_CANONICAL) !== 0
  }

  /** The value in a slot of a record. */
  getValue(index: number, slot: number): JsonValue {
    const { starts, ends, flags } = this.valueTable
    const span = this.valueIndex[index]! + slot
    return readSpanValue(this.bytes, starts[span]!, ends[span]!, flags[span]!)
  }

  /** The digits of the number in a slot of a record, where a double may not have them. */
  getDigits(index: number, slot: number): string | undefined {
    const { starts, ends, flags } = this.valueTable
    const span = this.valueIndex[index]! + slot
    return flags[span] === (NUMBER | DIGITS) ? this.bytes.toString('latin1', starts[span], ends[span]) : undefined
  }

  /** Forgets all records, to hold those of other bytes. */
  reset(bytes: Buffer): this {
    this.bytes = bytes
    this.valueTable.length = 0
    this.recordTable.length = 0
    return this
  }

  /** A record as a plain object. */
  getRecord(index: number): ExportRecord {
    const start = this.starts[index]!
    const end = this.ends[index]!
    // JSON.parse refuses neither, but keeps no digits and takes invalid UTF-8
    if ((this.recordTable.flags[index]! & (NON_CANONICAL | DIGITS)) !== 0)
      return parseJson(this.bytes.subarray(start, end)) as ExportRecord
    return JSON.parse(this.bytes.toString('utf8', start, end)) as ExportRecord
  }

  /** The records `from` up to, not including, `to` as plain objects. */
  getRecords(from = 0, to = this.length): ExportRecord[] {
    return Array.from({ length: to - from }, (_, index) => this.getRecord(from + index))
  }

  /** Those records that `keeps` says true of. */
  filter(shouldKeep: (index: number) => boolean): RecordSpans {
    let keptRecords: RecordTable | undefined
    for (let index = 0; index < this.length; index++) {
      if (!shouldKeep(index)) keptRecords ??= this.recordTable.slice(0, index)
      else if (keptRecords) keptRecords.add(this.recordTable, index)
    }
    return keptRecords ? this.#withRecords(keptRecords) : this
  }

  /** Consecutive records of one shape. */
  listLayoutRuns(): { readonly layout: RecordLayout; readonly from: number; readonly to: number }[] {
    const { layoutIds, length } = this.recordTable
    const runs = []
    for (let from = 0, to = 0; from < length; from = to) {
      const layoutId = layoutIds[from]!
      while (to < length && layoutIds[to] === layoutId) to++
      runs.push({ layout: this.layouts[layoutId]!, from, to })
    }
    return runs
  }

  /** The records `from` up to, not including, `to`. */
  slice(from: number, to: number): RecordSpans {
    return from === 0 && to >= this.length
      ? this
      : this.#withRecords(this.recordTable.slice(from, Math.min(to, this.length)))
  }

  #withRecords(recordTable: RecordTable): RecordSpans {
    const copy = new RecordSpans(this.bytes, recordTable, this.valueTable)
    copy.layouts = this.layouts
    return copy
  }
}

/** Consecutive records of one shape, under given columns. */
export interface LayoutRun {
  readonly spans: RecordSpans
  /** The records `from` up to, not including, `to`. */
  readonly from: number
  readonly to: number
  /** For each column the number of its value in the shape, -1 where the shape has none: the cell is missing. */
  readonly columnSlots: Int32Array
}

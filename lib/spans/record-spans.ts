// The records of a page as spans, without JavaScript objects for the records or strings for the values.
import { keepDigits } from '../shared/json/digits.js'
import { freeMemory } from '../shared/bytes/free-memory.js'
import { parseJson } from '../shared/json/json.js'
import type { ExportRecord, JsonValue } from '../shared/types.js'
import type { ObjectCell } from './object-cell.js'
import type { RecordLayout } from './record-layout.js'
import { DIGITS, NON_CANONICAL, NUMBER, readSpanValue, type Span } from './span.js'
import { RecordTable, SpanTable } from './span-table.js'
import { findOnlyElement } from './only-element.js'

export class RecordSpans {
  bytes: Buffer
  readonly recordTable: RecordTable
  /** The spans of the values: record `index` has `getLayout(index).valueCount` spans from `valueOffsets[index]` on. */
  readonly valueTable: SpanTable
  layouts: readonly RecordLayout[] = []

  constructor(bytes: Buffer = Buffer.alloc(0), recordTable = new RecordTable(16), valueTable = new SpanTable(16)) {
    this.bytes = bytes
    this.recordTable = recordTable
    this.valueTable = valueTable
  }

  get length(): number {
    return this.recordTable.length
  }

  get valueOffsets(): Int32Array {
    return this.recordTable.valueOffsets
  }

  get starts(): Int32Array {
    return this.recordTable.starts
  }

  get ends(): Int32Array {
    return this.recordTable.ends
  }

  getLayout(index: number): RecordLayout {
    return this.layouts[this.recordTable.layoutIds[index]!]!
  }

  /** Returns whether JSON.stringify may write a record with other bytes. The digits of numbers do not count. */
  mayBeNonCanonical(index: number): boolean {
    return (this.recordTable.flags[index]! & NON_CANONICAL) !== 0
  }

  /** Returns the span of the value in a slot of a record. Loops that run for each value read `valueTable` themselves, which is faster. */
  getSpan(index: number, slot: number): Span {
    const { starts, ends, flags } = this.valueTable
    const span = this.valueOffsets[index]! + slot
    return { start: starts[span]!, end: ends[span]!, flags: flags[span]! }
  }

  getValue(index: number, slot: number): JsonValue {
    const { start, end, flags } = this.getSpan(index, slot)
    return readSpanValue(this.bytes, start, end, flags)
  }

  /** Returns the digits of a number that has the flag DIGITS; `undefined` for any other value. Other numbers need no digits. */
  getDigits(index: number, slot: number): string | undefined {
    const { start, end, flags } = this.getSpan(index, slot)
    return flags === (NUMBER | DIGITS) ? this.bytes.toString('latin1', start, end) : undefined
  }

  /** Removes all records, so that the object can be used for the records of other bytes. */
  reset(bytes: Buffer): this {
    this.bytes = bytes
    this.valueTable.length = 0
    this.recordTable.length = 0
    return this
  }

  /** Frees the memory of the spans, but not of the bytes. */
  freeTables(): void {
    freeMemory([...this.recordTable.arrays, ...this.valueTable.arrays])
  }

  /** Frees the memory of the bytes and of the spans. Afterwards neither this object nor one made of it, such as a slice, can be read. */
  free(): void {
    freeMemory([this.bytes, ...this.recordTable.arrays, ...this.valueTable.arrays])
  }

  /** Returns true only if a record is one JSON text that JSON.parse reads without a loss. */
  canUseJsonParse(index: number): boolean {
    return !this.getLayout(index).isMade && (this.recordTable.flags[index]! & (NON_CANONICAL | DIGITS)) === 0
  }

  getRecord(index: number): ExportRecord {
    const start = this.starts[index]!
    const end = this.ends[index]!
    if (this.canUseJsonParse(index)) return JSON.parse(this.bytes.toString('utf8', start, end)) as ExportRecord
    if (this.getLayout(index).isMade) return this.#getMadeRow(index)
    return parseJson(this.bytes.subarray(start, end)) as ExportRecord
  }

  getRecords(from = 0, to = this.length): ExportRecord[] {
    return Array.from({ length: to - from }, (_, index) => this.getRecord(from + index))
  }

  filter(shouldKeep: (index: number) => boolean): RecordSpans {
    let keptRecords: RecordTable | undefined
    for (let index = 0; index < this.length; index++) {
      if (!shouldKeep(index)) keptRecords ??= this.recordTable.slice(0, index)
      else if (keptRecords) keptRecords.add(this.recordTable, index)
    }
    return keptRecords ? this.#withRecords(keptRecords) : this
  }

  /** Returns the number of bytes from record `from` up to, not including, record `to`; for made rows only the bytes of their values. */
  countBytes(from: number, to: number): number {
    const { starts, ends, valueOffsets } = this
    if (!this.getLayout(from).isMade) return ends[to - 1]! - starts[from]!
    const last = valueOffsets[to - 1]! + this.getLayout(to - 1).valueCount
    let bytes = 0
    for (let span = valueOffsets[from]!; span < last; span++)
      bytes += this.valueTable.ends[span]! - this.valueTable.starts[span]!
    return bytes
  }

  listLayoutRuns(): LayoutRun[] {
    const { layoutIds, length } = this.recordTable
    const runs = []
    for (let from = 0, to = 0; from < length; from = to) {
      const layoutId = layoutIds[from]!
      while (to < length && layoutIds[to] === layoutId) to++
      runs.push({ layout: this.layouts[layoutId]!, from, to })
    }
    return runs
  }

  /** True if records may be groups of a hyper-map report. Whether they are depends on their values. */
  get mayHaveGroups(): boolean {
    return this.listLayoutRuns().some(({ layout }) => layout.canBeGroup)
  }

  slice(from: number, to: number): RecordSpans {
    return from === 0 && to >= this.length
      ? this
      : this.#withRecords(this.recordTable.slice(from, Math.min(to, this.length)))
  }

  #getMadeRow(index: number): ExportRecord {
    const { columnIds } = this.getLayout(index)
    const row = Object.fromEntries(columnIds.map((id, slot) => [id!, this.getValue(index, slot)]))
    for (const [slot, id] of columnIds.entries()) keepDigits(row, id!, this.getDigits(index, slot))
    return row
  }

  /**
   * Returns the same records, but each list in `RecordLayout.listSlots` that has one element is replaced by that element, and an empty
   * list by null. The bytes of the page do not change.
   */
  unwrapLists(): RecordSpans {
    const runs = this.listLayoutRuns()
    if (runs.every(({ layout }) => layout.listSlots.length === 0)) return this
    const copy = new RecordSpans(this.bytes, this.recordTable, this.valueTable.copy())
    copy.layouts = this.layouts.map((layout) => layout.unwrapped)
    for (const { layout, from, to } of runs)
      for (const slot of layout.listSlots)
        for (let record = from; record < to; record++) copy.#unwrapList(this.valueOffsets[record]! + slot)
    return copy
  }

  #unwrapList(span: number): void {
    const { starts, ends, flags } = this.valueTable
    const only = findOnlyElement(this.bytes, starts[span]!, flags[span]!)
    if (!only) return
    starts[span] = only.start
    ends[span] = only.end
    flags[span] = only.flags
  }

  #withRecords(recordTable: RecordTable): RecordSpans {
    const copy = new RecordSpans(this.bytes, recordTable, this.valueTable)
    copy.layouts = this.layouts
    return copy
  }
}

/** The records from `from` up to, not including, `to`, which have the same layout. */
export interface RecordRun {
  readonly from: number
  readonly to: number
}

interface LayoutRun extends RecordRun {
  readonly layout: RecordLayout
}

/** A run with the slots of the columns of an encoder. */
export interface PlannedRun extends RecordRun {
  readonly spans: RecordSpans
  /** For each column its slot in the layout, `MISSING_SLOT` or `OBJECT_SLOT` of `column-slots.ts`. */
  readonly columnSlots: Int32Array
  /** The cells that are objects, by the index of their column. */
  readonly objectCells?: ReadonlyMap<number, ObjectCell>
}

// Two passes for a format that must know all columns, or all values, before its first byte. Records that are still bytes wait
// in a spool as they are; others as lists of cells, so that the keys of a wide record are not written and read a thousand times.
import { deserialize, serialize } from 'node:v8'
import { areDigitsKept, digitsAt, digitsWithin, keepDigits } from '../digits.js'
import { parseJson } from '../json.js'
import { digitsOf, withDigits, type Column } from '../rows/column.js'
import { ArrayScanner } from '../scan/array-scanner.js'
import { RecordSpans, type SpanRun } from '../scan/record-spans.js'
import { recordLevel, type Shape } from '../scan/shape.js'
import type { Cell, Row } from '../types.js'
import type { Format } from './format.js'
import { Spool } from './spool.js'
import { Witnesses } from './witnesses.js'

/** Rows read back at a time. */
const ROWS_PER_FRAME = 200

/** The content of a frame of the spool. */
const CELLS = 0
const RECORDS = 1

/** A list of cells in the place of a row; only the columns of {@link readAt} read it. */
const asRow = (cells: Cell[]) => cells as unknown as Row

/** The column for lists of cells; lists from before the column are too short to have one. */
function readAt({ id, name }: Column, at: number): Column {
  const read = (row: Row) => (row as unknown as Cell[])[at]
  return { id, name, read: withDigits(read, (row) => digitsAt(row, String(at))) }
}

/** Gives a format its columns after the last row was seen, with a row for every vote in the sample, and then the rows. */
export class TwoPass implements Format {
  readonly encodeSpans: Format['encodeSpans']
  readonly #format: Format
  readonly #spool = new Spool()
  readonly #columns: Column[] = []
  readonly #witnesses = new Witnesses()
  readonly #sample: Row[] = []
  readonly #orders = new Map<Shape, Int32Array>()
  #held: Cell[][] = []

  constructor(format: Format) {
    this.#format = format
    if (format.encodeSpans) this.encodeSpans = (runs) => this.#setSpansAside(runs)
  }

  open(columns: readonly Column[]): void {
    this.append(columns)
  }

  append(columns: readonly Column[]): void {
    for (const column of columns) {
      this.#witnesses.add(this.#format.voteOn?.(column))
      this.#columns.push(column)
    }
  }

  async encode(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      const cells = this.#cellsOf(row)
      this.#held.push(cells)
      if (this.#witnesses.isNeeded(cells)) this.#sample.push(asRow(cells))
      if (this.#held.length >= ROWS_PER_FRAME) await this.#setAside()
    }
  }

  async close(): Promise<void> {
    await this.#setAside()
    await this.#format.open(this.#columns.map(readAt), this.#sample)
    let first = 1
    const scanner = new ArrayScanner(recordLevel)
    for await (const { tag, bytes } of this.#spool.frames())
      first += tag === CELLS ? await this.#encodeCells(bytes, first) : await this.#encodeRecords(bytes, first, scanner)
    await this.#format.close()
  }

  async dispose(): Promise<void> {
    await this.#spool.dispose()
    await this.#format.dispose?.()
  }

  #cellsOf(row: Row): Cell[] {
    const cells = this.#columns.map(({ read }) => read(row))
    if (areDigitsKept())
      for (const [at, column] of this.#columns.entries()) keepDigits(cells, String(at), digitsOf(column, row))
    return cells
  }

  async #setAside(): Promise<void> {
    const rows = this.#held
    this.#held = []
    if (rows.length > 0) await this.#spool.write(CELLS, serialize({ rows, digits: digitsWithin(rows) }))
  }

  async #setSpansAside(runs: readonly SpanRun[]): Promise<void> {
    await this.#setAside()
    const parts: Buffer[] = []
    for (const run of runs) {
      for (let at = run.from; at < run.to; at++) {
        const { bytes, starts, ends } = run.spans
        parts.push(Buffer.from(parts.length === 0 ? '[' : ','), bytes.subarray(starts[at], ends[at]))
        if (this.#witnesses.isNeededAt(run, at)) this.#sample.push(asRow(this.#cellsOf(run.spans.record(at))))
      }
    }
    await this.#spool.write(RECORDS, Buffer.concat([...parts, Buffer.from(']')]))
  }

  #orderOf(shape: Shape): Int32Array {
    const order = this.#orders.get(shape) ?? Int32Array.from(this.#columns, ({ id }) => shape.slotOf(id))
    this.#orders.set(shape, order)
    return order
  }

  async #encodeCells(bytes: Buffer, first: number): Promise<number> {
    const { rows: lists, digits } = deserialize(bytes) as { rows: Cell[][]; digits: ReturnType<typeof digitsWithin> }
    for (const [holder, key, text] of digits) keepDigits(holder, key, text)
    const rows = lists.map(asRow)
    await this.#format.encode(rows, first)
    return rows.length
  }

  /** A tree of shapes may be full this time; then records are objects. */
  async #encodeRecords(bytes: Buffer, first: number, scanner: ArrayScanner): Promise<number> {
    const spans = new RecordSpans(bytes)
    if (scanner.scan(0, spans) < 0) {
      const rows = (parseJson(bytes) as Row[]).map((record) => asRow(this.#cellsOf(record)))
      await this.#format.encode(rows, first)
      return rows.length
    }
    const runs = spans.stretches().map(({ shape, ...run }) => ({ ...run, spans, order: this.#orderOf(shape) }))
    await this.#format.encodeSpans!(runs, first)
    return spans.length
  }
}

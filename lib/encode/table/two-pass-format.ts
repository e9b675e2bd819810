// Two passes for a format that must know all columns, or all values, before its first byte. Records that are bytes are stored with their
// spans; others as lists of cells, which have no keys.
import { areDigitsInUse, getDigits, keepDigits } from '../../shared/json/digits.js'
import { toPlainValue } from '../../shared/json/json-text.js'
import { memoize } from '../../shared/memoize.js'
import { getCellDigits, addDigitsReader, type Column } from '../../schema/column.js'
import type { PlannedRun } from '../../spans/record-spans.js'
import type { RecordLayout } from '../../spans/record-layout.js'
import type { Cell, RecordOrRow } from '../../shared/types.js'
import { createCellPlan } from './cell-plan.js'
import type { Format } from '../format.js'
import { deserializeRows, ROWS_PER_FRAME, serializeRows, Spool } from '../spool/spool.js'
import { SpanPacker } from './span-packer.js'
import { ExampleRowSelector } from './example-rows.js'

const CELLS_TAG = 0
const RECORDS_TAG = 1

const toRow = (cells: Cell[]) => cells as unknown as RecordOrRow

/**
 * Returns a column that reads rows from the spool: lists of cells, or records. A list that was stored before the column appeared has no
 * cell for it, so the cell is undefined.
 */
function createSpooledColumn(column: Column, index: number): Column {
  const read = (row: RecordOrRow) => (Array.isArray(row) ? (row as Cell[])[index] : column.read(row))
  const readDigits = (row: RecordOrRow) =>
    Array.isArray(row) ? getDigits(row, String(index)) : getCellDigits(column, row)
  return { id: column.id, name: column.name, read: addDigitsReader(read, readDigits) }
}

/** Opens a format after the last row, with all columns and the example rows, and then passes it all rows. */
export class TwoPassFormat implements Format {
  readonly encodeSpans: Format['encodeSpans']
  readonly #format: Format
  readonly #spool = new Spool()
  readonly #spanPacker = new SpanPacker()
  readonly #columns: Column[] = []
  readonly #selector = new ExampleRowSelector()
  readonly #exampleRows: RecordOrRow[] = []
  /** Only for layouts with a plan: other records are in the spool as lists of cells. */
  readonly #getCellPlan = memoize((layout: RecordLayout) => createCellPlan(layout, this.#columns)!)
  #heldCells: Cell[][] = []

  constructor(format: Format) {
    this.#format = format
    if (format.encodeSpans) this.encodeSpans = (runs) => this.#spoolSpans(runs)
  }

  open(columns: readonly Column[]): void {
    this.addColumns(columns)
  }

  addColumns(columns: readonly Column[]): void {
    for (const column of columns) {
      this.#selector.addColumn(this.#format.getSignatureFunction?.(column))
      this.#columns.push(column)
    }
  }

  async encode(rows: readonly RecordOrRow[]): Promise<void> {
    for (const row of rows) {
      const cells = this.#readCells(row)
      this.#heldCells.push(cells)
      if (this.#selector.shouldKeep(cells)) this.#exampleRows.push(toRow(cells))
      if (this.#heldCells.length >= ROWS_PER_FRAME) await this.#spoolCells()
    }
  }

  async close(): Promise<void> {
    await this.#spoolCells()
    await this.#format.open(this.#columns.map(createSpooledColumn), this.#exampleRows)
    let firstRowNumber = 1
    for await (const { tag, bytes } of this.#spool.readFrames())
      firstRowNumber +=
        tag === CELLS_TAG
          ? await this.#encodeCells(bytes, firstRowNumber)
          : await this.#encodeRecords(bytes, firstRowNumber)
    await this.#format.close()
  }

  async dispose(): Promise<void> {
    await this.#spool.dispose()
    await this.#format.dispose?.()
  }

  #readCells(row: RecordOrRow): Cell[] {
    const cells = this.#columns.map(({ id, read }) => toPlainValue(read(row), id) as Cell)
    if (areDigitsInUse())
      for (const [index, column] of this.#columns.entries())
        keepDigits(cells, String(index), getCellDigits(column, row))
    return cells
  }

  async #spoolCells(): Promise<void> {
    const rows = this.#heldCells
    this.#heldCells = []
    if (rows.length > 0) await this.#spool.write(CELLS_TAG, serializeRows(rows))
  }

  async #spoolSpans(runs: readonly PlannedRun[]): Promise<void> {
    await this.#spoolCells()
    for (const run of runs)
      for (let index = run.from; index < run.to && !this.#selector.isFinished; index++)
        if (this.#selector.shouldKeepSpans(run, index))
          this.#exampleRows.push(toRow(this.#readCells(run.spans.getRecord(index))))
    await this.#spool.write(RECORDS_TAG, ...this.#spanPacker.pack(runs))
  }

  async #encodeCells(bytes: Buffer, firstRowNumber: number): Promise<number> {
    const rows = (deserializeRows(bytes) as Cell[][]).map(toRow)
    await this.#format.encode(rows, firstRowNumber)
    return rows.length
  }

  async #encodeRecords(bytes: Buffer, firstRowNumber: number): Promise<number> {
    const spans = this.#spanPacker.unpack(bytes)
    const runs = spans.listLayoutRuns().map(({ layout, ...run }) => ({ ...run, spans, ...this.#getCellPlan(layout) }))
    await this.#format.encodeSpans!(runs, firstRowNumber)
    const { length } = spans
    spans.free()
    return length
  }
}

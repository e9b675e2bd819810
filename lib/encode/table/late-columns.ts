import { getFilledCells, type Column } from '../../schema/column.js'
import type { Cell, RecordOrRow } from '../../shared/types.js'
import { createLateColumnError, OVERFLOW_COLUMN, type ColumnPlan } from '../column-options.js'
import type { RecordSpans } from '../../spans/record-spans.js'
import { NULL } from '../../spans/span.js'
import type { EncoderStats } from '../encoder.js'

export class LateColumns {
  readonly #plan: ColumnPlan
  readonly #stats: EncoderStats
  readonly #columns = new Map<string, Column>()

  constructor(plan: ColumnPlan, stats: EncoderStats) {
    this.#plan = plan
    this.#stats = stats
  }

  get all(): Iterable<Column> {
    return this.#columns.values()
  }

  /** Adds and counts columns that first appear in the row with this number, from 1. With the policy `'error'`, throws `ERR_LATE_COLUMN`. */
  add(columns: readonly Column[], rowNumber: number): void {
    for (const column of columns) {
      if (this.#plan.lateColumns === 'error') throw createLateColumnError(this.#plan, column.id, rowNumber)
      this.#columns.set(column.id, column)
      this.#stats.lateColumns++
    }
  }

  /** Adds columns that first appear in this row. With the policy `'drop'`, counts the cells of the row that are left out. */
  addRow(row: RecordOrRow, columns: readonly Column[], rowNumber: number): void {
    this.add(columns, rowNumber)
    if (this.#plan.lateColumns !== 'drop' || this.#columns.size === 0) return
    this.#stats.droppedCells += Object.keys(getFilledCells(this.all, row)).length
  }

  /** With the policy `'drop'`, counts the cells of late columns in records of one layout. The late columns must have been added before. */
  countDroppedCells(spans: RecordSpans, from: number, to: number): void {
    if (this.#plan.lateColumns !== 'drop' || this.#columns.size === 0) return
    const { slotRecord } = spans.getLayout(from)
    for (const { read } of this.#columns.values()) {
      const slot = read(slotRecord)
      if (slot === undefined || slot === null) continue
      for (let record = from; record < to; record++)
        if (typeof slot !== 'number' || spans.getSpan(record, slot).flags !== NULL) this.#stats.droppedCells++
    }
  }

  /** The last column of a file with the policy `'overflow'`. A cell is null, or an object with the cells of the row in late columns. */
  readonly overflow: Column = {
    id: OVERFLOW_COLUMN,
    name: OVERFLOW_COLUMN,
    read: (row) => this.#readOverflow(row),
    isOverflow: true,
  }

  #readOverflow(row: RecordOrRow): Cell {
    if (this.#columns.size === 0) return null
    const cells = getFilledCells(this.all, row)
    return Object.keys(cells).length === 0 ? null : (cells as Cell)
  }
}

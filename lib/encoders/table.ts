// Rows under fixed columns: the first records decide which, the late policy rules on what comes after.
import type { Column } from '../rows/column.js'
import { ColumnSet } from '../rows/column-set.js'
import { collisionOf, rowsOf } from '../rows/flatten.js'
import type { Cell, JsonValue, Row } from '../types.js'
import { lateColumn, type ColumnPlan } from './columns.js'
import type { EncoderStats, RecordSink } from './encoder.js'
import type { Format } from './format.js'
import { TwoPass } from './two-pass.js'

const OVERFLOW = 'overflow'

/** Holds the first records until the columns are decided, then hands rows to the format. */
export class Table implements RecordSink {
  readonly #plan: ColumnPlan
  readonly #format: Format
  readonly #stats: EncoderStats
  readonly #set: ColumnSet
  readonly #late = new Map<string, Column>()
  #sample: Row[] | undefined = []

  /** @param whole nested fields that are one column each, rather than a column a key */
  constructor(plan: ColumnPlan, format: Format, stats: EncoderStats, whole: readonly string[] = []) {
    this.#plan = plan
    this.#format = plan.columns === 'all' && !format.append ? new TwoPass(format) : format
    this.#stats = stats
    this.#set = new ColumnSet(plan.selection, whole)
  }

  async take(records: readonly Row[]): Promise<void> {
    const rows = records.some((record) => Array.isArray(record['value'])) ? records.flatMap(rowsOf) : records
    if (!this.#sample) return this.#encode(rows)
    for (const row of rows) this.#sample.push(row)
    if (Array.isArray(this.#plan.columns) || this.#sample.length >= this.#plan.sampleSize) await this.#open()
  }

  async end(): Promise<void> {
    if (this.#sample) await this.#open()
    await this.#format.close()
  }

  async dispose(): Promise<void> {
    await this.#format.dispose?.()
  }

  async #open(): Promise<void> {
    const held = this.#sample!
    this.#sample = undefined
    const deciding = held.slice(0, this.#plan.sampleSize)
    const columns = this.#decide(deciding)
    this.#stats.columns = columns.length
    await this.#format.open(columns, deciding)
    await this.#encode(held)
  }

  #decide(rows: readonly Row[]): Column[] {
    const { where, columns, lateColumns, selection } = this.#plan
    if (typeof columns !== 'string')
      return columns.filter(selection.wants).map((id, rank) => this.#set.declare(id, rank))
    for (const row of rows) this.#set.discover(row)
    const decided = this.#set.ordered()
    if (lateColumns !== 'overflow' || columns === 'all') return decided
    const taken = decided.find(({ name }) => name === OVERFLOW)
    if (taken) throw collisionOf(where, OVERFLOW, [taken.id, OVERFLOW])
    return [...decided, { id: OVERFLOW, name: OVERFLOW, read: (row) => this.#overflowOf(row) }]
  }

  async #encode(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return
    const first = this.#stats.rows + 1
    if (this.#plan.columns === 'all') await this.#append(rows)
    else if (this.#plan.columns === 'sample') for (const [at, row] of rows.entries()) this.#rule(row, first + at)
    this.#stats.rows += rows.length
    await this.#format.encode(rows, first)
  }

  async #append(rows: readonly Row[]): Promise<void> {
    const late = rows.flatMap((row) => this.#set.discover(row))
    if (late.length === 0) return
    this.#stats.lateColumns += late.length
    this.#stats.columns += late.length
    await this.#format.append?.(late)
  }

  #rule(row: Row, number: number): void {
    const { where, lateColumns, sampleSize } = this.#plan
    for (const column of this.#set.discover(row)) {
      if (lateColumns === 'error') throw lateColumn(where, column.id, number, sampleSize)
      this.#late.set(column.id, column)
      this.#stats.lateColumns++
    }
    if (lateColumns === 'drop' && this.#late.size > 0)
      this.#stats.droppedCells += Object.keys(this.#lateCells(row)).length
  }

  #overflowOf(row: Row): Cell {
    if (this.#late.size === 0) return null
    const cells = this.#lateCells(row)
    return Object.keys(cells).length === 0 ? null : cells
  }

  /** The cells of a row that have no column, by the names those would have had. */
  #lateCells(row: Row): Record<string, JsonValue> {
    const cells = [...this.#late.values()].map(({ name, read }) => [name, read(row)] as const)
    return Object.fromEntries(cells.filter(([, cell]) => cell !== undefined && cell !== null)) as Record<
      string,
      JsonValue
    >
  }
}

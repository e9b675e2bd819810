// A Parquet file from rows: the first ones decide the types, then values are collected until they make a row group.
import { ExportError } from '../../errors.js'
import { ColumnSet } from '../../rows/column-set.js'
import type { Column } from '../../rows/column.js'
import type { Row } from '../../types.js'
import type { ColumnPlan } from '../columns.js'
import type { EncoderStats } from '../encoder.js'
import type { Emit, Format } from '../format.js'
import { jsonColumn, typeColumn, type TypedColumn, type TypeRules } from './column-types.js'
import { engines, type Codec, type EngineName } from './engine.js'
import { RowGroup, type GroupPlan, type GroupStats } from './row-group.js'

/** How a Parquet file is made. */
export interface ParquetPlan extends GroupPlan {
  readonly columns: ColumnPlan
  readonly rules: TypeRules
  readonly codec: Codec
  readonly engine: EngineName
  readonly metadata: Readonly<Record<string, string>>
  /** The columns of a file without rows, unless a list of columns was given. */
  readonly withoutRows: readonly string[]
}

/** The format behind `toParquet`. */
export class ParquetFormat implements Format {
  readonly #plan: ParquetPlan
  readonly #stats: EncoderStats & GroupStats
  readonly #emit: Emit
  #columns: readonly Column[] = []
  #sample: readonly Row[] = []
  #held: Row[] = []
  #group: RowGroup | undefined

  constructor(plan: ParquetPlan, stats: EncoderStats & GroupStats, emit: Emit) {
    this.#plan = plan
    this.#stats = stats
    this.#emit = emit
  }

  open(columns: readonly Column[], sample: readonly Row[]): void {
    this.#columns = columns
    this.#sample = sample
  }

  /** Holds rows until there are enough to decide types, however they come in batches, so that one input makes one file. */
  async encode(rows: readonly Row[], first: number): Promise<void> {
    if (this.#group) return this.#group.append(rows, first)
    for (const row of rows) this.#held.push(row)
    if (Math.max(this.#sample.length, this.#held.length) >= this.#plan.columns.sampleSize) await this.#begin()
  }

  async close(): Promise<void> {
    const group = this.#group ?? (await this.#begin())
    await group.finish(this.#plan.metadata)
  }

  async #begin(): Promise<RowGroup> {
    const { engine, codec } = this.#plan
    const columns = this.#typed()
    this.#stats.columns = columns.length
    const open = await engines[engine].load()
    this.#group = new RowGroup(this.#plan, this.#stats, columns, open(columns, codec, this.#emit))
    await this.#group.append(this.#held, 1)
    this.#held = []
    this.#sample = []
    return this.#group
  }

  #typed(): TypedColumn[] {
    const { columns: plan, rules } = this.#plan
    const first = this.#held.slice(0, plan.sampleSize)
    // a list of columns is decided without rows, so the sample may be no more than the first batch
    const sample = this.#sample.length >= first.length ? this.#sample : first
    const columns = this.#held.length > 0 ? this.#columns : this.#withoutRows()
    if (columns.length === 0)
      throw new ExportError('ERR_ENCODE', `${plan.where}: expected records with at least one column, got none`)
    const overflow = plan.columns === 'sample' && plan.lateColumns === 'overflow' ? this.#columns.at(-1) : undefined
    return columns.map((column) => (column === overflow ? jsonColumn(column) : typeColumn(column, sample, rules)))
  }

  /** What a file without rows declares; the overflow column is there already. */
  #withoutRows(): readonly Column[] {
    const { columns, selection } = this.#plan.columns
    if (typeof columns !== 'string') return this.#columns
    const set = new ColumnSet(selection)
    return [...this.#plan.withoutRows.filter(selection.wants).map((id) => set.declare(id)), ...this.#columns]
  }
}

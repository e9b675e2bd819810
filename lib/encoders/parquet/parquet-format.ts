// A Parquet file from rows: the first ones decide the types, then values are collected until they make a row group.
import { ExportError } from '../../errors.js'
import type { Column } from '../../rows/column.js'
import type { SpanRun } from '../../scan/record-spans.js'
import type { Row } from '../../types.js'
import { Breath } from '../breath.js'
import { columnSchema } from '../column-schema.js'
import type { ColumnPlan } from '../columns.js'
import type { EncoderStats } from '../encoder.js'
import type { Emit, Format, Vote } from '../format.js'
import { jsonColumn, typeColumn, voteOn, type TypedColumn, type TypeRules } from './column-types.js'
import { engines, type Codec, type EngineName, type OpenEngine } from './engine.js'
import { RowGroup, type GroupPlan, type GroupStats } from './row-group.js'

/** The resolved options of a Parquet file. */
export interface ParquetPlan extends GroupPlan {
  readonly columns: ColumnPlan
  readonly rules: TypeRules
  readonly codec: Codec
  readonly engine: EngineName
  /** Asked for when the file ends. */
  readonly metadata: () => Readonly<Record<string, string>>
}

/** The format behind `toParquet`. */
export class ParquetFormat implements Format {
  readonly #plan: ParquetPlan
  readonly #stats: EncoderStats & GroupStats
  readonly #emit: Emit
  #columns: readonly Column[] = []
  #held: Row[] = []
  #group: RowGroup | undefined
  /** Begun at once, so that it is there when the first records are. */
  readonly #engine: Promise<OpenEngine>

  /** Only where the engine takes spans. */
  readonly encodeSpans: Format['encodeSpans']

  constructor(plan: ParquetPlan, stats: EncoderStats & GroupStats, emit: Emit) {
    this.#plan = plan
    this.#stats = stats
    this.#emit = emit
    this.#engine = engines[plan.engine].load(plan.codec)
    // a failure is thrown where the engine is awaited; until then it is no unhandled rejection
    void Promise.allSettled([this.#engine])
    if (engines[plan.engine].takesSpans) this.encodeSpans = (runs, first) => this.#encodeRuns(runs, first)
  }

  async open(columns: readonly Column[], sample: readonly Row[]): Promise<void> {
    this.#columns = columns
    if (this.#isDecidedBySample) await this.#begin(sample)
  }

  /** A list of columns comes without a sample: rows are held until there is one, so that batches make no difference. */
  async encode(rows: readonly Row[], first: number): Promise<void> {
    if (this.#group) return this.#group.append(rows, first)
    for (const row of rows) this.#held.push(row)
    if (this.#held.length >= this.#plan.columns.sampleSize) await this.#begin(this.#held)
  }

  /** Until the types are decided, records are needed as such. */
  async #encodeRuns(runs: readonly SpanRun[], first: number): Promise<void> {
    let number = first
    for (const run of runs) {
      if (this.#group) await this.#group.appendSpans(run, number)
      else await this.encode(run.spans.records(run.from, run.to), number)
      number += run.to - run.from
    }
  }

  voteOn(column: Column): Vote | undefined {
    return voteOn(column, this.#plan.rules)
  }

  async close(): Promise<void> {
    const group = this.#group ?? (await this.#begin(this.#held))
    await group.finish(this.#plan.metadata())
  }

  get #isDecidedBySample(): boolean {
    return typeof this.#plan.columns.columns === 'string'
  }

  async #begin(rows: readonly Row[]): Promise<RowGroup> {
    const { codec, columns: plan } = this.#plan
    const columns = await this.#typed(rows.slice(0, this.#isDecidedBySample ? rows.length : plan.sampleSize))
    this.#stats.columns = columns.length
    this.#stats.schema = columns.map((column) => columnSchema(column, column.type, column.chosen))
    const open = await this.#engine
    this.#group = new RowGroup(this.#plan, this.#stats, columns, open(columns, codec, this.#emit))
    await this.#group.append(this.#held, 1)
    this.#held = []
    return this.#group
  }

  async #typed(sample: readonly Row[]): Promise<TypedColumn[]> {
    const { columns: plan, rules } = this.#plan
    const overflow = plan.columns === 'sample' && plan.lateColumns === 'overflow' ? this.#columns.at(-1) : undefined
    const columns = this.#columns
    if (columns.length === 0)
      throw new ExportError('ERR_ENCODE', `${plan.where}: expected records with at least one column, got none`)
    const typed: TypedColumn[] = []
    const breath = new Breath()
    for (const column of columns) {
      typed.push(column === overflow ? jsonColumn(column) : typeColumn(column, sample, rules))
      await breath.pause()
    }
    return typed
  }
}

// Writes rows as a file whose columns have types. The first rows decide the types; then values are collected until a row group is full.
import { ExportError } from '../../shared/errors.js'
import type { Column } from '../../schema/column.js'
import type { LayoutRun } from '../../fastpath/scan/record-spans.js'
import type { Row } from '../../shared/types.js'
import { TimeSlicer } from '../time-slicer.js'
import { createColumnSchema } from '../../schema/column-schema.js'
import type { ColumnPlan } from '../column-options.js'
import type { EncoderStats } from '../encoder.js'
import type { Emit, Format, SignatureFunction } from '../format.js'
import {
  createJsonColumn,
  decideColumnType,
  getSignatureFunction,
  type TypedColumn,
  type TypeOptions,
} from './decide-column-type.js'
import type { OpenEngine } from './column-engine.js'
import { RowGroupWriter, type RowGroupPlan, type RowGroupStats } from './row-group-writer.js'

/** The resolved options of a file whose engine takes cells column by column. */
export interface TypedFormatPlan extends RowGroupPlan {
  readonly columns: ColumnPlan
  readonly typeOptions: TypeOptions
  /** True if the columns of the engine accept spans. */
  readonly canTakeSpans: boolean
  /** Loads the package that writes the file. */
  readonly loadEngine: () => Promise<OpenEngine>
  /** Returns the metadata of the file; called when the file ends. */
  readonly metadata: () => Readonly<Record<string, string>>
}

export class TypedFormat implements Format {
  readonly #plan: TypedFormatPlan
  readonly #stats: EncoderStats & RowGroupStats
  readonly #emit: Emit
  #columns: readonly Column[] = []
  #heldRows: Row[] = []
  #rowGroup: RowGroupWriter | undefined
  /** Loading starts at once, so that it overlaps with the first request. */
  readonly #openEngine: Promise<OpenEngine>

  /** Undefined if the engine does not accept spans. */
  readonly encodeSpans: Format['encodeSpans']

  constructor(plan: TypedFormatPlan, stats: EncoderStats & RowGroupStats, emit: Emit) {
    this.#plan = plan
    this.#stats = stats
    this.#emit = emit
    this.#openEngine = plan.loadEngine()
    // suppresses unhandledRejection until the promise is awaited
    void Promise.allSettled([this.#openEngine])
    if (plan.canTakeSpans) this.encodeSpans = (runs, firstRowNumber) => this.#encodeRuns(runs, firstRowNumber)
  }

  async open(columns: readonly Column[], sample: readonly Row[]): Promise<void> {
    this.#columns = columns
    if (this.#hasSampledColumns) await this.#beginFile(sample)
  }

  /**
   * Encodes rows. With a list of columns {@link open} gets no sample, so rows are held until `sampleSize` of them can decide
   * the types. Batches may have any size.
   */
  async encode(rows: readonly Row[], firstRowNumber: number): Promise<void> {
    if (this.#rowGroup) return this.#rowGroup.append(rows, firstRowNumber)
    for (const row of rows) this.#heldRows.push(row)
    if (this.#heldRows.length >= this.#plan.columns.sampleSize) await this.#beginFile(this.#heldRows)
  }

  /** Encodes runs from their bytes, or as objects until the types are decided. */
  async #encodeRuns(runs: readonly LayoutRun[], firstRowNumber: number): Promise<void> {
    let rowNumber = firstRowNumber
    for (const run of runs) {
      if (this.#rowGroup) await this.#rowGroup.appendSpans(run, rowNumber)
      else await this.encode(run.spans.getRecords(run.from, run.to), rowNumber)
      rowNumber += run.to - run.from
    }
  }

  getSignatureFunction(column: Column): SignatureFunction | undefined {
    return getSignatureFunction(column, this.#plan.typeOptions)
  }

  async close(): Promise<void> {
    const rowGroup = this.#rowGroup ?? (await this.#beginFile(this.#heldRows))
    await rowGroup.finish(this.#plan.metadata())
  }

  get #hasSampledColumns(): boolean {
    return typeof this.#plan.columns.columns === 'string'
  }

  async #beginFile(rows: readonly Row[]): Promise<RowGroupWriter> {
    const plan = this.#plan.columns
    const columns = await this.#decideTypes(rows.slice(0, this.#hasSampledColumns ? rows.length : plan.sampleSize))
    this.#stats.columns = columns.length
    this.#stats.schema = columns.map((column) => createColumnSchema(column, column.type, column.chosen))
    const open = await this.#openEngine
    this.#rowGroup = new RowGroupWriter(this.#plan, this.#stats, columns, open(columns, this.#emit))
    await this.#rowGroup.append(this.#heldRows, 1)
    this.#heldRows = []
    return this.#rowGroup
  }

  async #decideTypes(sample: readonly Row[]): Promise<TypedColumn[]> {
    const { columns: plan, typeOptions } = this.#plan
    const overflow = plan.columns === 'sample' && plan.lateColumns === 'overflow' ? this.#columns.at(-1) : undefined
    const columns = this.#columns
    if (columns.length === 0)
      throw new ExportError('ERR_ENCODE', `${plan.where}: expected records with at least one column, got none`)
    const typedColumns: TypedColumn[] = []
    const timeSlicer = new TimeSlicer()
    for (const column of columns) {
      typedColumns.push(column === overflow ? createJsonColumn(column) : decideColumnType(column, sample, typeOptions))
      await timeSlicer.yieldIfDue()
    }
    return typedColumns
  }
}

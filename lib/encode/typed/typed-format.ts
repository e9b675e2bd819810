// Decides the types of columns: from the example rows or, for a list of columns, from the first rows. Parquet, Arrow, Singer and workbooks
// extend this class.
import type { Column } from '../../schema/column.js'
import { createColumnSchema } from '../../schema/column-schema.js'
import type { RecordOrRow } from '../../shared/types.js'
import type { EncoderStats } from '../encoder.js'
import type { Format, SignatureFunction } from '../format.js'
import { TimeSlicer } from '../time-slicer.js'
import { decideColumnType, getSignatureFunction, type TypedColumn } from './decide-column-type.js'
import type { SchemaPlan } from './typed-options.js'

export interface TypedRowWriter {
  append(rows: readonly RecordOrRow[], firstRowNumber: number): Promise<void>
}

export abstract class TypedFormat<P extends SchemaPlan, W extends TypedRowWriter> implements Format {
  protected readonly plan: P
  protected readonly stats: EncoderStats
  protected writer: W | undefined
  #columns: readonly Column[] = []
  #heldRows: RecordOrRow[] = []

  constructor(plan: P, stats: EncoderStats) {
    this.plan = plan
    this.stats = stats
  }

  protected abstract createWriter(columns: readonly TypedColumn[], exampleRows: readonly RecordOrRow[]): W | Promise<W>
  abstract close(): Promise<void>

  async open(columns: readonly Column[], exampleRows: readonly RecordOrRow[]): Promise<void> {
    this.#columns = columns
    if (typeof this.plan.columnPlan.columns === 'string') await this.#decideTypes(exampleRows)
  }

  /** With a list of columns, {@link open} gets no example rows, so `sampleSize` rows are held until they decide the types. */
  async encode(rows: readonly RecordOrRow[], firstRowNumber: number): Promise<void> {
    if (this.writer) return this.writer.append(rows, firstRowNumber)
    for (const row of rows) this.#heldRows.push(row)
    if (this.#heldRows.length >= this.plan.columnPlan.sampleSize) await this.ensureWriter()
  }

  getSignatureFunction(column: Column): SignatureFunction | undefined {
    return getSignatureFunction(column, this.plan.typePlan)
  }

  /** Returns the writer. If it does not exist yet, decides the types and writes the held rows. */
  protected async ensureWriter(): Promise<W> {
    return this.writer ?? this.#decideTypes(this.#heldRows.slice(0, this.plan.columnPlan.sampleSize))
  }

  protected decideType(column: Column, rows: readonly RecordOrRow[]): TypedColumn {
    return decideColumnType(column, rows, this.plan.typePlan)
  }

  async #decideTypes(rows: readonly RecordOrRow[]): Promise<W> {
    const columns: TypedColumn[] = []
    const timeSlicer = new TimeSlicer()
    for (const column of this.#columns) {
      columns.push(this.decideType(column, rows))
      await timeSlicer.yieldIfDue()
    }
    this.stats.columns = columns.length
    this.stats.schema = columns.map((column) => createColumnSchema(column, column.type, column.chosen))
    this.writer = await this.createWriter(columns, rows)
    await this.writer.append(this.#heldRows, 1)
    this.#heldRows = []
    return this.writer
  }
}

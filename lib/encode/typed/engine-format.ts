// Writes rows as a file whose columns have types, by an engine.
import type { Column } from '../../schema/column.js'
import type { PlannedRun } from '../../spans/record-spans.js'
import type { RecordOrRow } from '../../shared/types.js'
import { checkHasColumns } from '../column-options.js'
import type { EncoderStats } from '../encoder.js'
import type { Emit, Format } from '../format.js'
import type { TypedColumn } from './decide-column-type.js'
import type { GetMetadata, OpenEngine } from './column-engine.js'
import { RowGroupWriter, type RowGroupPlan, type RowGroupStats } from './row-group-writer.js'
import { TypedFormat } from './typed-format.js'
import type { SchemaPlan } from './typed-options.js'

export interface EngineFormatPlan extends RowGroupPlan, SchemaPlan {
  readonly canTakeSpans: boolean
  readonly loadEngine: () => Promise<OpenEngine>
  readonly getMetadata: GetMetadata
}

export class EngineFormat extends TypedFormat<EngineFormatPlan, RowGroupWriter> {
  readonly #rowGroupStats: RowGroupStats
  readonly #emit: Emit
  /** Loading begins when the format is created. In an export, it then runs during the first request. */
  readonly #openEngine: Promise<OpenEngine>

  readonly encodeSpans: Format['encodeSpans']

  constructor(plan: EngineFormatPlan, stats: EncoderStats & RowGroupStats, emit: Emit) {
    super(plan, stats)
    this.#rowGroupStats = stats
    this.#emit = emit
    this.#openEngine = plan.loadEngine()
    // suppresses unhandledRejection until the promise is awaited
    void Promise.allSettled([this.#openEngine])
    if (plan.canTakeSpans) this.encodeSpans = (runs, firstRowNumber) => this.#encodeRuns(runs, firstRowNumber)
  }

  override async open(columns: readonly Column[], exampleRows: readonly RecordOrRow[]): Promise<void> {
    checkHasColumns(this.plan.columnPlan.where, columns)
    await super.open(columns, exampleRows)
  }

  async #encodeRuns(runs: readonly PlannedRun[], firstRowNumber: number): Promise<void> {
    let rowNumber = firstRowNumber
    for (const [index, { spans, from, to }] of runs.entries()) {
      if (this.writer) return this.writer.appendRuns(runs.slice(index), rowNumber)
      await this.encode(spans.getRecords(from, to), rowNumber)
      rowNumber += to - from
    }
  }

  async close(): Promise<void> {
    const writer = await this.ensureWriter()
    await writer.finish()
  }

  protected async createWriter(columns: readonly TypedColumn[]): Promise<RowGroupWriter> {
    const open = await this.#openEngine
    return new RowGroupWriter(this.plan, this.#rowGroupStats, columns, open(columns, this.#emit, this.plan.getMetadata))
  }
}

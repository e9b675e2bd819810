// Decides the columns of records, and passes the records as rows to a format.
import type { Column } from '../../schema/column.js'
import { ColumnSet } from '../../schema/column-set.js'
import { createCollisionError } from '../../schema/names/column-names.js'
import { expandRecords, pairRowMakerOptions } from '../../schema/rows/group-rows.js'
import { defaultColumnsWithoutRows } from '../../shared/reports/report-kinds.js'
import { RecordSpans, type PlannedRun } from '../../spans/record-spans.js'
import { RowMaker } from '../../fastpath/rows/row-maker.js'
import type { RecordLayout } from '../../spans/record-layout.js'
import type { RecordOrRow } from '../../shared/types.js'
import { createCellPlan, type CellPlan } from './cell-plan.js'
import { TimeSlicer } from '../time-slicer.js'
import { createKnownColumnSchema } from '../../schema/column-schema.js'
import { OVERFLOW_COLUMN, type ColumnPlan } from '../column-options.js'
import type { EncoderStats } from '../encoder.js'
import type { RecordEncoder, EncoderContext } from '../record-encoder.js'
import type { Format } from '../format.js'
import { LateColumns } from './late-columns.js'
import { NameCheck } from '../name-check.js'
import { Sample } from './sample.js'
import { TwoPassFormat } from './two-pass-format.js'

const RECORDS_PER_CLOCK_CHECK = 25

export class TableEncoder implements RecordEncoder {
  readonly #columnPlan: ColumnPlan
  readonly #format: Format
  readonly #stats: EncoderStats
  readonly #columnSet: ColumnSet
  readonly #nameCheck: NameCheck
  readonly #getColumnsIfEmpty: EncoderContext['getColumnsIfEmpty']
  readonly #isPartOfTable: EncoderContext['isPartOfTable']
  readonly #lateColumns: LateColumns
  readonly #warnAtEnd: () => void
  #columns: readonly Column[] = []
  /** The cell plan of each record layout; `'objects'`: records of this layout are encoded as objects. */
  readonly #cellPlanByLayout = new Map<RecordLayout, CellPlan | 'objects'>()
  /** Undefined once the columns are decided. */
  #sample: Sample | undefined
  #sampledBatches: (readonly RecordOrRow[] | RecordSpans)[] = []
  readonly #timeSlicer = new TimeSlicer()
  readonly #pairRowMaker = new RowMaker(pairRowMakerOptions)

  /** @param warnAtEnd emits the warnings that are known when the last byte is written */
  constructor(
    plan: ColumnPlan,
    format: Format,
    stats: EncoderStats,
    { getColumnsIfEmpty, isPartOfTable, warn }: Omit<EncoderContext, 'getExportFacts'>,
    singleColumnFields: readonly string[] = [],
    warnAtEnd: () => void = () => undefined,
  ) {
    this.#getColumnsIfEmpty = getColumnsIfEmpty
    this.#isPartOfTable = isPartOfTable
    this.#columnPlan = plan
    this.#format = plan.columns === 'all' && !format.addColumns ? new TwoPassFormat(format) : format
    this.#stats = stats
    this.#warnAtEnd = warnAtEnd
    this.#nameCheck = new NameCheck(plan, stats, warn)
    this.#lateColumns = new LateColumns(plan, stats)
    this.#columnSet = new ColumnSet(plan.selection, singleColumnFields)
    const sampleSize = Array.isArray(plan.columns) || plan.earlierColumns ? 0 : plan.sampleSize
    this.#sample = new Sample(this.#columnSet, this.#format, sampleSize)
  }

  async writeRecords(records: readonly RecordOrRow[]): Promise<void> {
    const rows = expandRecords(records)
    if (this.#sample) await this.#sampleRecords(rows, this.#sample)
    else await this.#encode(rows)
  }

  get writeSpans(): RecordEncoder['writeSpans'] {
    return this.#format.encodeSpans && ((records) => this.#writeSpans(records))
  }

  get keptPart(): RecordEncoder['keptPart'] {
    return this.#sample && 'page'
  }

  async flush(): Promise<void> {
    if (!this.#sample) await this.#format.flush?.()
  }

  async end(): Promise<void> {
    if (this.#sample) await this.#openFormat(this.#sample)
    if (!this.#isPartOfTable()) this.#nameCheck.finish(this.#isSelectionEmpty)
    await this.#format.close()
    this.#warnAtEnd()
  }

  async dispose(): Promise<void> {
    await this.#format.dispose?.()
  }

  /**
   * Adds records to the sample until it is complete. Checks the clock after a few of them, because this code is slow until V8 has compiled
   * it. The records are encoded later, in the batches in which they arrived.
   */
  async #sampleRecords(records: readonly RecordOrRow[] | RecordSpans, sample: Sample): Promise<void> {
    const sampleEnd = Math.min(records.length, sample.rowsLeft)
    for (let from = 0; from < sampleEnd; from += RECORDS_PER_CLOCK_CHECK) {
      const to = Math.min(from + RECORDS_PER_CLOCK_CHECK, sampleEnd)
      sample.addRows(records instanceof RecordSpans ? records.getRecords(from, to) : records.slice(from, to))
      await this.#timeSlicer.yieldIfDue()
    }
    this.#sampledBatches.push(records)
    if (sample.rowsLeft === 0) await this.#openFormat(sample)
  }

  async #openFormat({ exampleRows }: Sample): Promise<void> {
    const sampledBatches = this.#sampledBatches
    this.#sample = undefined
    this.#sampledBatches = []
    if (sampledBatches.every(({ length }) => length === 0)) this.#declareColumnsIfEmpty()
    this.#columns = this.#decideColumns()
    if (this.#columns.length === 0 && this.#columnPlan.columns === 'sample') this.#rejectEmptySelection(sampledBatches)
    this.#stats.columns = this.#columns.length
    this.#stats.schema = this.#columns.map(createKnownColumnSchema)
    await this.#timeSlicer.yieldIfDue()
    await this.#format.open(this.#columns, exampleRows)
    for (const records of sampledBatches) {
      if (records instanceof RecordSpans) await this.#writeRowSpans(records)
      else await this.#encode(records)
    }
  }

  /** True if no selected column was found. In a file without rows, the columns of {@link #declareColumnsIfEmpty} count as found. */
  get #isSelectionEmpty(): boolean {
    const { columns } = this.#columnPlan
    return typeof columns === 'string' ? this.#columnSet.isEmpty : this.#nameCheck.hasNoMatch(columns)
  }

  #rejectEmptySelection(sampledBatches: readonly (readonly RecordOrRow[] | RecordSpans)[]): void {
    for (const records of sampledBatches)
      for (const row of records instanceof RecordSpans ? records.getRecords() : records)
        this.#nameCheck.matchRecord(row)
    this.#nameCheck.rejectEmptySelection()
  }

  /** Adds columns to a file without rows, because some readers refuse a file without columns. */
  #declareColumnsIfEmpty(): void {
    const { columns, earlierColumns, pick } = this.#columnPlan
    if (typeof columns !== 'string' || earlierColumns) return
    this.#columnSet.addForEmptyFile(pick ?? this.#getColumnsIfEmpty() ?? defaultColumnsWithoutRows)
  }

  #decideColumns(): Column[] {
    const { where, columns, earlierColumns, lateColumns } = this.#columnPlan
    if (typeof columns !== 'string') return columns.map((id, rank) => this.#columnSet.add(id, rank))
    if (earlierColumns) this.#columnSet.addFromSchema(earlierColumns)
    const decided = this.#columnSet.getOrderedColumns()
    if (columns === 'sample') this.#columnSet.freezeNames()
    if (lateColumns !== 'overflow' || columns === 'all') return decided
    const collidingColumn = decided.find(({ name }) => name === OVERFLOW_COLUMN)
    if (collidingColumn) throw createCollisionError(where, OVERFLOW_COLUMN, [collidingColumn.id, OVERFLOW_COLUMN])
    return [...decided, this.#lateColumns.overflow]
  }

  async #encode(rows: readonly RecordOrRow[]): Promise<void> {
    const firstRowNumber = this.#stats.rows + 1
    if (this.#nameCheck.hasUnmatchedNames) for (const row of rows) this.#nameCheck.matchRecord(row)
    if (this.#columnPlan.columns === 'all') await this.#appendColumns(rows)
    else if (this.#columnPlan.columns === 'sample')
      for (const [index, row] of rows.entries())
        this.#lateColumns.addRow(row, this.#columnSet.discover(row), firstRowNumber + index)
    this.#stats.rows += rows.length
    await this.#format.encode(rows, firstRowNumber)
  }

  async #writeSpans(records: RecordSpans): Promise<void> {
    const rows = records.mayHaveGroups ? this.#pairRowMaker.makeRows(records) : records
    if (!rows) return this.writeRecords(records.getRecords())
    await this.#writeRowSpans(rows.unwrapLists())
  }

  async #writeRowSpans(spans: RecordSpans): Promise<void> {
    if (this.#sample) return this.#sampleRecords(spans, this.#sample)
    let runs: PlannedRun[] = []
    for (const { layout, from, to } of spans.listLayoutRuns()) {
      let cellPlan = this.#cellPlanByLayout.get(layout)
      if (cellPlan === undefined || cellPlan === 'objects') {
        await this.#encodeRuns(runs)
        runs = []
      }
      cellPlan ??= await this.#planNewLayout(layout, spans.getRecord(from))
      if (cellPlan === 'objects') await this.#encode(spans.getRecords(from, to))
      else {
        this.#lateColumns.countDroppedCells(spans, from, to)
        const { columnSlots, objectCells } = cellPlan
        runs.push({ spans, from, to, columnSlots, objectCells })
      }
    }
    await this.#encodeRuns(runs)
  }

  async #encodeRuns(runs: readonly PlannedRun[]): Promise<void> {
    if (runs.length === 0) return
    const firstRowNumber = this.#stats.rows + 1
    this.#stats.rows += runs.reduce((sum, { from, to }) => sum + to - from, 0)
    await this.#format.encodeSpans!(runs, firstRowNumber)
  }

  async #planNewLayout(layout: RecordLayout, record: RecordOrRow): Promise<CellPlan | 'objects'> {
    this.#nameCheck.matchRecord(record)
    if (this.#columnPlan.columns === 'all') await this.#appendColumns([record])
    else if (this.#columnPlan.columns === 'sample')
      this.#lateColumns.add(this.#columnSet.discover(record), this.#stats.rows + 1)
    const cellPlan = createCellPlan(layout, this.#columns) ?? 'objects'
    this.#cellPlanByLayout.set(layout, cellPlan)
    return cellPlan
  }

  async #appendColumns(rows: readonly RecordOrRow[]): Promise<void> {
    const newColumns = rows.flatMap((row) => this.#columnSet.discover(row))
    if (newColumns.length === 0) return
    this.#stats.lateColumns += newColumns.length
    this.#stats.columns += newColumns.length
    this.#columns = [...this.#columns, ...newColumns]
    this.#stats.schema = this.#columns.map(createKnownColumnSchema)
    this.#cellPlanByLayout.clear()
    await this.#format.addColumns?.(newColumns)
  }
}

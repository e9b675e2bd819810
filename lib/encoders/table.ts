// Rows under fixed columns: the first records decide which, the late policy rules on what comes after.
import type { Column } from '../rows/column.js'
import { ColumnSet } from '../rows/column-set.js'
import { collisionOf, isNestedName, rowsOf } from '../rows/flatten.js'
import { mayBeGroup, processFields } from '../reports/report.js'
import { RecordSpans, type SpanRun } from '../scan/record-spans.js'
import type { Shape } from '../scan/shape.js'
import type { Row } from '../types.js'
import { Breath } from './breath.js'
import { textSchema } from './column-schema.js'
import { OVERFLOW, type ColumnPlan } from './columns.js'
import type { EncoderStats, RecordSink, SinkContext } from './encoder.js'
import type { Format } from './format.js'
import { LateColumns } from './late-columns.js'
import { NameCheck } from './name-check.js'
import { Sample } from './sample.js'
import { TwoPass } from './two-pass.js'

/** Records between two looks at the clock. */
const RECORDS_PER_CLOCK_CHECK = 25

/** Holds the first records until the columns are decided, then hands rows to the format. */
export class Table implements RecordSink {
  readonly #plan: ColumnPlan
  readonly #format: Format
  readonly #stats: EncoderStats
  readonly #set: ColumnSet
  readonly #names: NameCheck
  readonly #knownColumns: SinkContext['knownColumns']
  readonly #whole: readonly string[]
  readonly #late: LateColumns
  #columns: readonly Column[] = []
  /** How records of each shape are encoded: from their bytes, with the number of the value of each column, or as rows. */
  readonly #orders = new Map<Shape, Int32Array | 'rows'>()
  /** Until the columns are decided. */
  #sample: Sample | undefined
  /** The records of the sample as they came, and others that came with them. */
  #held: (readonly Row[] | RecordSpans)[] = []
  readonly #breath = new Breath()

  /** @param whole nested fields that are one column each, rather than a column a key */
  constructor(
    plan: ColumnPlan,
    format: Format,
    stats: EncoderStats,
    { knownColumns, warn }: Pick<SinkContext, 'knownColumns' | 'warn'>,
    whole: readonly string[] = [],
  ) {
    this.#knownColumns = knownColumns
    this.#plan = plan
    this.#format = plan.columns === 'all' && !format.append ? new TwoPass(format) : format
    this.#stats = stats
    this.#names = new NameCheck(plan, stats, warn)
    this.#whole = whole
    this.#late = new LateColumns(plan, stats)
    this.#set = new ColumnSet(plan.selection, whole)
    const sampleSize = Array.isArray(plan.columns) || plan.earlier ? 0 : plan.sampleSize
    this.#sample = new Sample(this.#set, this.#format, sampleSize)
  }

  async take(records: readonly Row[]): Promise<void> {
    const rows = records.some((record) => Array.isArray(record['value'])) ? records.flatMap(rowsOf) : records
    if (this.#sample) await this.#consider(rows, this.#sample)
    else await this.#encode(rows)
  }

  get takeSpans(): RecordSink['takeSpans'] {
    return this.#format.encodeSpans && ((records) => this.#takeSpans(records))
  }

  async flush(): Promise<void> {
    if (!this.#sample) await this.#format.flush?.()
  }

  async end(): Promise<void> {
    if (this.#sample) await this.#open(this.#sample)
    this.#names.finish(this.#isEmpty, this.#columns)
    await this.#format.close()
  }

  async dispose(): Promise<void> {
    await this.#format.dispose?.()
  }

  /**
   * The first records decide; a few at a time, since all this runs for the first time and takes longest then. All of them
   * are encoded as they came.
   */
  async #consider(records: readonly Row[] | RecordSpans, sample: Sample): Promise<void> {
    const most = Math.min(records.length, sample.room)
    for (let from = 0; from < most; from += RECORDS_PER_CLOCK_CHECK) {
      const to = Math.min(from + RECORDS_PER_CLOCK_CHECK, most)
      sample.take(records instanceof RecordSpans ? records.records(from, to) : records.slice(from, to))
      await this.#breath.pause()
    }
    this.#held.push(records)
    if (sample.room === 0) await this.#open(sample)
  }

  async #open({ rows }: Sample): Promise<void> {
    const held = this.#held
    this.#sample = undefined
    this.#held = []
    if (held.every(({ length }) => length === 0)) this.#declareWithoutRows()
    this.#columns = this.#decide()
    if (this.#columns.length === 0 && this.#plan.columns === 'sample') this.#refuseNone(held)
    this.#stats.columns = this.#columns.length
    this.#stats.schema = this.#columns.map(textSchema)
    await this.#breath.pause()
    await this.#format.open(this.#columns, rows)
    for (const records of held) {
      if (records instanceof RecordSpans) await this.#takeSpans(records)
      else await this.#encode(records)
    }
  }

  /** Whether the records have none of the wanted columns. */
  get #isEmpty(): boolean {
    const { columns } = this.#plan
    return typeof columns === 'string' ? this.#set.isEmpty : this.#names.areAllUnmatched(columns)
  }

  #refuseNone(held: readonly (readonly Row[] | RecordSpans)[]): void {
    for (const records of held)
      for (const row of records instanceof RecordSpans ? records.records() : records) this.#names.look(row)
    this.#names.refuseIf(true)
  }

  /** A file without rows has columns all the same, since readers refuse an empty file. */
  #declareWithoutRows(): void {
    const { columns, earlier, selection, pick } = this.#plan
    if (typeof columns !== 'string' || earlier) return
    const ids = pick ?? this.#knownColumns() ?? processFields
    for (const [rank, id] of ids.filter(selection.wants).entries()) this.#set.declare(id, rank)
  }

  #decide(): Column[] {
    const { where, columns, earlier, lateColumns, selection } = this.#plan
    if (typeof columns !== 'string') return columns.map((id, rank) => this.#set.declare(id, rank))
    earlier?.filter(selection.wants).forEach((id, rank) => this.#set.expect(id, rank))
    const decided = this.#set.ordered()
    if (columns === 'sample') this.#set.fixNames()
    if (lateColumns !== 'overflow' || columns === 'all') return decided
    const taken = decided.find(({ name }) => name === OVERFLOW)
    if (taken) throw collisionOf(where, OVERFLOW, [taken.id, OVERFLOW])
    return [...decided, this.#late.overflow]
  }

  async #encode(rows: readonly Row[]): Promise<void> {
    const first = this.#stats.rows + 1
    if (this.#names.isOpen) for (const row of rows) this.#names.look(row)
    if (this.#plan.columns === 'all') await this.#append(rows)
    else if (this.#plan.columns === 'sample')
      for (const [at, row] of rows.entries()) this.#late.take(row, this.#set.discover(row), first + at)
    this.#stats.rows += rows.length
    await this.#format.encode(rows, first)
  }

  /** Encodes records from their bytes as far as their shapes allow it, and the others as objects. */
  async #takeSpans(spans: RecordSpans): Promise<void> {
    if (spans.stretches().some(({ shape }) => mayBeGroup((field) => shape.slotOf(field) >= 0)))
      return this.take(spans.records())
    if (this.#sample) return this.#consider(spans, this.#sample)
    let runs: SpanRun[] = []
    for (const { shape, from, to } of spans.stretches()) {
      let order = this.#orders.get(shape)
      if (order === undefined || order === 'rows') {
        await this.#encodeRuns(runs)
        runs = []
      }
      order ??= await this.#orderOf(shape, spans.record(from))
      if (order === 'rows') await this.#encode(spans.records(from, to))
      else runs.push({ spans, from, to, order })
    }
    await this.#encodeRuns(runs)
  }

  async #encodeRuns(runs: readonly SpanRun[]): Promise<void> {
    if (runs.length === 0) return
    const first = this.#stats.rows + 1
    this.#stats.rows += runs.reduce((sum, { from, to }) => sum + to - from, 0)
    await this.#format.encodeSpans!(runs, first)
  }

  async #orderOf(shape: Shape, record: Row): Promise<Int32Array | 'rows'> {
    this.#names.look(record)
    if (this.#plan.columns === 'all') await this.#append([record])
    else if (this.#plan.columns === 'sample') this.#late.add(this.#set.discover(record), this.#stats.rows + 1)
    // a nested field that is no object is a column of its own, unless it is null
    const isTold =
      ![...this.#columns, ...this.#late.all].some(({ id }) => this.#isWhole(id)) &&
      !shape.columns.some((id) => id !== undefined && (isNestedName(id) || this.#late.has(id)))
    const order = isTold ? Int32Array.from(this.#columns, ({ id }) => shape.slotOf(id)) : 'rows'
    this.#orders.set(shape, order)
    return order
  }

  /** A nested field that is one column, whose values a shape has apart. */
  #isWhole(id: string): boolean {
    return isNestedName(id) && (typeof this.#plan.columns !== 'string' || this.#whole.includes(id))
  }

  async #append(rows: readonly Row[]): Promise<void> {
    const late = rows.flatMap((row) => this.#set.discover(row))
    if (late.length === 0) return
    this.#stats.lateColumns += late.length
    this.#stats.columns += late.length
    this.#columns = [...this.#columns, ...late]
    this.#stats.schema = this.#columns.map(textSchema)
    this.#orders.clear()
    await this.#format.append?.(late)
  }
}

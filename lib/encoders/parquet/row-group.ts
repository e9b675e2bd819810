// Rows become row groups: cells go into the columns' builders until there are enough rows or bytes of them.
import { ExportError } from '../../errors.js'
import { shortText } from '../../rows/cell.js'
import { digitsOf } from '../../rows/column.js'
import type { RecordSpans, SpanRun } from '../../scan/record-spans.js'
import type { Cell, Row } from '../../types.js'
import { Breath } from '../breath.js'
import type { SpanBuilder } from './column-builder.js'
import type { TypedColumn } from './column-types.js'
import type { ParquetEngine } from './engine.js'
import { mostBytesOf } from './most-bytes.js'
import { typeText } from './types.js'

/** What bounds a row group, and what messages name. */
export interface GroupPlan {
  readonly where: string
  readonly engine: string
  readonly rowGroupRows: number
  readonly rowGroupBytes: number
}

/** Counts the row groups written. */
export interface GroupStats {
  rowGroups: number
}

/** Cells between two looks at the clock: at most a few milliseconds of them, however cold the code is. */
const CELLS_PER_CLOCK_CHECK = 5000

/** The row group at hand, over and over. */
export class RowGroup {
  readonly #plan: GroupPlan
  readonly #stats: GroupStats
  readonly #columns: readonly TypedColumn[]
  readonly #engine: ParquetEngine
  readonly #mostBytes: (records: number, jsonBytes: number) => number
  #rows = 0
  #bytes = 0
  #cells = 0
  readonly #breath = new Breath()

  constructor(plan: GroupPlan, stats: GroupStats, columns: readonly TypedColumn[], engine: ParquetEngine) {
    this.#plan = plan
    this.#stats = stats
    this.#columns = columns
    this.#engine = engine
    this.#mostBytes = mostBytesOf(columns)
  }

  async append(rows: readonly Row[], first: number): Promise<void> {
    for (const [at, row] of rows.entries()) {
      this.#appendRow(row, first + at)
      if (this.#isDue) await this.#catchUp()
    }
  }

  /**
   * Appends the records of a run column by column, as many at a time as certainly do not fill the row group; so it is cut
   * where {@link append} of the same records would.
   */
  async appendSpans(run: SpanRun, first: number): Promise<void> {
    for (let from = run.from; from < run.to;) {
      const to = this.#engine.show!(run.spans, from, this.#endOfBlock(run, from))
      this.#appendBlock(run, from, to, first - run.from)
      if (this.#isDue) await this.#catchUp()
      from = to
    }
  }

  async finish(metadata: Readonly<Record<string, string>>): Promise<void> {
    if (this.#rows > 0) await this.#write()
    await this.#asked(() => this.#engine.finish(metadata))
  }

  #appendRow(row: Row, number: number): void {
    const { builders } = this.#engine
    let at = 0
    try {
      for (; at < builders.length; at++) {
        const column = this.#columns[at]!
        const cell = column.read(row)
        const bytes = builders[at]!.append(cell, 0, typeof cell === 'number' ? digitsOf(column, row) : undefined)
        if (bytes === undefined) throw cellType(this.#plan.where, number, column, cell)
        this.#bytes += bytes
      }
    } catch (error) {
      throw this.#explained(error, number, at)
    }
    this.#rows++
    this.#cells += builders.length
  }

  /** At least one record. */
  #endOfBlock({ spans, to }: SpanRun, from: number): number {
    const { rowGroupRows, rowGroupBytes } = this.#plan
    const most = Math.min(to - from, rowGroupRows - this.#rows, Math.ceil(CELLS_PER_CLOCK_CHECK / this.#columns.length))
    const left = rowGroupBytes - this.#bytes
    let records = most
    while (records > 1 && this.#mostBytes(records, spans.ends[from + records - 1]! - spans.starts[from]!) >= left)
      records = Math.floor(records / 2)
    return from + records
  }

  /** @param offset what makes the number of a record of its place */
  #appendBlock({ spans, order }: SpanRun, from: number, to: number, offset: number): void {
    const builders = this.#engine.spanBuilders!
    let failing = -1
    let end = to
    let at = 0
    try {
      for (; at < builders.length; at++) {
        const reached = this.#appendColumn(builders[at]!, order[at]!, spans, from, end)
        if (reached < end) failing = at
        end = reached
      }
    } catch (error) {
      throw this.#explained(error, from + offset, at)
    }
    if (failing >= 0) {
      const cell = spans.value(end, order[failing]!)
      throw cellType(this.#plan.where, end + offset, this.#columns[failing]!, cell)
    }
    this.#rows += to - from
    this.#cells += (to - from) * builders.length
  }

  /** Returns `to`, or the first record whose value does not fit. */
  #appendColumn(builder: SpanBuilder, slot: number, spans: RecordSpans, from: number, to: number): number {
    const { bytes: page, firsts, table } = spans
    for (let record = from; record < to; record++) {
      if (slot >= 0 && builder.appendSpans) {
        const appended = builder.appendSpans(slot, record, to)
        this.#bytes += appended.bytes
        record = appended.to
        if (record === to) break
      }
      const value = firsts[record]! + slot
      const bytes =
        slot < 0
          ? builder.append(undefined)
          : builder.appendSpan(page, table.starts[value]!, table.ends[value]!, table.flags[value]!)
      if (bytes === undefined) return record
      this.#bytes += bytes
    }
    return to
  }

  #explained(error: unknown, row: number, column: number): unknown {
    if (!isTrap(error)) return error
    const place = `${this.#plan.where}: record ${row} or one soon after: column ${this.#columns[column]!.name}`
    const remedy = 'leave the column out with omit, or lower rowGroupBytes'
    const text = `the values of a row group are larger than 1 GiB, which is more than the encoder can hold; ${remedy}`
    return new ExportError('ERR_ENCODE', `${place}: ${text}`, { cause: error })
  }

  get #isFull(): boolean {
    return this.#rows >= this.#plan.rowGroupRows || this.#bytes >= this.#plan.rowGroupBytes
  }

  get #isDue(): boolean {
    return this.#isFull || this.#cells >= CELLS_PER_CLOCK_CHECK
  }

  async #catchUp(): Promise<void> {
    if (this.#isFull) await this.#write()
    this.#cells = 0
    await this.#breath.pause()
  }

  async #write(): Promise<void> {
    const rows = this.#rows
    this.#rows = 0
    this.#bytes = 0
    await this.#asked(() => this.#engine.writeGroup(rows))
    this.#stats.rowGroups++
  }

  async #asked(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      throw new ExportError('ERR_ENCODE', `${this.#plan.where}: ${this.#reasonOf(cause)}`, { cause })
    }
  }

  /** parquetjs-lite throws strings. */
  #reasonOf(cause: unknown): string {
    if (isTrap(cause)) {
      const group = `row group ${this.#stats.rowGroups + 1}`
      return `${group}: its values or its compressed pages need more memory than WebAssembly has; lower rowGroupBytes or rowGroupRows`
    }
    return `${this.#plan.engine}: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}

/** Returns true for the error of WebAssembly whose memory cannot grow any more. */
const isTrap = (error: unknown): boolean => error instanceof Error && error.name === 'RuntimeError'

function cellType(where: string, row: number, { name, type }: TypedColumn, cell: Cell): ExportError {
  const text = `column ${name}: expected ${typeText(type)}, got ${got(cell)}`
  return new ExportError('ERR_CELL_TYPE', `${where}: record ${row}: ${text}`)
}

/** A cell may be anything that a user's own transform put there. */
function got(cell: Cell): string {
  try {
    return shortText(cell)
  } catch {
    return cell instanceof Date ? 'an invalid Date' : `a value of type ${typeof cell}`
  }
}

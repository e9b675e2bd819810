// Rows become row groups: cells go into the columns' builders until there are enough rows or bytes of them.
import { setImmediate as pause } from 'node:timers/promises'
import { ExportError } from '../../errors.js'
import { shortText } from '../../rows/cell.js'
import type { SpanRun } from '../../scan/record-spans.js'
import { valueOf } from '../../scan/span.js'
import type { Cell, Row } from '../../types.js'
import type { TypedColumn } from './column-types.js'
import type { ParquetEngine } from './engine.js'
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

/** Cells between two looks at what else the process has to do: a few milliseconds of them. */
const BREATH = 50_000

/** The row group at hand, over and over. */
export class RowGroup {
  readonly #plan: GroupPlan
  readonly #stats: GroupStats
  readonly #columns: readonly TypedColumn[]
  readonly #engine: ParquetEngine
  #rows = 0
  #bytes = 0
  #cells = 0

  constructor(plan: GroupPlan, stats: GroupStats, columns: readonly TypedColumn[], engine: ParquetEngine) {
    this.#plan = plan
    this.#stats = stats
    this.#columns = columns
    this.#engine = engine
  }

  async append(rows: readonly Row[], first: number): Promise<void> {
    for (const [at, row] of rows.entries()) {
      this.#appendRow(row, first + at)
      if (this.#isDue) await this.#catchUp()
    }
  }

  /** Appends the records of a run; cuts row groups where {@link append} of the same records would. */
  async appendSpans(run: SpanRun, first: number): Promise<void> {
    for (let at = run.from; at < run.to; at++) {
      this.#appendRecord(run, at, first + at - run.from)
      if (this.#isDue) await this.#catchUp()
    }
  }

  async finish(metadata: Readonly<Record<string, string>>): Promise<void> {
    if (this.#rows > 0) await this.#write()
    await this.#asked(() => this.#engine.finish(metadata))
  }

  #appendRow(row: Row, number: number): void {
    const { builders } = this.#engine
    for (let at = 0; at < builders.length; at++) {
      const column = this.#columns[at]!
      const cell = column.read(row)
      const bytes = builders[at]!.append(cell)
      if (bytes === undefined) throw cellType(this.#plan.where, number, column, cell)
      this.#bytes += bytes
    }
    this.#rows++
    this.#cells += builders.length
  }

  #appendRecord({ spans, order }: SpanRun, record: number, number: number): void {
    const builders = this.#engine.spanBuilders!
    const { bytes: page, starts, ends, flags } = spans
    const first = spans.firsts[record]!
    for (let at = 0; at < builders.length; at++) {
      const value = first + order[at]!
      const isMissing = order[at]! < 0
      const bytes = isMissing
        ? builders[at]!.append(undefined)
        : builders[at]!.appendSpan(page, starts[value]!, ends[value]!, flags[value]!)
      if (bytes === undefined) {
        const cell = valueOf(page, starts[value]!, ends[value]!, flags[value]!)
        throw cellType(this.#plan.where, number, this.#columns[at]!, cell)
      }
      this.#bytes += bytes
    }
    this.#rows++
    this.#cells += builders.length
  }

  get #isFull(): boolean {
    return this.#rows >= this.#plan.rowGroupRows || this.#bytes >= this.#plan.rowGroupBytes
  }

  get #isDue(): boolean {
    return this.#isFull || this.#cells >= BREATH
  }

  async #catchUp(): Promise<void> {
    if (this.#isFull) await this.#write()
    this.#cells = 0
    await pause()
  }

  async #write(): Promise<void> {
    const rows = this.#rows
    this.#rows = 0
    this.#bytes = 0
    await this.#asked(() => this.#engine.writeGroup(rows))
    this.#stats.rowGroups++
  }

  /** parquetjs-lite throws strings. */
  async #asked(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      const { where, engine } = this.#plan
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new ExportError('ERR_ENCODE', `${where}: ${engine}: ${reason}`, { cause })
    }
  }
}

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

// Rows become row groups: values are collected column by column until there are enough rows or bytes of them.
import { ExportError } from '../../errors.js'
import { shortText } from '../../rows/cell.js'
import type { Cell, Row } from '../../types.js'
import { ColumnBuilder } from './column-builder.js'
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

/** The row group at hand, over and over. */
export class RowGroup {
  readonly #plan: GroupPlan
  readonly #stats: GroupStats
  readonly #columns: readonly TypedColumn[]
  readonly #builders: readonly ColumnBuilder[]
  readonly #engine: ParquetEngine
  #rows = 0
  #bytes = 0

  constructor(plan: GroupPlan, stats: GroupStats, columns: readonly TypedColumn[], engine: ParquetEngine) {
    this.#plan = plan
    this.#stats = stats
    this.#columns = columns
    this.#builders = columns.map(({ convert }) => new ColumnBuilder(convert))
    this.#engine = engine
  }

  async append(rows: readonly Row[], first: number): Promise<void> {
    const { rowGroupRows, rowGroupBytes } = this.#plan
    for (const [at, row] of rows.entries()) {
      this.#appendRow(row, first + at)
      if (this.#rows >= rowGroupRows || this.#bytes >= rowGroupBytes) await this.#write()
    }
  }

  async finish(metadata: Readonly<Record<string, string>>): Promise<void> {
    if (this.#rows > 0) await this.#write()
    await this.#asked(() => this.#engine.finish(metadata))
  }

  #appendRow(row: Row, number: number): void {
    const builders = this.#builders
    for (let at = 0; at < builders.length; at++) {
      const column = this.#columns[at]!
      const cell = column.read(row)
      const bytes = builders[at]!.append(cell)
      if (bytes === undefined) throw cellType(this.#plan.where, number, column, cell)
      this.#bytes += bytes
    }
    this.#rows++
  }

  async #write(): Promise<void> {
    const rows = this.#rows
    const columns = this.#builders.map((builder) => builder.take())
    this.#rows = 0
    this.#bytes = 0
    await this.#asked(() => this.#engine.writeGroup(columns, rows))
    this.#stats.rowGroups++
  }

  /** parquetjs-lite throws strings. */
  async #asked(work: () => void | Promise<void>): Promise<void> {
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

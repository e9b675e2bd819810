// The common dialects of CSV, a batch of rows at a time. RFC 4180: quotes are doubled, CR and LF are always quoted.
import { ExportError } from '../../errors.js'
import { cellText } from '../../rows/cell.js'
import type { Column } from '../../rows/column.js'
import type { Cell, Row } from '../../types.js'
import type { Emit, Format } from '../format.js'
import { guarded, type Dialect } from './dialect.js'

/** Text is handed on once there is this much of it. */
const CHUNK = 64 * 1024

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** Encodes rows as CSV text. */
export class CsvText implements Format {
  readonly #emit: Emit
  readonly #dialect: Dialect
  readonly #special: RegExp
  #columns: readonly Column[] = []

  constructor(emit: Emit, dialect: Dialect) {
    this.#emit = emit
    this.#dialect = dialect
    this.#special = new RegExp(`["\\r\\n]|${escaped(dialect.delimiter)}`)
  }

  open(columns: readonly Column[]): void {
    this.#columns = columns
    if (columns.length === 0) return
    const { bom, header, delimiter, eol } = this.#dialect
    const names = header
      ? this.#line(columns.map(({ name }) => this.#quoted(this.#safe(name))).join(delimiter)) + eol
      : ''
    this.#emit(Buffer.from((bom ? '\uFEFF' : '') + names))
  }

  encode(rows: readonly Row[], first: number): void {
    if (this.#columns.length === 0) return
    let text = ''
    for (const [at, row] of rows.entries()) {
      text += this.#row(row, first + at)
      if (text.length < CHUNK) continue
      this.#emit(Buffer.from(text))
      text = ''
    }
    this.#emit(Buffer.from(text))
  }

  close(): void {
    // CSV has no footer
  }

  #row(row: Row, number: number): string {
    const { delimiter, eol } = this.#dialect
    let line = ''
    let between = ''
    for (const column of this.#columns) {
      line += between + this.#cell(column, row, number)
      between = delimiter
    }
    return this.#line(line) + eol
  }

  /** A row of one empty cell would be a blank line, which readers skip. */
  #line(text: string): string {
    return text === '' ? '""' : text
  }

  #cell(column: Column, row: Row, number: number): string {
    const cell = column.read(row)
    if (typeof cell === 'string') return this.#quoted(this.#safe(cell))
    if (cell === null || cell === undefined) return this.#dialect.nullValue
    return this.#quoted(textOf(cell, column, number))
  }

  #safe(text: string): string {
    return this.#dialect.formulaGuard ? guarded(text) : text
  }

  #quoted(text: string): string {
    const { quoteAll, nullValue } = this.#dialect
    if (!quoteAll && !this.#special.test(text) && (text !== nullValue || text === '')) return text
    return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`
  }
}

function textOf(cell: Cell, column: Column, row: number): string {
  try {
    return cellText(cell) ?? ''
  } catch (error) {
    throw located(error, column, row)
  }
}

/** Says in which row and column a cell could not be written. */
export function located(error: unknown, column: Column, row: number): ExportError {
  const reason = error instanceof Error ? error.message : String(error)
  const cause = error instanceof ExportError ? error.cause : error
  return new ExportError('ERR_ENCODE', `toCsv: record ${row}: column ${JSON.stringify(column.name)}: ${reason}`, {
    cause,
  })
}

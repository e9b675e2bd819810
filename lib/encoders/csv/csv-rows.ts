// Rows as the text of the common CSV dialects. RFC 4180: quotes are doubled, CR and LF are always quoted.
import { ExportError } from '../../errors.js'
import { cellText } from '../../rows/cell.js'
import { digitsOf, type Column } from '../../rows/column.js'
import type { Cell, Row } from '../../types.js'
import { needsQuotes, type Dialect } from './dialect.js'
import { safeText } from './safe-text.js'

/** Writes rows under given columns. */
export class CsvRows {
  readonly dialect: Dialect
  readonly grows: boolean
  readonly #special: RegExp
  readonly #safe: (text: string) => string

  /** @param grows more columns may come, so that a line that is blank under one column need not stay so */
  constructor(dialect: Dialect, grows = false) {
    this.dialect = dialect
    this.grows = grows
    this.#special = needsQuotes(dialect.delimiter, dialect.formulaGuard ? ',;\t|' : '')
    this.#safe = safeText(dialect)
  }

  /** The beginning of the file: a byte order mark and the names, where the dialect has them. */
  opening(columns: readonly Column[]): Buffer {
    const { bom, header, delimiter, eol } = this.dialect
    if (columns.length === 0) return Buffer.alloc(0)
    const names = columns.map(({ name }) => this.#quoted(this.#safe(name))).join(delimiter)
    return Buffer.from((bom ? '\uFEFF' : '') + (header ? visible(names) + eol : ''))
  }

  /** A row, with what ends it. */
  line(row: Row, columns: readonly Column[], number: number): string {
    const { delimiter, eol } = this.dialect
    let line = ''
    let between = ''
    for (const column of columns) {
      line += between + this.cell(this.text(row, column, number))
      between = delimiter
    }
    return (columns.length === 1 && !this.grows ? visible(line) : line) + eol
  }

  /** A text as it stands in a row; null where the cell says nothing. */
  cell(text: string | null): string {
    return text === null ? this.dialect.nullValue : this.#quoted(text)
  }

  /** The text of a cell, not yet quoted; null for a cell without a value. */
  text(row: Row, column: Column, number: number): string | null {
    const cell = column.read(row)
    return (typeof cell === 'number' && digitsOf(column, row)) || this.textOf(cell, column, number)
  }

  /** The same of a value that has no row. */
  textOf(cell: Cell, column: Column, number: number): string | null {
    if (typeof cell === 'string') return cell === '' && this.dialect.emptyAsNull ? null : this.#safe(cell)
    if (cell === null || cell === undefined) return null
    const text = textOf(cell, column, number)
    return typeof cell === 'object' && !(cell instanceof Date) ? this.#safe(text) : text
  }

  #quoted(text: string): string {
    const { quoteAll, nullValue } = this.dialect
    if (!quoteAll && !this.#special.test(text) && (text !== nullValue || text === '')) return text
    return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`
  }
}

/** A line of one empty cell would be blank, and readers skip blank lines. */
const visible = (line: string) => (line === '' ? '""' : line)

/** A cell that is not null as text; where it has none, the error says in which row and column. */
export function textOf(cell: NonNullable<Cell>, column: Column, row: number): string {
  try {
    return cellText(cell)!
  } catch (error) {
    const { message, cause } = error as ExportError
    const place = `record ${row}: column ${JSON.stringify(column.name)}`
    throw new ExportError('ERR_ENCODE', `toCsv: ${place}: ${message}`, { cause })
  }
}

// Rows as the text of the common CSV dialects. RFC 4180: quotes are doubled, CR and LF are always quoted.
import { ExportError } from '../../shared/errors.js'
import { formatCell } from '../../schema/cell-text.js'
import { getCellDigits, type Column } from '../../schema/column.js'
import type { Cell, Row } from '../../shared/types.js'
import { createQuotePattern, type Dialect } from './dialect.js'
import { createSanitizer } from './text-sanitizer.js'

/** Writes rows under given columns. */
export class RowFormatter {
  readonly dialect: Dialect
  readonly canGrow: boolean
  readonly #quotePattern: RegExp
  readonly #sanitize: (text: string) => string

  /** @param canGrow more columns may come, so that a line that is blank under one column need not stay so */
  constructor(dialect: Dialect, canGrow = false) {
    this.dialect = dialect
    this.canGrow = canGrow
    this.#quotePattern = createQuotePattern(dialect.delimiter, dialect.formulaGuard ? ',;\t|' : '')
    this.#sanitize = createSanitizer(dialect)
  }

  /** The beginning of the file: a byte order mark and the names, where the dialect has them. */
  formatHeader(columns: readonly Column[]): Buffer {
    const { bom, header, delimiter, eol } = this.dialect
    if (columns.length === 0) return Buffer.alloc(0)
    const names = columns.map(({ name }) => this.#quoteIfNeeded(this.#sanitize(name))).join(delimiter)
    return Buffer.from((bom ? '\uFEFF' : '') + (header ? quoteBlankLine(names) + eol : ''))
  }

  /** A row, with what ends it. */
  line(row: Row, columns: readonly Column[], rowNumber: number): string {
    const { delimiter, eol } = this.dialect
    let line = ''
    let separator = ''
    for (const column of columns) {
      line += separator + this.cell(this.text(row, column, rowNumber))
      separator = delimiter
    }
    return (columns.length === 1 && !this.canGrow ? quoteBlankLine(line) : line) + eol
  }

  /** A text as it stands in a row; null where the cell says nothing. */
  cell(text: string | null): string {
    return text === null ? this.dialect.nullValue : this.#quoteIfNeeded(text)
  }

  /** The text of a cell, not yet quoted; null for a cell without a value. */
  text(row: Row, column: Column, rowNumber: number): string | null {
    const cell = column.read(row)
    return (typeof cell === 'number' && getCellDigits(column, row)) || this.getValueText(cell, column, rowNumber)
  }

  /** The same of a value that has no row. */
  getValueText(cell: Cell, column: Column, rowNumber: number): string | null {
    if (typeof cell === 'string') return cell === '' && this.dialect.emptyAsNull ? null : this.#sanitize(cell)
    if (cell === null || cell === undefined) return null
    const text = getValueText(cell, column, rowNumber)
    return typeof cell === 'object' && !(cell instanceof Date) ? this.#sanitize(text) : text
  }

  #quoteIfNeeded(text: string): string {
    const { quoteAll, nullValue } = this.dialect
    if (!quoteAll && !this.#quotePattern.test(text) && (text !== nullValue || text === '')) return text
    return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`
  }
}

/** A line of one empty cell would be blank, and readers skip blank lines. */
const quoteBlankLine = (line: string) => (line === '' ? '""' : line)

/** A cell that is not null as text; where it has none, the error says in which row and column. */
export function getValueText(cell: NonNullable<Cell>, column: Column, row: number): string {
  try {
    return formatCell(cell)!
  } catch (error) {
    const { message, cause } = error as ExportError
    const location = `record ${row}: column ${JSON.stringify(column.name)}`
    throw new ExportError('ERR_ENCODE', `toCsv: ${location}: ${message}`, { cause })
  }
}

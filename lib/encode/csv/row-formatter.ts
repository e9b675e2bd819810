// Formats rows as text in the common CSV dialects. RFC 4180: quotes are doubled, CR and LF are always quoted.
import { ExportError } from '../../shared/errors.js'
import { formatCell } from '../../schema/cell-text.js'
import { getCellDigits, type Column } from '../../schema/column.js'
import type { Cell, Row } from '../../shared/types.js'
import { createQuotePattern, type Dialect } from './dialect.js'
import { createSanitizer } from './text-sanitizer.js'

export class RowFormatter {
  readonly dialect: Dialect
  readonly canGrow: boolean
  readonly #quotePattern: RegExp
  readonly #sanitize: (text: string) => string

  /** @param canGrow true if more columns may come, so that a blank line of one column may get more cells */
  constructor(dialect: Dialect, canGrow = false) {
    this.dialect = dialect
    this.canGrow = canGrow
    this.#quotePattern = createQuotePattern(dialect.delimiter, dialect.formulaGuard ? ',;\t|' : '')
    this.#sanitize = createSanitizer(dialect)
  }

  /** Returns the start of the file: a byte order mark and the names, if the dialect has them. */
  formatHeader(columns: readonly Column[]): Buffer {
    const { bom, header, delimiter, eol } = this.dialect
    if (columns.length === 0) return Buffer.alloc(0)
    const names = columns.map(({ name }) => this.#quoteIfNeeded(this.#sanitize(name))).join(delimiter)
    return Buffer.from((bom ? '\uFEFF' : '') + (header ? quoteBlankLine(names) + eol : ''))
  }

  /** Returns a row, including its line break. */
  formatRow(row: Row, columns: readonly Column[], rowNumber: number): string {
    const { delimiter, eol } = this.dialect
    let cells = ''
    let separator = ''
    for (const column of columns) {
      cells += separator + this.formatCellText(this.getCellText(row, column, rowNumber))
      separator = delimiter
    }
    return (columns.length === 1 && !this.canGrow ? quoteBlankLine(cells) : cells) + eol
  }

  /** Returns the text of a cell as it is in a row, with quotes if it needs them. Null is a null cell. */
  formatCellText(text: string | null): string {
    return text === null ? this.dialect.nullValue : this.#quoteIfNeeded(text)
  }

  /** Returns the text of a cell without quotes, or null for a null cell. */
  getCellText(row: Row, column: Column, rowNumber: number): string | null {
    const cell = column.read(row)
    return (typeof cell === 'number' && getCellDigits(column, row)) || this.getValueText(cell, column, rowNumber)
  }

  /** Returns the text of a value without quotes, or null for a null cell. */
  getValueText(cell: Cell, column: Column, rowNumber: number): string | null {
    if (typeof cell === 'string') return cell === '' && this.dialect.emptyAsNull ? null : this.#sanitize(cell)
    if (cell === null || cell === undefined) return null
    const text = formatNonNullCell(cell, column, rowNumber)
    return typeof cell === 'object' && !(cell instanceof Date) ? this.#sanitize(text) : text
  }

  #quoteIfNeeded(text: string): string {
    const { quoteAll, nullValue } = this.dialect
    if (!quoteAll && !this.#quotePattern.test(text) && (text !== nullValue || text === '')) return text
    return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`
  }
}

/** Quotes a row of one empty cell, because it would be a blank line, and readers skip blank lines. */
const quoteBlankLine = (line: string) => (line === '' ? '""' : line)

/** Returns the text of a cell that is not null. If it has no text, the error names the record and the column. */
export function formatNonNullCell(cell: NonNullable<Cell>, column: Column, row: number): string {
  try {
    return formatCell(cell)!
  } catch (error) {
    const { message, cause } = error as ExportError
    const location = `record ${row}: column ${JSON.stringify(column.name)}`
    throw new ExportError('ERR_ENCODE', `toCsv: ${location}: ${message}`, { cause })
  }
}

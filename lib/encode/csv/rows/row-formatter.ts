import { formatCellAt } from '../../../schema/cell-text.js'
import { getCellDigits, type Column } from '../../../schema/column.js'
import type { Cell, RecordOrRow } from '../../../shared/types.js'
import { hasFieldPrefix } from '../../../shared/reports/nested-fields.js'
import type { Dialect } from '../dialect.js'
import { createQuoter, quoteBlankLine } from '../cells/quoting.js'
import { createTextChange } from '../cells/text-change.js'

export class RowFormatter {
  readonly dialect: Dialect
  readonly mayHaveLateColumns: boolean
  readonly #quoteIfNeeded: (text: string) => string
  readonly #changeText: (text: string) => string
  readonly #changeNumberLikeText: (text: string) => string
  /** For the text of a number, a boolean or a Date; only `preset: 'excel'` changes it. */
  readonly #formatScalar: (text: string) => string

  /** @param mayHaveLateColumns true if rows may get more cells later; then a blank cell alone in its row is not quoted */
  constructor(dialect: Dialect, mayHaveLateColumns = false) {
    this.dialect = dialect
    this.mayHaveLateColumns = mayHaveLateColumns
    this.#quoteIfNeeded = createQuoter(dialect)
    this.#changeText = createTextChange(dialect)
    this.#changeNumberLikeText = createTextChange(dialect, true)
    this.#formatScalar = dialect.spreadsheet ? this.#changeNumberLikeText : (text) => text
  }

  /** Returns the start of the file: a byte order mark and the names, if the dialect has them. */
  formatHeader(columns: readonly Column[]): Buffer {
    const { bom, header, delimiter, eol } = this.dialect
    const names = columns.map(({ name }) => this.#quoteIfNeeded(this.#changeText(name))).join(delimiter)
    return Buffer.from(
      (bom ? '\uFEFF' : '') + (header ? (columns.length === 1 ? quoteBlankLine(names) : names) + eol : ''),
    )
  }

  formatRow(row: RecordOrRow, columns: readonly Column[], rowNumber: number): string {
    const { delimiter, eol } = this.dialect
    let cells = ''
    let separator = ''
    for (const column of columns) {
      cells += separator + this.quoteCellText(this.getCellText(row, column, rowNumber))
      separator = delimiter
    }
    return (columns.length === 1 && !this.mayHaveLateColumns ? quoteBlankLine(cells) : cells) + eol
  }

  /** Returns a text with quotes if it needs them. @param text null for a null cell */
  quoteCellText(text: string | null): string {
    return text === null ? this.dialect.nullValue : this.#quoteIfNeeded(text)
  }

  /** Returns the text of a cell without quotes, or null for a null cell. */
  getCellText(row: RecordOrRow, column: Column, rowNumber: number): string | null {
    const cell = column.read(row)
    const digits = typeof cell === 'number' ? getCellDigits(column, row) : undefined
    return digits === undefined ? this.formatCellText(cell, column, rowNumber) : this.#formatScalar(digits)
  }

  formatCellText(cell: Cell, column: Column, rowNumber: number): string | null {
    if (typeof cell === 'string') {
      if (cell === '' && this.dialect.emptyAsNull) return null
      return this.dialect.spreadsheet && hasFieldPrefix(column.id)
        ? this.#changeNumberLikeText(cell)
        : this.#changeText(cell)
    }
    if (cell === null || cell === undefined) return null
    const text = formatNonNullCell(cell, column, rowNumber)
    return typeof cell === 'object' && !(cell instanceof Date) ? this.#changeText(text) : this.#formatScalar(text)
  }
}

export const formatNonNullCell = (cell: NonNullable<Cell>, { id }: Column, row: number): string =>
  formatCellAt('toCsv', row, id, cell)

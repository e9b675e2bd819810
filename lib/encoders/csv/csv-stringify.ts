// The dialects our own encoder does not have, by csv-stringify. Its defaults write false as an empty cell, dates as epoch
// milliseconds and bare line breaks unquoted under CRLF, so those are set right before the caller's own options.
import type { Options } from 'csv-stringify'
import { stringify } from 'csv-stringify/sync'
import { cellText } from '../../rows/cell.js'
import type { Column } from '../../rows/column.js'
import type { Cell, Row } from '../../types.js'
import type { Emit, Format } from '../format.js'
import { located } from './csv-rows.js'
import { guarded, type Dialect } from './dialect.js'

/** Encodes rows with csv-stringify. */
export class CsvStringify implements Format {
  readonly #emit: Emit
  readonly #guard: boolean
  readonly #options: Options
  #columns: readonly Column[] = []

  constructor(emit: Emit, dialect: Dialect, given: Options) {
    this.#emit = emit
    this.#guard = dialect.formulaGuard
    this.#options = { ...optionsOf(dialect), ...given, cast: { ...castOf(dialect), ...given.cast } }
  }

  async open(columns: readonly Column[]): Promise<void> {
    this.#columns = columns
    const { header, bom } = this.#options
    if (columns.length > 0 && (header || bom)) await this.#write([], { header: header ?? false, bom: bom ?? false })
  }

  async encode(rows: readonly Row[], first: number): Promise<void> {
    if (this.#columns.length === 0) return
    const cells = rows.map((row, at) => this.#columns.map((column) => this.#cell(column, row, first + at)))
    await this.#write(cells, { header: false, bom: false })
  }

  close(): void {
    // CSV has no footer
  }

  async #write(rows: Cell[][], start: Options): Promise<void> {
    const columns = this.#columns.map(({ name }, at) => ({ key: String(at), header: this.#safe(name) }))
    await this.#emit(Buffer.from(stringify(rows, { ...this.#options, ...start, columns })))
  }

  #safe(text: string): string {
    return this.#guard ? guarded(text) : text
  }

  #cell(column: Column, row: Row, number: number): Cell {
    const cell = column.read(row)
    if (typeof cell === 'string') return this.#safe(cell)
    if (typeof cell !== 'object' || cell === null || cell instanceof Date) return cell
    try {
      return cellText(cell)
    } catch (error) {
      throw located(error, column, number)
    }
  }
}

function optionsOf({ header, bom, delimiter, eol, quoteAll }: Dialect): Options {
  return {
    header,
    bom,
    delimiter,
    record_delimiter: eol,
    quoted: quoteAll,
    quote_record_delimiter: true,
    quoted_match: /[\r\n]/,
  }
}

function castOf({ nullValue }: Dialect): NonNullable<Options['cast']> {
  return {
    boolean: String,
    date: (date) => date.toISOString(),
    bigint: String,
    null: () => nullValue,
    undefined: () => nullValue,
  }
}

// The dialects our own encoder does not have, by csv-stringify. Its defaults write false as an empty cell, dates as epoch
// milliseconds and bare line breaks unquoted under CRLF, so those are set right before the caller's own options.
// The only file that imports csv-stringify.
import type { TransformOptions } from 'node:stream'
import type { Cast, CastingContext, Options } from 'csv-stringify'
import { stringify } from 'csv-stringify/sync'
import { OptionError } from '../../errors.js'
import { digitsOf, type Column } from '../../rows/column.js'
import type { Cell, Row } from '../../types.js'
import type { Emit, Format } from '../format.js'
import { textOf } from './csv-rows.js'
import type { Dialect } from './dialect.js'
import { safeText } from './safe-text.js'

/** Options of csv-stringify, but for those of its stream. */
export type StringifyOptions = Omit<Options, 'columns' | keyof TransformOptions>

/** The functions of csv-stringify that turn the cells of each type into text. */
export type StringifyCasts = NonNullable<Options['cast']>

/** Encodes rows with csv-stringify, a batch at a time. */
export class CsvStringify implements Format {
  readonly #emit: Emit
  readonly #safe: (text: string) => string
  readonly #emptyAsNull: boolean
  readonly #endsItsLastLine: boolean
  readonly #lineBreak: string
  #options: Options
  #columns: readonly Column[] = []
  #between = ''
  #first = 1
  #rows: readonly Row[] = []

  constructor(emit: Emit, dialect: Dialect, { eof = true, cast = {}, ...given }: StringifyOptions) {
    this.#emit = emit
    this.#safe = safeText(dialect)
    this.#emptyAsNull = dialect.emptyAsNull
    this.#endsItsLastLine = eof
    this.#options = {
      ...optionsOf(dialect),
      ...given,
      eof: false,
      cast: {
        ...castsOf(dialect),
        ...this.#withPlace({ ...this.#castsOfObjects, ...this.#castOfDigits(dialect), ...cast }),
      },
    }
    this.#lineBreak = lineBreakOf(this.#options)
  }

  async open(columns: readonly Column[]): Promise<void> {
    this.#columns = columns
    const { bom, header } = this.#options
    const names = columns.map(({ name }, at) => ({ key: String(at), header: this.#safe(name) }))
    // a line of one empty cell would be blank, and readers skip blank lines
    const visible = columns.length === 1 ? { quoted_empty: true } : {}
    this.#options = { ...visible, ...this.#options, bom: false, header: false, columns: names }
    if (columns.length > 0 && bom) await this.#emit(Buffer.from('\uFEFF'))
    if (columns.length > 0 && header) await this.#write([], { header })
  }

  async encode(rows: readonly Row[], first: number): Promise<void> {
    if (this.#columns.length === 0) return
    this.#first = first
    this.#rows = rows
    await this.#write(rows.map((row, at) => this.#columns.map((column) => this.#cell(column, row, first + at))))
  }

  async close(): Promise<void> {
    if (this.#endsItsLastLine) await this.#emit(Buffer.from(this.#between))
  }

  async #write(rows: Cell[][], options: Options = {}): Promise<void> {
    const text = this.#between + stringify(rows, { ...this.#options, ...options })
    this.#between = this.#lineBreak
    await this.#emit(Buffer.from(text))
  }

  #cell(column: Column, row: Row, number: number): Cell {
    const cell: unknown = column.read(row)
    if (typeof cell === 'string') return cell === '' && this.#emptyAsNull ? null : this.#safe(cell)
    return typeof cell === 'function' || typeof cell === 'symbol'
      ? textOf(cell as never, column, number)
      : (cell as Cell)
  }

  readonly #castsOfObjects: StringifyCasts = {
    date: (date, { index, records }) => textOf(date, this.#columns[index]!, records + 1),
    object: (object, { index, records }) =>
      this.#safe(textOf(object as NonNullable<Cell>, this.#columns[index]!, records + 1)),
  }

  /** A number is written with its digits. */
  #castOfDigits(dialect: Dialect): StringifyCasts {
    return {
      number: (value, { index, records }) =>
        textCast(dialect, digitsOf(this.#columns[index]!, this.#rows[records - this.#first + 1]!) ?? value),
    }
  }

  /** Gives each cast the name of the column, and the number of records in the file instead of those in the batch. */
  #withPlace(casts: StringifyCasts): StringifyCasts {
    const withPlace = (context: CastingContext): CastingContext => ({
      ...context,
      column: this.#columns[context.index]!.name,
      records: this.#first - 1 + context.records,
    })
    const wrapped = Object.entries(casts as Record<string, Cast<unknown>>).map(
      ([type, cast]) => [type, (value: unknown, context: CastingContext) => cast(value, withPlace(context))] as const,
    )
    return Object.fromEntries(wrapped)
  }
}

function optionsOf({ header, bom, delimiter, eol, quoteAll, formulaGuard }: Dialect): Options {
  return {
    ...(formulaGuard && { quoted_match: /[,;\t|]/ }),
    header,
    bom,
    delimiter,
    record_delimiter: eol,
    quoted: quoteAll,
    quoted_string: quoteAll,
    quote_record_delimiter: true,
  }
}

/** As our own encoder has it: null is never quoted, a text that reads the same is. */
function castsOf(dialect: Dialect): StringifyCasts {
  const { nullValue } = dialect
  const nothing = nullValue === '' ? '' : { value: nullValue, quoted: false }
  const text = (cell: unknown) => textCast(dialect, cell)
  return { string: text, bigint: text, boolean: text, null: () => nothing, undefined: () => nothing }
}

function textCast({ nullValue }: Dialect, cell: unknown) {
  const value = String(cell)
  // a line of `\.` alone ends the data for PostgreSQL
  return (value === nullValue && value !== '') || value === '\\.' ? { value, quoted: true } : value
}

/** The bytes between two records, whatever the options call them. csv-stringify checks the options meanwhile. */
function lineBreakOf(options: Options): string {
  const bare = { header: false, bom: false, cast: {}, quoted_match: null, quoted_string: false, quoted_empty: false }
  try {
    stringify([], options)
    return stringify([[''], ['']], { ...options, ...bare })
  } catch (cause) {
    throw new OptionError('toCsv', 'stringify', `csv-stringify refuses it: ${(cause as Error).message}`)
  }
}

// Encodes rows with csv-stringify, if the caller gives the option `stringify`. By default csv-stringify writes false as an empty cell and
// dates as milliseconds since 1970, and if rows end with CRLF, it does not quote a cell with a single LF. The options here correct these
// three, and the options of the caller override them.
import { OptionError } from '../../shared/errors.js'
import { getCellDigits, type Column } from '../../schema/column.js'
import type { Cell, RecordOrRow } from '../../shared/types.js'
import { checkHasColumns } from '../column-options.js'
import type { Emit, Format } from '../format.js'
import { formatNonNullCell } from './rows/row-formatter.js'
import { stringify, type Cast, type CastingContext, type Options } from './csv-stringify-library.js'
import type { Dialect } from './dialect.js'
import type { StringifyCasts, StringifyOptions } from './stringify-options.js'
import { createStringifyBlankLineOptions, createStringifyQuoting, needsStringifyQuotes } from './cells/quoting.js'
import { createTextChange } from './cells/text-change.js'

export class CsvStringifyFormat implements Format {
  readonly #emit: Emit
  readonly #changeText: (text: string) => string
  readonly #emptyAsNull: boolean
  readonly #hasFinalLineBreak: boolean
  readonly #lineBreak: string
  #options: Options
  #columns: readonly Column[] = []
  #pendingLineBreak = ''
  #firstRowNumber = 1
  #rows: readonly RecordOrRow[] = []

  constructor(emit: Emit, dialect: Dialect, { eof = true, cast = {}, ...callerOptions }: StringifyOptions) {
    this.#emit = emit
    this.#changeText = createTextChange(dialect)
    this.#emptyAsNull = dialect.emptyAsNull
    this.#hasFinalLineBreak = eof
    this.#options = {
      ...createOptions(dialect),
      ...callerOptions,
      eof: false,
      cast: {
        ...createCasts(dialect),
        ...this.#addPosition({ ...this.#objectCasts, ...this.#createNumberCast(dialect), ...cast }),
      },
    }
    this.#lineBreak = findLineBreak(this.#options)
  }

  async open(columns: readonly Column[]): Promise<void> {
    checkHasColumns('toCsv', columns)
    this.#columns = columns
    const { bom, header } = this.#options
    const names = columns.map(({ name }, index) => ({ key: String(index), header: this.#changeText(name) }))
    this.#options = {
      ...this.#options,
      ...(columns.length === 1 ? createStringifyBlankLineOptions(this.#options) : {}),
      bom: false,
      header: false,
      columns: names,
    }
    if (bom) await this.#emit(Buffer.from('\uFEFF'))
    if (header) await this.#write([], { header })
  }

  async encode(rows: readonly RecordOrRow[], firstRowNumber: number): Promise<void> {
    this.#firstRowNumber = firstRowNumber
    this.#rows = rows
    await this.#write(
      rows.map((row, index) => this.#columns.map((column) => this.#readCell(column, row, firstRowNumber + index))),
    )
  }

  async close(): Promise<void> {
    if (this.#hasFinalLineBreak) await this.#emit(Buffer.from(this.#pendingLineBreak))
  }

  async #write(rows: Cell[][], options: Options = {}): Promise<void> {
    const text = this.#pendingLineBreak + stringify(rows, { ...this.#options, ...options })
    this.#pendingLineBreak = this.#lineBreak
    await this.#emit(Buffer.from(text))
  }

  #readCell(column: Column, row: RecordOrRow, rowNumber: number): Cell {
    const cell: unknown = column.read(row)
    if (typeof cell === 'string') return cell === '' && this.#emptyAsNull ? null : this.#changeText(cell)
    return typeof cell === 'function' || typeof cell === 'symbol'
      ? formatNonNullCell(cell as never, column, rowNumber)
      : (cell as Cell)
  }

  readonly #objectCasts: StringifyCasts = {
    date: (date, { index, records }) => formatNonNullCell(date, this.#columns[index]!, records + 1),
    object: (object, { index, records }) =>
      this.#changeText(formatNonNullCell(object as NonNullable<Cell>, this.#columns[index]!, records + 1)),
  }

  #createNumberCast(dialect: Dialect): StringifyCasts {
    return {
      number: (value, { index, records }) =>
        castText(
          dialect,
          getCellDigits(this.#columns[index]!, this.#rows[records - this.#firstRowNumber + 1]!) ?? value,
        ),
    }
  }

  /** Wraps each cast. The cast then gets the name of the column, and the number of earlier rows in the file, not in the batch. */
  #addPosition(casts: StringifyCasts): StringifyCasts {
    const addPosition = (context: CastingContext): CastingContext => ({
      ...context,
      column: this.#columns[context.index]!.name,
      records: this.#firstRowNumber - 1 + context.records,
    })
    const wrapped = Object.entries(casts as Record<string, Cast<unknown>>).map(
      ([type, cast]) => [type, (value: unknown, context: CastingContext) => cast(value, addPosition(context))] as const,
    )
    return Object.fromEntries(wrapped)
  }
}

function createOptions(dialect: Dialect): Options {
  const { header, bom, delimiter, eol } = dialect
  return { header, bom, delimiter, record_delimiter: eol, ...createStringifyQuoting(dialect) }
}

/** Returns casts for the rules of CsvFormat: null is never quoted, and a text that equals `nullValue` always is, unless it is empty. */
function createCasts(dialect: Dialect): StringifyCasts {
  const { nullValue } = dialect
  const nullText = nullValue === '' ? '' : { value: nullValue, quoted: false }
  const text = (cell: unknown) => castText(dialect, cell)
  return { string: text, bigint: text, boolean: text, null: () => nullText, undefined: () => nullText }
}

function castText(dialect: Dialect, cell: unknown) {
  const value = String(cell)
  return needsStringifyQuotes(value, dialect) ? { value, quoted: true } : value
}

/** Returns what csv-stringify writes between two rows. Throws an OptionError if csv-stringify refuses the options. */
function findLineBreak(options: Options): string {
  const plainOptions = {
    header: false,
    bom: false,
    cast: {},
    quoted_match: null,
    quoted_string: false,
    quoted_empty: false,
  }
  try {
    stringify([], options)
    return stringify([[''], ['']], { ...options, ...plainOptions })
  } catch (cause) {
    throw new OptionError('toCsv', 'stringify', `csv-stringify refuses it: ${(cause as Error).message}`)
  }
}

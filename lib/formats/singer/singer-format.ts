// Writes rows as messages of Singer: the schema, the records, and when the source has ended, the version and the state.
import { getDigits } from '../../shared/json/digits.js'
import { isJsonObject } from '../../shared/json/json.js'
import { ChunkedOutput } from '../../shared/bytes/chunked-output.js'
import { isEmptyCell } from '../../schema/cell-text.js'
import { getCellDigits } from '../../schema/column.js'
import {
  isDecimal,
  isList,
  isScalar,
  isStruct,
  isText,
  type ColumnType,
  type ScalarType,
} from '../../schema/types/column-type.js'
import type { Cell, RecordOrRow } from '../../shared/types.js'
import { fieldsByKind, keyFieldByKind } from '../../shared/reports/report-kinds.js'
import type { EncoderStats } from '../../encode/encoder.js'
import type { Emit } from '../../encode/format.js'
import { createCellTypeError } from '../../encode/typed/cell-type-error.js'
import { selectConverter, type ConverterTable } from '../../encode/typed/convert-cell.js'
import type { TypedColumn } from '../../encode/typed/decide-column-type.js'
import { TypedFormat, type TypedRowWriter } from '../../encode/typed/typed-format.js'
import type { SchemaPlan } from '../../encode/typed/typed-options.js'
import {
  formatActivateVersionMessage,
  formatJsonValue,
  formatRecordMessage,
  formatSchemaMessage,
  formatStateMessage,
  type StreamVersion,
} from './singer-messages.js'

export interface SingerPlan extends SchemaPlan {
  readonly streamVersion: StreamVersion
  readonly isComplete: () => boolean
}

interface FormattedColumn {
  readonly column: TypedColumn
  readonly format: FormatCell
}

export class SingerFormat extends TypedFormat<SingerPlan, TypedRowWriter> {
  readonly #emit: Emit
  readonly #output = new ChunkedOutput()

  constructor(plan: SingerPlan, stats: EncoderStats, emit: Emit) {
    super(plan, stats)
    this.#emit = emit
  }

  async flush(): Promise<void> {
    for (const chunk of this.#output.takeAll()) await this.#emit(chunk)
  }

  /** An incomplete report gets no ACTIVATE_VERSION and no STATE, because a target would delete the rows of the missing records. */
  async close(): Promise<void> {
    const { streamVersion, isComplete } = this.plan
    await this.ensureWriter()
    if (isComplete()) {
      this.#output.add(formatActivateVersionMessage(streamVersion))
      this.#output.add(formatStateMessage(streamVersion, { records: this.stats.rows }))
    }
    await this.flush()
  }

  protected createWriter(typed: readonly TypedColumn[], exampleRows: readonly RecordOrRow[]): TypedRowWriter {
    const columns = typed.map((column) => ({ column, format: createCellFormatter(column.type, column.converters) }))
    this.#output.add(formatSchemaMessage(this.plan.streamVersion, typed, listKeys(typed, exampleRows)))
    return { append: (rows, firstRowNumber) => this.#writeRows(columns, rows, firstRowNumber) }
  }

  async #writeRows(
    columns: readonly FormattedColumn[],
    rows: readonly RecordOrRow[],
    firstRowNumber: number,
  ): Promise<void> {
    for (const [index, row] of rows.entries()) {
      this.#output.add(
        formatRecordMessage(this.plan.streamVersion, this.#formatRow(columns, row, firstRowNumber + index)),
      )
      for (const chunk of this.#output.takeFullChunks()) await this.#emit(chunk)
    }
  }

  #formatRow(columns: readonly FormattedColumn[], row: RecordOrRow, rowNumber: number): string {
    const cells = columns.map(({ column, format }) => {
      const cell = column.read(row)
      const digits = typeof cell === 'number' ? getCellDigits(column, row) : undefined
      const text = format(cell, digits)
      if (text !== undefined) return `${JSON.stringify(column.name)}:${text}`
      throw createCellTypeError(this.plan.columnPlan.where, `row ${rowNumber}`, column, cell)
    })
    return `{${cells.join(',')}}`
  }
}

/** The fields that only a decision instance has. It also has the id of its process instance, which many of them may share. */
const decisionFields = fieldsByKind.decision.filter((field) => !fieldsByKind.process.includes(field))

/**
 * Returns the name of the column with the id of the process or decision instance, or no name if there is no such column. Rows of an event
 * log have no key either: many have the same instance, and a target that updates rows by their key would keep only one of them.
 */
function listKeys(columns: readonly TypedColumn[], rows: readonly RecordOrRow[]): string[] {
  const has = (field: string) => columns.some(({ id }) => id === field) || rows.some((row) => field in row)
  if (has('flowNodeInstanceId')) return []
  const key = keyFieldByKind[decisionFields.some(has) ? 'decision' : 'process']
  return columns.filter(({ id }) => id === key).map(({ name }) => name)
}

/** Returns the JSON text of a cell, or undefined if the cell does not fit the type. */
type FormatCell = (cell: Cell, digits?: string) => string | undefined

function createCellFormatter(type: ColumnType, converters: ConverterTable): FormatCell {
  if (isScalar(type)) return createScalarFormatter(type, converters)
  if (isList(type)) {
    const formatElement = createCellFormatter(type.list, converters)
    return formatPresent((cell) =>
      Array.isArray(cell)
        ? joinTexts(
            '[]',
            cell.map((element, index) => formatElement(element, getDigits(cell, String(index)))),
          )
        : undefined,
    )
  }
  const formatText = createScalarFormatter('string', converters)
  const fields = isStruct(type)
    ? type.struct.map((field) => [field.name, createScalarFormatter(field.type, converters)] as const)
    : undefined
  return formatPresent((cell) => {
    if (!isJsonObject(cell)) return undefined
    if (fields && !Object.keys(cell).every((name) => fields.some(([known]) => known === name))) return undefined
    const all = fields ?? Object.keys(cell).map((name) => [name, formatText] as const)
    return joinTexts(
      '{}',
      all.map(([name, format]) => {
        const text = format(Object.hasOwn(cell, name) ? cell[name] : null, getDigits(cell, name))
        return text === undefined ? undefined : `${JSON.stringify(name)}:${text}`
      }),
    )
  })
}

function createScalarFormatter(type: ScalarType, converters: ConverterTable): FormatCell {
  const convert = selectConverter(converters, type)
  return (cell, digits) => {
    if (digits !== undefined && type === 'json') return digits
    const value = convert(digits !== undefined && (isText(type) || isDecimal(type)) ? digits : cell)
    return value === undefined ? undefined : formatJsonValue(type, value)
  }
}

const formatPresent =
  (format: FormatCell): FormatCell =>
  (cell) =>
    isEmptyCell(cell) ? 'null' : format(cell)

/** Returns the texts between brackets, or undefined if one of them is undefined. */
const joinTexts = ([open, close]: string, texts: readonly (string | undefined)[]) =>
  texts.includes(undefined) ? undefined : `${open!}${texts.join(',')}${close!}`

// Writes rows in the binary format of PostgreSQL's COPY. Source: https://www.postgresql.org/docs/current/sql-copy.html, "Binary
// Format"; values have the bytes that the send function of their type writes.
import { ExportError } from '../../shared/errors.js'
import { getCellDigits, type Column } from '../../schema/column.js'
import { createColumnSchema } from '../../schema/column-schema.js'
import {
  formatType,
  getDecimalSize,
  isDecimal,
  type PlainType,
  type ScalarType,
  type Value,
} from '../../schema/types/column-type.js'
import type { RecordOrRow } from '../../shared/types.js'
import type { EncoderStats } from '../../encode/encoder.js'
import type { Emit, Format, SignatureFunction } from '../../encode/format.js'
import { createCellTypeError } from '../../encode/typed/cell-type-error.js'
import {
  decideColumnType,
  getSignatureFunction,
  type TypedColumn,
  type TypePlan,
} from '../../encode/typed/decide-column-type.js'
import { selectConverter, type Converter } from '../../encode/typed/convert-cell.js'
import { isStorableText, toStorableText } from '../../load/storable-text.js'
import { CopyBuffer } from './copy-buffer.js'
import { isStorableJson, toStorableJson, throwIfNotStorable } from './postgres-text.js'

/** The signature, no flags, no header extension. */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const TRAILER = Buffer.from([0xff, 0xff])
const EMIT_BYTES = 256 * 1024

interface CopyColumn {
  readonly column: TypedColumn
  readonly convert: Converter
  readonly write: (buffer: CopyBuffer, value: Exclude<Value, null>) => void
}

export class CopyFormat implements Format {
  readonly #where: string
  readonly #typePlan: TypePlan
  readonly #replacesInvalidText: boolean
  readonly #stats: EncoderStats
  readonly #emit: Emit
  readonly #buffer = new CopyBuffer()
  #columns: readonly CopyColumn[] = []

  constructor(where: string, typePlan: TypePlan, replacesInvalidText: boolean, stats: EncoderStats, emit: Emit) {
    this.#where = where
    this.#typePlan = typePlan
    this.#replacesInvalidText = replacesInvalidText
    this.#stats = stats
    this.#emit = emit
  }

  open(columns: readonly Column[], sample: readonly RecordOrRow[]): void {
    const typed = columns.map((column) => decideColumnType(this.#toStorableName(column), sample, this.#typePlan))
    this.#columns = typed.map((column) => {
      const type = column.type as ScalarType
      return { column, convert: selectConverter(column.converters, type), write: selectWriter(type) }
    })
    this.#stats.columns = typed.length
    this.#stats.schema = typed.map(({ type, chosen }, index) => createColumnSchema(columns[index]!, type, chosen))
    this.#buffer.writeBytes(HEADER)
  }

  async encode(rows: readonly RecordOrRow[], firstRowNumber: number): Promise<void> {
    for (const [index, row] of rows.entries()) {
      this.#encodeRow(row, firstRowNumber + index)
      if (this.#buffer.length >= EMIT_BYTES) await this.flush()
    }
  }

  getSignatureFunction(column: Column): SignatureFunction | undefined {
    return getSignatureFunction(this.#toStorableName(column), this.#typePlan)
  }

  async flush(): Promise<void> {
    await this.#emit(this.#buffer.take())
  }

  async close(): Promise<void> {
    this.#buffer.writeBytes(TRAILER)
    await this.flush()
  }

  #encodeRow(row: RecordOrRow, rowNumber: number): void {
    const buffer = this.#buffer
    buffer.writeInt16(this.#columns.length)
    for (const { column, convert, write } of this.#columns) {
      const cell = column.read(row)
      const digits = isDecimal(column.type) ? getCellDigits(column, row) : undefined
      const value = convert(digits ?? cell)
      if (value === undefined) throw createCellTypeError(this.#where, `row ${rowNumber}`, column, cell)
      if (value === null) buffer.writeInt32(-1)
      else write(buffer, typeof value === 'string' ? this.#checkText(value, column, rowNumber) : value)
    }
  }

  /** Returns the column with the id that the table uses for it, so that its type is found. */
  #toStorableName(column: Column): Column {
    if (!this.#replacesInvalidText) throwIfNotStorable(this.#where, column.id)
    return { ...column, id: toStorableText(column.id) }
  }

  #checkText(text: string, column: TypedColumn, rowNumber: number): string {
    const isJson = column.type === 'json'
    if (isJson ? isStorableJson(text) : isStorableText(text)) return text
    if (this.#replacesInvalidText) return isJson ? toStorableJson(text) : toStorableText(text)
    const problem = `text with U+0000 or half of a surrogate pair, which PostgreSQL cannot store; use invalidText: 'replace'`
    const place = `${this.#where}: row ${rowNumber}: column ${JSON.stringify(column.id)}`
    throw new ExportError('ERR_CELL_TYPE', `${place}: expected ${formatType(column.type)}, got ${problem}`)
  }
}

/** 2000-01-01, the zero of PostgreSQL's timestamps, in milliseconds since 1970. */
const POSTGRES_EPOCH_MS = 946_684_800_000

/** 2000-01-01 in days since 1970. */
const POSTGRES_EPOCH_DAYS = 10_957

const JSONB_VERSION = 1

function selectWriter(type: ScalarType): CopyColumn['write'] {
  if (!isDecimal(type)) return writers[type]
  const { scale } = getDecimalSize(type)
  return (buffer, value) => buffer.writeNumericField(value as bigint, scale)
}

const writers: Readonly<Record<PlainType, CopyColumn['write']>> = {
  string: (buffer, value) => buffer.writeTextField(value as string),
  int64: (buffer, value) => buffer.writeInt64Field(value as bigint),
  double: (buffer, value) => buffer.writeDoubleField(value as number),
  boolean: (buffer, value) => buffer.writeBooleanField(value as boolean),
  timestamp: (buffer, value) => buffer.writeInt64Field(BigInt((value as number) - POSTGRES_EPOCH_MS) * 1000n),
  date: (buffer, value) => buffer.writeInt32Field((value as number) - POSTGRES_EPOCH_DAYS),
  json: (buffer, value) => buffer.writeTextField(value as string, JSONB_VERSION),
}

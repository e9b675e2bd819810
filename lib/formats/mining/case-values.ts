// The values of columns of a process instance, with their types: attributes of a trace in XES, of an object in OCEL.
import { createCellTypeError } from '../../encode/typed/cell-type-error.js'
import { selectConverter, declaredConverters, type Converter } from '../../encode/typed/convert-cell.js'
import { tryFormatCell } from '../../schema/cell-text.js'
import { createCellReader, getCellDigits, type Column } from '../../schema/column.js'
import { isDecimal, type PlainType, type ScalarType } from '../../schema/types/column-type.js'
import { isApiDate } from '../../schema/types/timestamp.js'
import { describeValue } from '../../shared/describe-value.js'
import type { MiningEvent } from '../../schema/rows/mining-events.js'
import { getKnownType } from '../../shared/reports/report-kinds.js'
import type { Cell, RecordOrRow } from '../../shared/types.js'
import { DAY_MS } from '../../shared/milliseconds.js'

/** The type of a value in an event log, in the words of XES. */
export type ValueKind = 'string' | 'int' | 'float' | 'boolean' | 'date'

export interface CaseField extends Pick<Column, 'id' | 'read'> {
  /** The declared kind, or the kind in the API's data model. Undefined if each value has the kind of its cell. */
  readonly kind: ValueKind | undefined
  readonly convert: Converter
  readonly declaredType: ScalarType | undefined
}

export interface CaseValue {
  readonly kind: ValueKind
  readonly text: string
}

/** @param declaredType its type in the option `types` */
export function createCaseField(id: string, declaredType: ScalarType | undefined): CaseField {
  const type = declaredType ?? getKnownType(id)
  const convert = selectConverter(declaredConverters, type ?? 'string')
  return { id, read: createCellReader(id), kind: type && getKind(type), convert, declaredType }
}

const getKind = (type: ScalarType): ValueKind => (isDecimal(type) ? 'float' : kindByType[type])

const kindByType: Readonly<Record<PlainType, ValueKind>> = {
  string: 'string',
  int64: 'int',
  double: 'float',
  boolean: 'boolean',
  timestamp: 'date',
  date: 'date',
  json: 'string',
}

/** Returns the value of a field, or undefined if the record has none. Throws for a cell without a text, or not of the declared type. */
export function readCaseValue(field: CaseField, record: RecordOrRow, where: string): CaseValue | undefined {
  const { id, kind, convert, declaredType } = field
  const cell = field.read(record)
  // the digits may have a fraction or an exponent, also if the number is an integer
  const digits = typeof cell === 'number' && kind !== 'int' ? getCellDigits(field, record) : undefined
  const text = digits ?? tryFormatCell(cell)
  if (text === null) return undefined
  if (text === undefined) throw createCaseError(where, record['processInstanceId'], id, cell, declaredType)
  if (kind === undefined) return createValue(digits === undefined ? getCellKind(cell) : 'float', text)
  const converted = convert(cell)
  if (converted === null) return undefined
  const isWritable = kind !== 'float' || Number.isFinite(Number(converted))
  if (converted !== undefined && isWritable)
    return createValue(kind, formatConverted(cell, text, Number(converted), field))
  if (declaredType === undefined) return createValue('string', text)
  throw createCaseError(where, record['processInstanceId'], id, cell, declaredType)
}

const createCaseError = (where: string, caseId: Cell, id: string, cell: Cell, type: ScalarType = 'string') =>
  createCellTypeError(where, `process instance ${describeValue(caseId)}`, { id, type }, cell)

/** Returns the text of a cell of a process instance, or null for a null cell. Throws for a cell without a text. */
export function formatCaseCell(where: string, caseId: Cell, id: string, cell: Cell): string | null {
  const text = tryFormatCell(cell)
  if (text === undefined) throw createCaseError(where, caseId, id, cell)
  return text
}

export const formatInstanceId = (where: string, { caseId, instanceId }: MiningEvent): string | null =>
  formatCaseCell(where, caseId, 'flowNodeInstances', instanceId)

/** Texts of numbers stay the same, and texts of timestamps keep their offset. Other times are in UTC. */
function formatConverted(cell: Cell, text: string, converted: number, { kind, declaredType }: CaseField): string {
  if (kind !== 'date') return text
  if (declaredType === 'date') return new Date(converted * DAY_MS).toISOString()
  return typeof cell === 'string' ? text : new Date(converted).toISOString()
}

export const createValue = (kind: ValueKind, text: string): CaseValue => ({
  kind,
  text: kind === 'date' ? toIsoOffset(text) : text,
})

export function getCellKind(cell: Cell): ValueKind {
  if (typeof cell === 'boolean') return 'boolean'
  if (typeof cell === 'bigint' || Number.isSafeInteger(cell)) return 'int'
  if (typeof cell === 'number') return Number.isFinite(cell) ? 'float' : 'string'
  return cell instanceof Date || (typeof cell === 'string' && isApiDate(cell)) ? 'date' : 'string'
}

/** Returns a date of the server with a colon in the offset, as XML and JSON schemas require. */
export const toIsoOffset = (date: string): string => date.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')

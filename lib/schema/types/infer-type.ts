// Infers the type of cells. A text becomes a number only if the same text can be made from the number. So `007`, `1.10`, `1e5` and
// integers beyond 2^53 stay text. `2` and `2.0` are numbers, but not in the same column.
import { isJsonObject } from '../../shared/json/json.js'
import { isEmptyCell } from '../cell-text.js'
import type { Cell, JsonValue } from '../../shared/types.js'
import type { ListType, ScalarType, StructField, StructType, ValueType } from './column-type.js'
import { isApiDate } from './timestamp.js'

const isSafeIntegerText = (text: string) => /^(?:0|-?[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text))

/** The notation of a whole number: `2`, or `2.0` as Java writes a double. */
export type IntegerNotation = '2' | '2.0'

export function getIntegerNotation(text: string): IntegerNotation | undefined {
  if (isSafeIntegerText(text)) return '2'
  return text.endsWith('.0') && keepsTextAsInteger(text.slice(0, -2)) ? '2.0' : undefined
}

/** Returns true for an integer that JavaScript writes with the same digits, and for `-0`. */
const keepsTextAsInteger = (digits: string) =>
  /^-?(?:0|[1-9]\d*)$/.test(digits) && (String(Number(digits)) === digits || digits === '-0')

/** Returns true for a number from which the same text can be made: `12`, `12.5`, `100.0`; not `1.10`, `1e5`, `007`. */
export function keepsTextAsNumber(text: string): boolean {
  if (getIntegerNotation(text)) return true
  return /^-?(?:0|[1-9]\d*)\.\d+$/.test(text) && String(Number(text)) === text
}

/**
 * Returns the type that fits all cells, else `'string'`, for cells that arrive as text, such as variables. Null and `''` are ignored.
 * `2` and `2.0` together are text, because one number type cannot keep both notations.
 */
export function inferTypeOfVariables(cells: Iterable<Cell>): ScalarType {
  const signatures = new Set([...cells].map(getVariableSignature))
  signatures.delete('')
  if (signatures.has('double') && !signatures.has('2.0')) signatures.delete('int64')
  if (signatures.delete('2.0')) signatures.add('double')
  const [only, ...others] = signatures as Set<ScalarType>
  return only === undefined || others.length > 0 ? 'string' : only
}

/** Returns the type signature of a cell for {@link inferTypeOfVariables}: a type, `'2.0'` for `7.0` and the like, `''` if empty. */
export function getVariableSignature(cell: Cell): ScalarType | '2.0' | '' {
  if (isEmptyCell(cell)) return ''
  if (typeof cell === 'boolean' || cell === 'true' || cell === 'false') return 'boolean'
  if (typeof cell === 'number') return Number.isSafeInteger(cell) ? 'int64' : 'double'
  if (cell instanceof Date) return 'timestamp'
  if (typeof cell !== 'string') return 'string'
  const notation = getIntegerNotation(cell)
  if (notation) return notation === '2' ? 'int64' : notation
  if (keepsTextAsNumber(cell)) return 'double'
  return isApiDate(cell) ? 'timestamp' : 'string'
}

/**
 * Returns the type of cells that arrive as JSON values. Numbers are doubles, or int64 if one is a `bigint` and all are integers. Arrays
 * become lists if all their elements have one type, or are objects with the same keys and types. Objects with the same keys and types
 * become structs. Numbers in lists and structs are int64 if all are integers. Other arrays and objects are `'json'`. Every other mixture
 * is `'string'`.
 */
export function inferTypeOfValues(cells: Iterable<Cell>): ValueType {
  const present = [...cells].filter((cell) => cell !== null && cell !== undefined)
  if (present.length === 0) return 'string'
  if (present.every(isJsonObject)) return inferStruct(present) ?? 'json'
  if (present.every((cell): cell is JsonValue[] => Array.isArray(cell))) return inferList(present.flat()) ?? 'json'
  return present.every((cell) => isJsonObject(cell) || Array.isArray(cell))
    ? 'json'
    : (inferScalar(present, 'double') ?? 'string')
}

const INT64_LIMIT = 2n ** 63n

export const isInt64 = (value: bigint) => value >= -INT64_LIMIT && value < INT64_LIMIT

/**
 * Returns the common scalar type of the values, or undefined if there is none; `'string'` if all are null.
 * @param integerType the type of numbers that are all safe integers
 */
export function inferScalar(
  values: readonly Cell[],
  integerType: 'int64' | 'double' = 'int64',
): ScalarType | undefined {
  const kinds = new Set(values.filter((value) => value !== null && value !== undefined).map(getScalarKind))
  if (kinds.has('double') || kinds.has('int64')) kinds.delete('integer')
  const [only = 'string', ...others] = kinds
  if (only === 'other' || others.length > 0) return undefined
  return only === 'integer' ? integerType : only
}

type ScalarKind = ScalarType | 'integer' | 'other'

/** Returns the kind of a value. A column may have integers together with doubles or with int64, but not doubles together with int64. */
function getScalarKind(value: Cell): ScalarKind {
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value as 'string' | 'boolean'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'double'
  if (typeof value === 'bigint') return isInt64(value) ? 'int64' : 'other'
  return value instanceof Date ? 'timestamp' : 'other'
}

function inferList(elements: readonly JsonValue[]): ListType | undefined {
  const present = elements.filter((element) => element !== null)
  if (present.length === 0) return undefined
  const list = present.every(isJsonObject) ? inferStruct(present) : inferScalar(present)
  return list && { list }
}

function inferStruct(objects: readonly Record<string, JsonValue>[]): StructType | undefined {
  const names = Object.keys(objects[0]!)
  const hasSameKeys = (object: object) =>
    Object.keys(object).length === names.length && names.every((name) => Object.hasOwn(object, name))
  if (names.length === 0 || !objects.every(hasSameKeys)) return undefined
  const fields = names.map((name) => ({ name, type: inferScalar(objects.map((object) => object[name])) }))
  return fields.every((field): field is StructField => field.type !== undefined) ? { struct: fields } : undefined
}

/** Returns the type signature of a cell for {@link inferTypeOfValues}. Both look two levels deep. */
export function getValueSignature(cell: Cell): string {
  if (!Array.isArray(cell)) return isJsonObject(cell) ? getObjectSignature(cell) : getScalarSignature(cell)
  const signatures = new Set(
    cell.map((element) => (isJsonObject(element) ? getObjectSignature(element) : getScalarSignature(element))),
  )
  return `[${[...signatures].sort().join()}]`
}

function getObjectSignature(object: Record<string, Cell>): string {
  const fields = Object.keys(object).map((name) => `${JSON.stringify(name)}:${getScalarSignature(object[name])}`)
  return `{${fields.sort().join()}}`
}

const getScalarSignature = (value: Cell) => (value === null || value === undefined ? '' : getScalarKind(value))

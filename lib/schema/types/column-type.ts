// The types of columns. The rules of options and the help of the command are derived from `plainTypes`.
import { OptionError } from '../../shared/errors.js'
import * as rule from '../../shared/options.js'
import { isPlainObject } from '../../shared/options.js'
import { describeValue } from '../../shared/describe-value.js'

/** The size of a decimal: the number of its digits, and how many of them are after the point. */
export interface DecimalSize {
  readonly precision: number
  readonly scale: number
}

/** The types in the option `types` of encoders, except decimals. For each of them `encode/typed` has a converter and a writer. */
export const plainTypes = ['string', 'int64', 'double', 'boolean', 'timestamp', 'date', 'json'] as const

export type PlainType = (typeof plainTypes)[number]

/** Exact numbers with up to p digits, s of them after the point: `'decimal(12,2)'` has 12 digits, 2 of them after the point. */
export type DecimalType = `decimal(${number},${number})`

/** A type of single values. */
export type ScalarType = PlainType | DecimalType

/** The digits of the largest decimal. DuckDB, Spark and Decimal128 of Arrow have the same limit. */
const MAX_DECIMAL_DIGITS = 38
/** In Parquet a decimal with more digits has 16 bytes, every other one is an INT64. Source: LogicalTypes.md of apache/parquet-format. */
const MAX_INT64_DIGITS = 18
export const DECIMAL_BYTES = 16

export const isDecimal = (type: unknown): type is DecimalType => typeof type === 'string' && type.startsWith('decimal(')

/** A type that a column has only if an option, or the schema of an earlier file, gives it. */
export type DeclaredOnlyType = 'date' | DecimalType

export const isDeclaredOnly = (type: unknown): type is DeclaredOnlyType => type === 'date' || isDecimal(type)

export const isLargeDecimal = (type: DecimalType): boolean => getDecimalSize(type).precision > MAX_INT64_DIGITS

export const createDecimalType = ({ precision, scale }: DecimalSize): DecimalType | undefined =>
  precision >= 1 && precision <= MAX_DECIMAL_DIGITS && scale <= precision ? `decimal(${precision},${scale})` : undefined

/** Returns the decimal type of a text such as `decimal(12,2)` or `DECIMAL(12, 2)`, or undefined. */
export function parseDecimalType(text: unknown): DecimalType | undefined {
  const match = typeof text === 'string' ? /^decimal\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)$/i.exec(text) : undefined
  return match ? createDecimalType({ precision: Number(match[1]), scale: Number(match[2]) }) : undefined
}

export function getDecimalSize(type: DecimalType): DecimalSize {
  const [precision, scale] = type.match(/\d+/g)!.map(Number) as [number, number]
  return { precision, scale }
}

export interface StructType {
  readonly struct: readonly StructField[]
}

export interface StructField {
  readonly name: string
  readonly type: ScalarType
}

export interface ListType {
  readonly list: ScalarType | StructType
}

export type ValueType = ScalarType | StructType | ListType

/** A MAP<string, string> column. */
export interface MapType {
  readonly map: 'string'
}

export type ColumnType = ValueType | MapType

/**
 * A value of a scalar type. string and json: string; int64: bigint; double: number; boolean: boolean; timestamp: milliseconds since 1970,
 * an integer; date: days since 1970, an integer; decimal: the digits without the point as a bigint, 1250n for `12.5` and scale 2.
 */
export type Value = string | number | bigint | boolean | null

export const isList = (type: ColumnType): type is ListType => typeof type === 'object' && 'list' in type
export const isStruct = (type: ColumnType): type is StructType => typeof type === 'object' && 'struct' in type
export const isScalar = (type: ColumnType): type is ScalarType => typeof type === 'string'

/** Returns true if the values of a scalar type are text. A number in a column of this type keeps its original digits. */
export const isText = (type: ScalarType): boolean => type === 'string' || type === 'json'

/** Returns the text of a type for messages: `list<struct<id, name>>`. */
export function formatType(type: ColumnType): string {
  if (isScalar(type)) return type
  if (isList(type)) return `list<${formatType(type.list)}>`
  return isStruct(type) ? `struct<${type.struct.map(({ name }) => name).join(', ')}>` : 'map<string, string>'
}

const decimalRule: rule.Rule<DecimalType> = {
  expected: `'decimal(p,s)' with 1 to ${MAX_DECIMAL_DIGITS} digits, s of them after the point, such as 'decimal(12,2)'`,
  parse: parseDecimalType,
}

export const scalarRule: rule.Rule<ScalarType> = rule.either(rule.oneOf(...plainTypes), decimalRule)

export const typesRule: rule.Rule<Readonly<Record<string, ScalarType>>> = {
  expected: 'an object of column types',
  parse: (value, { where, option }) => {
    if (!isPlainObject(value)) return undefined
    const types = Object.entries(value).map(([column, given]) => {
      const type = scalarRule.parse(given, { where, option })
      if (type !== undefined) return [column, type] as const
      throw new OptionError(
        where,
        `${option}.${column}`,
        `expected ${scalarRule.expected}, got ${describeValue(given)}`,
      )
    })
    return Object.freeze(Object.fromEntries(types))
  },
}

export function isColumnType(type: unknown): type is ColumnType {
  if (isScalarName(type) || isStructType(type)) return true
  return isPlainObject(type) && (type['map'] === 'string' || isScalarName(type['list']) || isStructType(type['list']))
}

/** Returns true for the name of a scalar type. The name of a decimal must be exactly as `createDecimalType` writes it. */
const isScalarName = (type: unknown) =>
  typeof type === 'string' && scalarRule.parse(type, { where: '', option: '' }) === type

const isStructType = (type: unknown) =>
  isPlainObject(type) &&
  Array.isArray(type['struct']) &&
  type['struct'].length > 0 &&
  type['struct'].every(isField) &&
  new Set(type['struct'].map(({ name }: { name: string }) => name)).size === type['struct'].length

const isField = (field: unknown) =>
  isPlainObject(field) && typeof field['name'] === 'string' && isScalarName(field['type'])

// The types of columns. The rules of options, the help of the command and the schema of a Parquet file are derived from
// `scalarTypes`.
import { OptionError } from '../shared/errors.js'
import { describe, isPlainObject, oneOf, type Rule } from '../shared/options.js'

/** Parquet's physical and converted types with their numbers. Source: parquet.thrift of apache/parquet-format. */
export const physicalTypes = { BOOLEAN: 0, INT32: 1, INT64: 2, DOUBLE: 5, BYTE_ARRAY: 6 } as const
export const convertedTypes = { UTF8: 0, MAP: 1, LIST: 3, DATE: 6, TIMESTAMP_MILLIS: 9, JSON: 19 } as const

/** The element of a scalar type in the schema of a Parquet file. */
export interface ScalarElement {
  readonly type: keyof typeof physicalTypes
  readonly converted_type?: keyof typeof convertedTypes
  readonly logical_type?:
    { readonly type: 'STRING' | 'JSON' } | { readonly type: 'TIMESTAMP'; isAdjustedToUTC: boolean; unit: 'MILLIS' }
}

/** The types of single values. `encode/parquet/columns` has a converter and a writer for each. */
export const scalarTypes = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } },
} satisfies Record<string, ScalarElement>

/** A type of single values. */
export type ScalarType = keyof typeof scalarTypes

/** The types in the option `types` of `toParquet`. */
export const parquetTypes = Object.keys(scalarTypes) as readonly ScalarType[]

/** Returns the element of a scalar type in the schema of a Parquet file. */
export const getScalarElement = (type: ScalarType): ScalarElement => scalarTypes[type]

/** An object whose keys are known. */
export interface StructType {
  readonly struct: readonly StructField[]
}

/** One key of a {@link StructType}. */
export interface StructField {
  readonly name: string
  readonly type: ScalarType
}

/** An array whose elements are of one type. */
export interface ListType {
  readonly list: ScalarType | StructType
}

/** The type of a value of JSON. */
export type ValueType = ScalarType | StructType | ListType

/** A MAP<string, string> column. */
export interface MapType {
  readonly map: 'string'
}

/** The type of a column of the file. */
export type ColumnType = ValueType | MapType

/**
 * A value of a scalar type. string and json: string; int64: bigint; double: number; boolean: boolean; timestamp:
 * milliseconds since 1970 as an integer number.
 */
export type Value = string | number | bigint | boolean | null

export const isList = (type: ColumnType): type is ListType => typeof type === 'object' && 'list' in type
export const isStruct = (type: ColumnType): type is StructType => typeof type === 'object' && 'struct' in type
export const isScalar = (type: ColumnType): type is ScalarType => typeof type === 'string'

/** Returns true if the values of a scalar type are text. Numbers in such a column keep their original digits. */
export const isText = (type: ScalarType): boolean => scalarTypes[type].type === 'BYTE_ARRAY'

/** Returns the type as text for messages: `list<struct<id, name>>`. */
export function formatType(type: ColumnType): string {
  if (isScalar(type)) return type
  if (isList(type)) return `list<${formatType(type.list)}>`
  return isStruct(type) ? `struct<${type.struct.map(({ name }) => name).join(', ')}>` : 'map<string, string>'
}

/** The rule of a scalar type in an option. */
export const scalarRule: Rule<ScalarType> = oneOf(...parquetTypes)

/** The rule of an option with the types of columns. */
export const typesRule: Rule<Readonly<Record<string, ScalarType>>> = {
  expected: 'an object of column types',
  parse: (value, { where, option }) => {
    if (!isPlainObject(value)) return undefined
    for (const [column, type] of Object.entries(value)) {
      if (scalarRule.parse(type, { where, option }) === undefined)
        throw new OptionError(where, `${option}.${column}`, `expected ${scalarRule.expected}, got ${describe(type)}`)
    }
    return Object.freeze({ ...value }) as Readonly<Record<string, ScalarType>>
  },
}

/** Returns true if a value of unknown origin is the type of a column. */
export function isColumnType(type: unknown): type is ColumnType {
  if (isScalarName(type) || isStructType(type)) return true
  return isPlainObject(type) && (type['map'] === 'string' || isScalarName(type['list']) || isStructType(type['list']))
}

const isScalarName = (type: unknown) => scalarRule.parse(type, { where: '', option: '' }) !== undefined

const isStructType = (type: unknown) =>
  isPlainObject(type) &&
  Array.isArray(type['struct']) &&
  type['struct'].length > 0 &&
  type['struct'].every(isField) &&
  new Set(type['struct'].map(({ name }: { name: string }) => name)).size === type['struct'].length

const isField = (field: unknown) =>
  isPlainObject(field) && typeof field['name'] === 'string' && isScalarName(field['type'])

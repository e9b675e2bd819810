// The types of Parquet columns, and the values that they contain.
import type { ListType, ScalarType, StructType, ValueType } from './infer-type.js'

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

/** Returns the type as text for messages: `list<struct<id, name>>`. */
export function formatType(type: ColumnType): string {
  if (isScalar(type)) return type
  if (isList(type)) return `list<${formatType(type.list)}>`
  return isStruct(type) ? `struct<${type.struct.map(({ name }) => name).join(', ')}>` : 'map<string, string>'
}

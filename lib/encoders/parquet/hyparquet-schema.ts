// The schema of a file as hyparquet-writer takes it: elements in depth-first order, a group before what it holds.
import type { ScalarType, StructType } from '../../rows/infer.js'
import type { TypedColumn } from './column-types.js'
import { isList, isScalar, isStruct, type ColumnType } from './types.js'

/** Parquet's own types. */
export type PhysicalType = 'BYTE_ARRAY' | 'INT64' | 'DOUBLE' | 'BOOLEAN'

/** One element of a schema. */
export interface SchemaNode {
  name: string
  type?: PhysicalType
  repetition_type?: 'REQUIRED' | 'OPTIONAL' | 'REPEATED'
  num_children?: number
  converted_type?: 'UTF8' | 'JSON' | 'TIMESTAMP_MILLIS' | 'LIST' | 'MAP'
  logical_type?:
    { type: 'STRING' | 'JSON' | 'LIST' | 'MAP' } | { type: 'TIMESTAMP'; isAdjustedToUTC: boolean; unit: 'MILLIS' }
}

type Element = Omit<SchemaNode, 'name'>

/** How values of a scalar type are declared. */
export const scalars: Readonly<Record<ScalarType, Element & { type: PhysicalType }>> = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
}

/** The schema of a file. */
export function schemaOf(columns: readonly TypedColumn[]): SchemaNode[] {
  const nodes = columns.flatMap(({ name, type }) => nodesOf(name, type))
  return [{ name: 'root', num_children: columns.length }, ...nodes]
}

function nodesOf(name: string, type: ColumnType): SchemaNode[] {
  if (isScalar(type)) return [{ name, repetition_type: 'OPTIONAL', ...scalars[type] }]
  if (isStruct(type)) return structNodes(name, type)
  return isList(type)
    ? [...wrapper(name, 'LIST', 'list', 1), ...nodesOf('element', type.list)]
    : [
        ...wrapper(name, 'MAP', 'key_value', 2),
        { ...nodesOf('key', 'string')[0]!, repetition_type: 'REQUIRED' },
        ...nodesOf('value', 'string'),
      ]
}

const structNodes = (name: string, { struct }: StructType): SchemaNode[] => [
  { name, repetition_type: 'OPTIONAL', num_children: struct.length },
  ...struct.flatMap((field) => nodesOf(field.name, field.type)),
]

const wrapper = (name: string, type: 'LIST' | 'MAP', repeated: string, children: number): SchemaNode[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: type, logical_type: { type } },
  { name: repeated, repetition_type: 'REPEATED', num_children: children },
]

/** A column of single values, of which a nested column has several. */
export interface LeafPlace {
  readonly path: string[]
  readonly type: ScalarType
}

/** The leaves of all columns, in the order of the schema. */
export const leavesOf = (columns: readonly TypedColumn[]): LeafPlace[] =>
  columns.flatMap(({ name, type }) => leaves([name], type))

function leaves(path: string[], type: ColumnType): LeafPlace[] {
  if (isScalar(type)) return [{ path, type }]
  if (isStruct(type)) return type.struct.flatMap((field) => leaves([...path, field.name], field.type))
  if (isList(type)) return leaves([...path, 'list', 'element'], type.list)
  return ['key', 'value'].map((part) => ({ path: [...path, 'key_value', part], type: 'string' }))
}

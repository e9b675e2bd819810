// The schema of a file for hyparquet-writer: elements in depth-first order, each before its children.
import type { TypedColumn } from '../../typed/decide-column-type.js'
import {
  isList,
  isScalar,
  isStruct,
  type ColumnType,
  type ScalarType,
  type StructType,
} from '../../../schema/types/column-type.js'
import { getScalarElement, type ScalarElement } from './scalar-element.js'

export interface SchemaElement {
  name: string
  type?: ScalarElement['type']
  repetition_type?: 'REQUIRED' | 'OPTIONAL' | 'REPEATED'
  num_children?: number
  converted_type?: ScalarElement['converted_type']
  logical_type?: ScalarElement['logical_type'] | { type: 'LIST' | 'MAP' }
  type_length?: number
  precision?: number
  scale?: number
}

export function createSchema(columns: readonly TypedColumn[]): SchemaElement[] {
  const elements = columns.flatMap(({ name, type }) => createElements(name, type))
  return [{ name: 'root', num_children: columns.length }, ...elements]
}

function createElements(name: string, type: ColumnType): SchemaElement[] {
  if (isScalar(type)) return [{ name, repetition_type: 'OPTIONAL', ...getScalarElement(type) }]
  if (isStruct(type)) return createStructElements(name, type)
  return isList(type)
    ? [...createWrapperElements(name, 'LIST', 'list', 1), ...createElements('element', type.list)]
    : [
        ...createWrapperElements(name, 'MAP', 'key_value', 2),
        { ...createElements('key', 'string')[0]!, repetition_type: 'REQUIRED' },
        ...createElements('value', 'string'),
      ]
}

const createStructElements = (name: string, { struct }: StructType): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: struct.length },
  ...struct.flatMap((field) => createElements(field.name, field.type)),
]

const createWrapperElements = (
  name: string,
  type: 'LIST' | 'MAP',
  repeatedName: string,
  childCount: number,
): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: type, logical_type: { type } },
  { name: repeatedName, repetition_type: 'REPEATED', num_children: childCount },
]

export interface SchemaLeaf {
  readonly path: string[]
  readonly type: ScalarType
}

export const listLeaves = (columns: readonly TypedColumn[]): SchemaLeaf[] =>
  columns.flatMap(({ name, type }) => collectLeaves([name], type))

function collectLeaves(path: string[], type: ColumnType): SchemaLeaf[] {
  if (isScalar(type)) return [{ path, type }]
  if (isStruct(type)) return type.struct.flatMap((field) => collectLeaves([...path, field.name], field.type))
  if (isList(type)) return collectLeaves([...path, 'list', 'element'], type.list)
  return ['key', 'value'].map((child) => ({ path: [...path, 'key_value', child], type: 'string' }))
}

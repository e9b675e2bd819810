import { selectConverter } from './convert-cell.js'
import type { TypedColumn } from './decide-column-type.js'
import { createLeafWriter, type CreateLeafBuilder } from './leaf-writers.js'
import { ListWriter, MapWriter, StructListWriter, StructWriter } from './nested-writers.js'
import type { NodeWriter } from './node-writer.js'
import { isList, isScalar, isStruct, type ScalarType, type StructType } from '../../schema/types/column-type.js'

/** Creates the writer of a column of any type. Every node in the schema adds a definition level, except the required key of a map. */
export function createColumnWriter(
  { type, converters, findWrongEntry }: TypedColumn,
  createBuilder: CreateLeafBuilder,
): NodeWriter {
  const createScalarWriter = (scalar: ScalarType, definition: number, repetition: number) =>
    createLeafWriter(scalar, selectConverter(converters, scalar), { definition, repetition }, createBuilder)
  const createStruct = ({ struct }: StructType, nullDefinition: number, repetition: number) =>
    new StructWriter(
      new Map(struct.map((field) => [field.name, createScalarWriter(field.type, nullDefinition + 2, repetition)])),
      nullDefinition,
    )
  if (isScalar(type)) return createScalarWriter(type, 1, 0)
  if (isStruct(type)) return createStruct(type, 0, 0)
  if (!isList(type))
    return new MapWriter(createScalarWriter('string', 2, 1), createScalarWriter('string', 3, 1), findWrongEntry)
  return isScalar(type.list)
    ? new ListWriter(createScalarWriter(type.list, 3, 1))
    : new StructListWriter(createStruct(type.list, 2, 1))
}

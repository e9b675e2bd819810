// The builder of a column of any type, level by level.
import type { TypedColumn } from './column-types.js'
import type { Leaves } from './leaves.js'
import { ListPart, MapPart, StructListPart, StructPart } from './nested.js'
import type { Part } from './part.js'
import { isList, isScalar, isStruct } from './types.js'
import type { StructType } from '../../rows/infer.js'

/** The builder of a column; every part but the key of a map is optional, and so a level of its own. */
export function partOf({ type, scalars, fitsEntry = () => true }: TypedColumn, leaves: Leaves): Part {
  const leaf = (scalar: keyof typeof scalars, definition: number, repetition: number) =>
    leaves.leafOf(scalar, scalars[scalar], { definition, repetition })
  const structOf = ({ struct }: StructType, outside: number, repetition: number) =>
    new StructPart(new Map(struct.map((field) => [field.name, leaf(field.type, outside + 2, repetition)])), outside)
  if (isScalar(type)) return leaf(type, 1, 0)
  if (isStruct(type)) return structOf(type, 0, 0)
  if (!isList(type)) return new MapPart(leaf('string', 2, 1), leaf('string', 3, 1), fitsEntry)
  return isScalar(type.list) ? new ListPart(leaf(type.list, 3, 1)) : new StructListPart(structOf(type.list, 2, 1))
}

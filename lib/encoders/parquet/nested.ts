// Lists, structs and maps: as scalars, every part fits or the whole cell is refused.
import { isJsonObject } from '../../json.js'
import type { Field, ScalarType, StructType } from '../../rows/infer.js'
import type { Cell } from '../../types.js'
import { toText, unlessEmpty, type Convert } from './convert.js'
import { isList, isScalar, isStruct, type ColumnType, type Value } from './types.js'

/** How cells of any type are read, given how the scalars in them are. */
export function converter(type: ColumnType, scalars: Readonly<Record<ScalarType, Convert>>): Convert {
  if (isScalar(type)) return scalars[type]
  if (isList(type)) return unlessEmpty(listConverter(converter(type.list, scalars)))
  return unlessEmpty(isStruct(type) ? structConverter(type, scalars) : toMap)
}

const listConverter = (convert: Convert) => (cell: Cell) => {
  if (!Array.isArray(cell)) return undefined
  const values: Value[] = []
  for (const element of cell) {
    const value = convert(element)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

function structConverter({ struct }: StructType, scalars: Readonly<Record<ScalarType, Convert>>) {
  const fields = new Map(struct.map(({ name, type }: Field) => [name, scalars[type]]))
  return (cell: Cell) => {
    if (!isJsonObject(cell)) return undefined
    const values = Object.create(null) as Record<string, Value>
    for (const name of fields.keys()) values[name] = null
    for (const name of Object.keys(cell)) {
      const value = fields.get(name)?.(cell[name])
      if (value === undefined) return undefined
      values[name] = value
    }
    return values
  }
}

function toMap(cell: Cell): Value | undefined {
  if (!isJsonObject(cell)) return undefined
  const entries: Value[] = []
  for (const key of Object.keys(cell)) {
    const value = toText(cell[key])
    if (value === undefined) return undefined
    entries.push({ key, value })
  }
  return entries
}

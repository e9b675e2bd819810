// Decides the type of each column: the declared one, else that of the API's data model, else the one that the sample shows.
import { isJsonObject } from '../../json.js'
import { nestedFields } from '../../reports/nested-fields.js'
import { knownType } from '../../reports/report.js'
import type { Column, ReadCell } from '../../rows/column.js'
import {
  inferText,
  inferValue,
  voteOfText,
  voteOfValue,
  type Field,
  type ListType,
  type ScalarType,
} from '../../rows/infer.js'
import type { Cell, Row } from '../../types.js'
import type { ColumnSchema } from '../column-schema.js'
import { declared, inferred, type Convert } from './convert.js'
import type { FitsEntry } from './nested.js'
import { isScalar, type ColumnType } from './types.js'

/** A column whose type is decided. */
export interface TypedColumn {
  readonly id: string
  readonly name: string
  readonly type: ColumnType
  readonly chosen: ColumnSchema['chosen']
  readonly read: ReadCell
  /** The functions that read the scalars in its cells. */
  readonly scalars: Readonly<Record<ScalarType, Convert>>
  /** Whether a value of a map fits the type that was declared for its key; undefined where every value does. */
  readonly fitsEntry?: FitsEntry | undefined
}

/** The options that decide types, beside the column and its cells. */
export interface TypeRules {
  readonly types: Readonly<Record<string, ScalarType>>
  /** Columns of an earlier file, by their prefixed names. */
  readonly earlier: ReadonlyMap<string, ColumnSchema>
  readonly inferTypes: boolean
  /** Nested fields that are a MAP column. */
  readonly maps: readonly string[]
  /** Whether the engine can write lists, structs and maps. */
  readonly nests: boolean
}

/** Decides the type of a column from the rows of the sample. */
export function typeColumn({ id, name, read }: Column, sample: readonly Row[], rules: TypeRules): TypedColumn {
  const fixed = fixedType(id, rules)
  if (fixed) {
    const { type, chosen } = fixed
    const scalars = chosen === 'inferred' ? inferred() : declared
    return { id, name, type, chosen, read, scalars, fitsEntry: entryRule(id, rules) }
  }
  const found = inferredType(id, sample.map(read), rules)
  const type = isScalar(found) || rules.nests ? found : 'json'
  const chosen = isVariable(id) && !rules.inferTypes ? 'known' : 'inferred'
  return { id, name, type, chosen, read, scalars: inferred() }
}

/** A map holds text; a value whose key has a declared type must be one that a column of that type can hold. */
function entryRule(id: string, { maps, types }: TypeRules): FitsEntry | undefined {
  if (!maps.includes(id)) return undefined
  const { prefix } = nestedFields.find(({ field }) => field === id)!
  const converts = new Map(
    Object.entries(types)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, type]) => [name.slice(prefix.length), declared[type]]),
  )
  return (key, value) => converts.get(key)?.(value) !== undefined || !converts.has(key)
}

/** How the cells of a column vote on its type; undefined where they have no say. */
export function voteOn({ id }: Column, rules: TypeRules): ((cell: Cell) => string) | undefined {
  if (fixedType(id, rules)) return undefined
  if (!isVariable(id)) return voteOfValue
  return rules.inferTypes ? voteOfText : undefined
}

const isVariable = (id: string) => nestedFields.some(({ prefix }) => id.startsWith(prefix))

/** A column of JSON values, whatever the sample shows. */
export function jsonColumn({ id, name, read }: Column): TypedColumn {
  return { id, name, type: 'json', chosen: 'known', read, scalars: inferred() }
}

/** The type of a column whose cells do not matter. */
function fixedType(id: string, { types, earlier, maps }: TypeRules): Pick<ColumnSchema, 'type' | 'chosen'> | undefined {
  if (Object.hasOwn(types, id)) return { type: types[id]!, chosen: 'declared' }
  const type = maps.includes(id) ? ({ map: 'string' } as const) : knownType(id)
  return earlier.get(id) ?? (type && { type, chosen: 'known' })
}

function inferredType(id: string, cells: readonly Cell[], { inferTypes }: TypeRules): ColumnType {
  if (isVariable(id)) return inferTypes ? inferText(cells) : 'string'
  if (id === 'flowNodeInstances' && cells.every(isListOfObjects)) return flowNodeInstances(cells)
  return inferValue(cells)
}

const isListOfObjects = (cell: Cell) =>
  cell === null ||
  cell === undefined ||
  (Array.isArray(cell) && cell.every((element) => element === null || isJsonObject(element)))

const eventFields: readonly Field[] = [
  { name: 'id', type: 'string' },
  { name: 'name', type: 'string' },
  { name: 'startDate', type: 'timestamp' },
  { name: 'endDate', type: 'timestamp' },
]

/** The four documented fields, and as text what else the sample's elements hold. */
function flowNodeInstances(cells: readonly Cell[]): ListType {
  const names = new Set(eventFields.map(({ name }) => name))
  for (const element of cells.flat()) if (isJsonObject(element)) for (const key of Object.keys(element)) names.add(key)
  const further = [...names].slice(eventFields.length).map((name): Field => ({ name, type: 'string' }))
  return { list: { struct: [...eventFields, ...further] } }
}

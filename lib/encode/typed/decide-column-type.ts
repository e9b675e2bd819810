// Decides the type of each column: JSON for the overflow column, else the declared type, else the type in an earlier file, else the type
// in the API's data model, else text for variables, inputs and outputs without `inferTypes`, else a type inferred from the example rows.
import { isJsonObject } from '../../shared/json/json.js'
import { hasFieldPrefix, nestedFields } from '../../shared/reports/nested-fields.js'
import { getKnownType } from '../../shared/reports/report-kinds.js'
import { createPropertyReader, type Column, type CellReader } from '../../schema/column.js'
import {
  inferTypeOfVariables,
  inferTypeOfValues,
  getVariableSignature,
  getValueSignature,
  inferScalar,
} from '../../schema/types/infer-type.js'
import { getMiningColumnType, removeXesCasePrefix } from '../../schema/rows/mining-columns.js'
import type { Cell, RecordOrRow, Row } from '../../shared/types.js'
import type { ColumnSchema } from '../../schema/column-schema.js'
import { declaredConverters, createInferredConverters, selectConverter, type ConverterTable } from './convert-cell.js'
import type { SignatureFunction } from '../format.js'
import { getTextSpanSignature, getValueSpanSignature } from '../span-signatures.js'
import type { FindWrongEntry } from './cell-type-error.js'
import {
  isScalar,
  type ColumnType,
  type StructField,
  type ListType,
  type ScalarType,
} from '../../schema/types/column-type.js'

export interface TypedColumn {
  readonly id: string
  readonly name: string
  readonly type: ColumnType
  readonly chosen: ColumnSchema['chosen']
  readonly read: CellReader
  readonly converters: ConverterTable
  /** Finds a value of a map that does not fit the type that was declared for its key; undefined if no type was declared for a key. */
  readonly findWrongEntry?: FindWrongEntry | undefined
}

export interface TypePlan {
  readonly types: Readonly<Record<string, ScalarType>>
  readonly earlierColumns: ReadonlyMap<string, ColumnSchema>
  readonly inferTypes: boolean
  readonly mapFields: readonly string[]
  readonly canWriteNested: boolean
}

/** @param rows example rows or, with a list of columns, the first rows */
export function decideColumnType(column: Column, rows: readonly RecordOrRow[], plan: TypePlan): TypedColumn {
  if (column.isOverflow) return createJsonColumn(column)
  const { id, name, read } = column
  const fixed = getFixedType(id, plan)
  if (fixed) {
    const { type, chosen } = fixed
    const converters = chosen === 'inferred' ? createInferredConverters() : declaredConverters
    return { id, name, type, chosen, read, converters, findWrongEntry: createEntryFinder(id, plan) }
  }
  const found = inferColumnType(id, rows.map(read), plan)
  const type = isScalar(found) || plan.canWriteNested ? found : 'json'
  const chosen = isPrefixedColumn(id) && !plan.inferTypes ? 'known' : 'inferred'
  return { id, name, type, chosen, read, converters: createInferredConverters() }
}

/** The map contains text, but if a key has a declared type, its values must fit the type. */
function createEntryFinder(mapId: string, { mapFields, types }: TypePlan): FindWrongEntry | undefined {
  if (!mapFields.includes(mapId)) return undefined
  const { prefix } = nestedFields.find(({ field }) => field === mapId)!
  const entries = Object.entries(types)
    .filter(([id]) => id.startsWith(prefix))
    .map(([id, type]) => ({
      id,
      type,
      read: createPropertyReader(id.slice(prefix.length)),
      convert: selectConverter(declaredConverters, type),
    }))
  if (entries.length === 0) return undefined
  return (cell) => {
    const wrong = isJsonObject(cell)
      ? entries.find(({ read, convert }) => convert(read(cell)) === undefined)
      : undefined
    return wrong && { id: wrong.id, type: wrong.type, cell: wrong.read(cell as Row) }
  }
}

export function getSignatureFunction({ id }: Column, plan: TypePlan): SignatureFunction | undefined {
  if (getFixedType(id, plan)) return undefined
  if (!isPrefixedColumn(id)) return valueSignature
  return plan.inferTypes ? textSignature : undefined
}

const valueSignature: SignatureFunction = Object.assign((cell: Cell) => getValueSignature(cell), {
  ofSpan: getValueSpanSignature,
})

const textSignature: SignatureFunction = Object.assign((cell: Cell) => getVariableSignature(cell), {
  ofSpan: getTextSpanSignature,
  decisive: 'string',
})

function createJsonColumn({ id, name, read }: Column): TypedColumn {
  return { id, name, type: 'json', chosen: 'known', read, converters: createInferredConverters() }
}

function getFixedType(
  id: string,
  { types, earlierColumns, mapFields }: TypePlan,
): Pick<ColumnSchema, 'type' | 'chosen'> | undefined {
  if (Object.hasOwn(types, id)) return { type: types[id]!, chosen: 'declared' }
  const type = mapFields.includes(id) ? ({ map: 'string' } as const) : getModelType(id)
  return earlierColumns.get(id) ?? (type && { type, chosen: 'known' })
}

/** Returns the type in the API's data model, also for the names of mining tools in an event log. */
const getModelType = (id: string) => getKnownType(removeXesCasePrefix(id)) ?? getMiningColumnType(id)

/** True for variables, inputs and outputs. Only for columns without a known type, because it is also true for counts and durations. */
const isPrefixedColumn = (id: string) => hasFieldPrefix(removeXesCasePrefix(id))

function inferColumnType(id: string, cells: readonly Cell[], { inferTypes }: TypePlan): ColumnType {
  if (isPrefixedColumn(id)) return inferTypes ? inferTypeOfVariables(cells) : 'string'
  if (id === 'flowNodeInstances' && cells.every(isNullOrListOfObjects)) return inferFlowNodeInstances(cells)
  return inferTypeOfValues(cells)
}

const isNullOrListOfObjects = (cell: Cell) =>
  cell === null ||
  cell === undefined ||
  (Array.isArray(cell) && cell.every((element) => element === null || isJsonObject(element)))

const flowNodeInstanceFields: readonly StructField[] = [
  { name: 'id', type: 'string' },
  { name: 'name', type: 'string' },
  { name: 'startDate', type: 'timestamp' },
  { name: 'endDate', type: 'timestamp' },
]

const documentedNames = flowNodeInstanceFields.map(({ name }) => name)

/**
 * Returns a list of structs: the four documented fields with their types, and the other fields with the types that they have in other
 * lists. A field whose values have no common type is text.
 */
function inferFlowNodeInstances(cells: readonly Cell[]): ListType {
  const elements = cells.flat().filter(isJsonObject)
  const names = new Set(elements.flatMap(Object.keys))
  const otherFields = [...names]
    .filter((name) => !documentedNames.includes(name))
    .map((name): StructField => {
      const values = elements.map((element) => (Object.hasOwn(element, name) ? element[name] : null))
      return { name, type: inferScalar(values) ?? 'string' }
    })
  return { list: { struct: [...flowNodeInstanceFields, ...otherFields] } }
}

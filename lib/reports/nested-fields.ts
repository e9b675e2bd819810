// The fields of a record that hold one column a key, with the prefix Optimize's own CSV download gives those columns.
import { isJsonObject } from '../json.js'
import type { Cell, JsonValue } from '../types.js'

/** A field whose keys are columns. */
export interface NestedField {
  readonly field: string
  readonly prefix: string
  /** The cell that an entry of the field stands for. */
  readonly cell: (entry: JsonValue) => Cell
  /** Where that cell is: the entry itself, its `value` where the entry is an object, or nowhere before it is computed. */
  readonly cellIs: 'entry' | 'value' | 'computed'
}

const verbatim = (entry: JsonValue): Cell => entry

const valueOf = (entry: JsonValue): Cell => (isJsonObject(entry) && 'value' in entry ? entry['value'] : entry)

/** One output value is that value, none is null, several stay a list. */
function outputOf(entry: JsonValue): Cell {
  if (!isJsonObject(entry) || !Array.isArray(entry['values'])) return valueOf(entry)
  const values = entry['values']
  return values.length > 1 ? values : (values[0] ?? null)
}

/** In the order in which Optimize's CSV download has their columns. */
export const nestedFields: readonly NestedField[] = [
  { field: 'counts', prefix: 'count:', cell: verbatim, cellIs: 'entry' },
  { field: 'flowNodeDurations', prefix: 'dur:', cell: valueOf, cellIs: 'value' },
  { field: 'variables', prefix: 'variable:', cell: verbatim, cellIs: 'entry' },
  { field: 'inputVariables', prefix: 'input:', cell: valueOf, cellIs: 'value' },
  { field: 'outputVariables', prefix: 'output:', cell: outputOf, cellIs: 'computed' },
]

/** The nested field that has the column of a prefixed name: `variables` for `variable:amount`; undefined for any other name. */
export const prefixedFieldOf = (id: string): string | undefined =>
  nestedFields.find(({ prefix }) => id.startsWith(prefix))?.field

// The fields of a record that hold one column a key, with the prefix Optimize's own CSV download gives those columns.
import { getDigits } from '../digits.js'
import { isJsonObject } from '../json.js'
import type { Cell, JsonValue } from '../types.js'

/** A field whose keys are columns. */
export interface NestedField {
  readonly field: string
  readonly prefix: string
  /** The cell that an entry of the field stands for. */
  readonly cell: (entry: JsonValue) => Cell
  /** The digits of that cell where it is a number whose digits were kept. */
  readonly digits: (holder: Holder, key: string) => string | undefined
  /** The place of that cell: the entry itself, its `value` where the entry is an object, or none because it is computed. */
  readonly cellSource: 'entry' | 'value' | 'computed'
}

type Holder = Readonly<Record<string, JsonValue>>

const toVerbatimCell = (entry: JsonValue): Cell => entry

const toValueCell = (entry: JsonValue): Cell => (isJsonObject(entry) && 'value' in entry ? entry['value'] : entry)

function getValueDigits(holder: Holder, key: string): string | undefined {
  const entry = holder[key]
  return isJsonObject(entry) && 'value' in entry ? getDigits(entry, 'value') : getDigits(holder, key)
}

/** One output value is that value, none is null, several stay a list. */
function toOutputCell(entry: JsonValue): Cell {
  if (!isJsonObject(entry) || !Array.isArray(entry['values'])) return toValueCell(entry)
  const values = entry['values']
  return values.length > 1 ? values : (values[0] ?? null)
}

function getOutputDigits(holder: Holder, key: string): string | undefined {
  const entry = holder[key]
  if (!isJsonObject(entry) || !Array.isArray(entry['values'])) return getValueDigits(holder, key)
  return getDigits(entry['values'], '0')
}

/** In the order in which Optimize's CSV download has their columns. */
export const nestedFields: readonly NestedField[] = [
  { field: 'counts', prefix: 'count:', cell: toVerbatimCell, digits: getDigits, cellSource: 'entry' },
  { field: 'flowNodeDurations', prefix: 'dur:', cell: toValueCell, digits: getValueDigits, cellSource: 'value' },
  { field: 'variables', prefix: 'variable:', cell: toVerbatimCell, digits: getDigits, cellSource: 'entry' },
  { field: 'inputVariables', prefix: 'input:', cell: toValueCell, digits: getValueDigits, cellSource: 'value' },
  { field: 'outputVariables', prefix: 'output:', cell: toOutputCell, digits: getOutputDigits, cellSource: 'computed' },
]

/** The nested field that has the column of a prefixed name: `variables` for `variable:amount`; undefined for any other name. */
export const findNestedField = (id: string): string | undefined =>
  nestedFields.find(({ prefix }) => id.startsWith(prefix))?.field

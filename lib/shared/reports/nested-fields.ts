// The fields of a record that become one column per key, with the prefixes that Optimize's own CSV download uses.
import { getDigits } from '../digits.js'
import { isJsonObject } from '../json.js'
import type { Cell, JsonValue } from '../types.js'

/** A field whose keys are columns. */
export interface NestedField {
  readonly field: string
  readonly prefix: string
  /** Returns the cell for an entry of the field. */
  readonly cell: (entry: JsonValue) => Cell
  /** Returns the digits of that cell, or `undefined` if none were kept. */
  readonly digits: (holder: Holder, key: string) => string | undefined
  /** The source of that cell: the entry itself, the `value` of an entry that is an object, or a computation. */
  readonly cellSource: 'entry' | 'value' | 'computed'
}

type Holder = Readonly<Record<string, JsonValue>>

const toVerbatimCell = (entry: JsonValue): Cell => entry

const toValueCell = (entry: JsonValue): Cell => (isJsonObject(entry) && 'value' in entry ? entry['value'] : entry)

function getValueDigits(holder: Holder, key: string): string | undefined {
  const entry = holder[key]
  return isJsonObject(entry) && 'value' in entry ? getDigits(entry, 'value') : getDigits(holder, key)
}

/** Returns the only value of an output, null without a value, or the array of several values. */
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

/** The nested fields, in the order of their columns in Optimize's CSV download. */
export const nestedFields: readonly NestedField[] = [
  { field: 'counts', prefix: 'count:', cell: toVerbatimCell, digits: getDigits, cellSource: 'entry' },
  { field: 'flowNodeDurations', prefix: 'dur:', cell: toValueCell, digits: getValueDigits, cellSource: 'value' },
  { field: 'variables', prefix: 'variable:', cell: toVerbatimCell, digits: getDigits, cellSource: 'entry' },
  { field: 'inputVariables', prefix: 'input:', cell: toValueCell, digits: getValueDigits, cellSource: 'value' },
  { field: 'outputVariables', prefix: 'output:', cell: toOutputCell, digits: getOutputDigits, cellSource: 'computed' },
]

/** Returns the nested field of a column name with a prefix: `variables` for `variable:amount`; `undefined` for other names. */
export const findNestedField = (id: string): string | undefined =>
  nestedFields.find(({ prefix }) => id.startsWith(prefix))?.field

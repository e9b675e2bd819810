// The fields of a record that become one column per key, with the prefixes that Optimize's own CSV download uses.
import { getDigits } from '../json/digits.js'
import { isJsonObject } from '../json/json.js'
import type { Cell, JsonValue } from '../types.js'

/** A field whose keys are columns. */
export interface NestedField {
  readonly field: string
  readonly prefix: string
  /** Returns the cell for an entry of the field. */
  readonly toCell: (entry: JsonValue) => Cell
  /** Returns the digits of the cell, or `undefined` if none were kept. */
  readonly getDigits: (holder: Holder, key: string) => string | undefined
  /** The source of the cell: the entry itself, the `value` of an entry that is an object, or the only element of its list `values`. */
  readonly cellSource: 'entry' | 'value' | 'onlyElement'
}

type Holder = Readonly<Record<string, JsonValue>>

const toVerbatimCell = (entry: JsonValue): Cell => entry

const toValueCell = (entry: JsonValue): Cell => (isJsonObject(entry) && 'value' in entry ? entry['value'] : entry)

function getValueDigits(holder: Holder, key: string): string | undefined {
  const entry = holder[key]
  return isJsonObject(entry) && 'value' in entry ? getDigits(entry, 'value') : getDigits(holder, key)
}

/** Returns the only value of an output, null if it has none, or a list of several. An entry without a list is read as an input is. */
function toOutputCell(entry: JsonValue): Cell {
  if (!isJsonObject(entry) || !Array.isArray(entry['values'])) return toValueCell(entry)
  const values = entry['values']
  return values.length > 1 ? values : (values[0] ?? null)
}

function getOutputDigits(holder: Holder, key: string): string | undefined {
  const entry = holder[key]
  if (!isJsonObject(entry) || !Array.isArray(entry['values'])) return getValueDigits(holder, key)
  return entry['values'].length === 1 ? getDigits(entry['values'], '0') : undefined
}

/** The nested fields, in the order of their columns in Optimize's CSV download. */
export const nestedFields: readonly NestedField[] = [
  { field: 'counts', prefix: 'count:', toCell: toVerbatimCell, getDigits, cellSource: 'entry' },
  { field: 'flowNodeDurations', prefix: 'dur:', toCell: toValueCell, getDigits: getValueDigits, cellSource: 'value' },
  { field: 'variables', prefix: 'variable:', toCell: toVerbatimCell, getDigits, cellSource: 'entry' },
  { field: 'inputVariables', prefix: 'input:', toCell: toValueCell, getDigits: getValueDigits, cellSource: 'value' },
  {
    field: 'outputVariables',
    prefix: 'output:',
    toCell: toOutputCell,
    getDigits: getOutputDigits,
    cellSource: 'onlyElement',
  },
]

const nestedFieldNames: ReadonlySet<string> = new Set(nestedFields.map(({ field }) => field))

export const isNestedField = (field: string): boolean => nestedFieldNames.has(field)

/** Some versions of Optimize send this text in place of the value of an object variable. Source: camunda/camunda#29944. */
export const OBJECT_VARIABLE_PLACEHOLDER = '<<OBJECT_VARIABLE_VALUE>>'

/** Returns the nested field whose prefix a column name has, such as `variables` for `variable:amount`; `undefined` without a prefix. */
export const findNestedField = (id: string): NestedField | undefined =>
  nestedFields.find(({ prefix }) => id.startsWith(prefix))

export const hasFieldPrefix = (id: string): boolean => findNestedField(id) !== undefined

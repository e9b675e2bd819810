import { nestedFields } from '../shared/reports/nested-fields.js'

/** How the keys of an object become columns. */
export interface KeyMapping {
  readonly getColumnId: (key: string) => string | undefined
  /** Returns the mapping for the keys of the object under this key; `undefined` if that object is one value. */
  readonly getNestedMapping: (key: string) => KeyMapping | undefined
  /** The key that the object must have. */
  readonly requiredKey?: string
  /** The key whose value must be a list. */
  readonly listKey?: string
}

const noNestedMapping = () => undefined

export const plainMapping: KeyMapping = { getColumnId: (key) => key, getNestedMapping: noNestedMapping }

/** Returns a mapping for entries such as `{"name":"Start","value":0}`: the `value` is a column, other keys are not. */
const createValueMapping = (id: string): KeyMapping => ({
  getColumnId: (key) => (key === 'value' ? id : undefined),
  getNestedMapping: noNestedMapping,
  requiredKey: 'value',
})

/** Returns a mapping for entries such as `{"id":"clause","values":["a"]}`: the `values` are a column, other keys are not. */
const createValuesMapping = (id: string): KeyMapping => ({
  getColumnId: (key) => (key === 'values' ? id : undefined),
  getNestedMapping: noNestedMapping,
  requiredKey: 'values',
  listKey: 'values',
})

const fieldMappings: ReadonlyMap<string, KeyMapping> = new Map(
  nestedFields.map(({ field, prefix, cellSource }) => {
    const nestedMappings = {
      entry: noNestedMapping,
      value: (key: string) => createValueMapping(prefix + key),
      onlyElement: (key: string) => createValuesMapping(prefix + key),
    }
    return [field, { getColumnId: (key) => prefix + key, getNestedMapping: nestedMappings[cellSource] }]
  }),
)

/** The mapping for records of the API: every key is a column, except nested fields, whose keys are columns. */
export const recordMapping: KeyMapping = {
  getColumnId: (key) => key,
  getNestedMapping: (key) => fieldMappings.get(key),
}

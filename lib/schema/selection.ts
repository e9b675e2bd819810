// The columns that the caller selects, and their names. Flat rows, nested records and MAP columns use the same rules.
import { copyDigits } from '../shared/json/digits.js'
import { ExportError, OptionError } from '../shared/errors.js'
import * as rule from '../shared/options.js'
import { nestedFields, findNestedField } from '../shared/reports/nested-fields.js'
import type { JsonValue } from '../shared/types.js'
import { createNamingFunction, namingRule, type Naming } from './names/naming.js'
import type { NamesInOption } from './names/name-matcher.js'
import { toDistinctSnakeName } from './names/snake-name.js'

/** How records are flattened. */
export interface FlattenOptions {
  /**
   * Column names: `'prefixed'` as in Optimize's CSV download (`variable:amount`), `'plain'` without the prefix, `'snake'`
   * with ASCII letters in lower case, digits and `_` only (`variable_amount`), or a function of the prefixed name. Two columns
   * with the same name are `ERR_COLUMN_COLLISION`, except in an encoder with `'snake'`, which adds a hash to the end of the names.
   * @default 'prefixed'
   */
  naming?: Naming | undefined
  /** Only these columns, by their prefixed names; `variables` and other nested fields stand for all their columns. @default all */
  pick?: readonly string[] | undefined
  /** All but these columns, by their prefixed names; `variables` and other nested fields stand for all their columns. @default none */
  omit?: readonly string[] | undefined
}

export const selectionRules: rule.Rules<Omit<FlattenOptions, 'naming'>> = {
  pick: rule.optional(rule.names),
  omit: rule.optional(rule.names),
}

export const flattenRules: rule.Rules<FlattenOptions> = {
  naming: rule.withDefault(namingRule, 'prefixed'),
  ...selectionRules,
}

/** {@link FlattenOptions} as the code below the public functions uses them. */
export interface Selection {
  readonly where: string
  readonly getColumnName: (id: string) => string
  /** Returns the distinct name of a column whose name is not unique; undefined if the naming has no distinct names. */
  readonly getDistinctColumnName: ((id: string) => string) | undefined
  readonly isSelected: (id: string) => boolean
  readonly getSelectedKeys: (field: string) => KeySelection
  readonly namesInOptions: readonly NamesInOption[]
}

/** The selected keys of a nested field: all, none, or every key for which the function returns true. */
export type KeySelection = 'all' | 'none' | ((key: string) => boolean)

/** Throws an {@link OptionError} if `pick` has no column that `omit` leaves. */
export function createSelection(where: string, { naming = 'prefixed', pick, omit }: FlattenOptions): Selection {
  const picked = pick && new Set(pick)
  const omitted = new Set(omit)
  const has = (set: ReadonlySet<string>, id: string) => set.has(id) || set.has(findNestedField(id)?.field ?? id)
  const isSelected = (id: string) => (!picked || has(picked, id)) && !has(omitted, id)
  if (pick && !pick.some(isSelected))
    throw new OptionError(
      where,
      'pick',
      pick.length === 0 ? 'expected at least one column, got none' : 'expected a column that is not in omit, got none',
    )
  const namesInOptions = [
    { option: 'pick', names: pick ?? [] },
    { option: 'omit', names: omit ?? [] },
  ].filter((option) => option.names.length > 0)
  const getSelectedKeys = (field: string): KeySelection => {
    const { prefix } = nestedFields.find((nested) => nested.field === field)!
    const hasAnyKey = (set: ReadonlySet<string>) => [...set].some((id) => id.startsWith(prefix))
    if (omitted.has(field) || (picked && !picked.has(field) && !hasAnyKey(picked))) return 'none'
    const hasAllKeys = (!picked || picked.has(field)) && !hasAnyKey(omitted)
    return hasAllKeys ? 'all' : (key) => isSelected(prefix + key)
  }
  return {
    where,
    getColumnName: createCheckedNamingFunction(where, naming),
    getDistinctColumnName: naming === 'snake' ? toDistinctSnakeName : undefined,
    isSelected,
    getSelectedKeys,
    namesInOptions,
  }
}

function createCheckedNamingFunction(where: string, naming: Naming): (id: string) => string {
  const getColumnName = createNamingFunction(naming)
  return (id) => {
    const name: unknown = getColumnName(id)
    if (typeof name === 'string') return name
    throw new ExportError(
      'ERR_ENCODE',
      `${where}: naming: expected a string for column ${JSON.stringify(id)}, got ${typeof name}`,
    )
  }
}

export function pickKeys(
  holder: Record<string, JsonValue>,
  isSelected: (key: string) => boolean,
): Record<string, JsonValue> {
  const selected = Object.fromEntries(Object.entries(holder).filter(([key]) => isSelected(key)))
  copyDigits(holder, selected)
  return selected
}

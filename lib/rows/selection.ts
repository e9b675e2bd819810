// The columns that a caller wants, and their names: one rule for flat rows, for nested records and for maps.
import { copyDigits } from '../digits.js'
import { ExportError, OptionError } from '../errors.js'
import { callable, either, maybe, names, oneOf, optional, type Rules } from '../options.js'
import { nestedFields, prefixedFieldOf } from '../reports/nested-fields.js'
import type { JsonValue } from '../types.js'
import { namer, type Naming } from './column.js'
import type { NamesOf } from './given-names.js'
import { distinctSnakeName } from './snake-name.js'

/** Options of the flattening of records. */
export interface FlattenOptions {
  /**
   * Column names: `'prefixed'` as in Optimize's CSV download (`variable:amount`), `'plain'` without the prefix, `'snake'`
   * with ASCII letters in lower case, digits and `_` only (`variable_amount`), or a function of the prefixed name. Two columns
   * with one name are `ERR_COLUMN_COLLISION`; in an encoder with `'snake'` both get a hash of their prefixed names instead.
   * @default 'prefixed'
   */
  naming?: Naming | undefined
  /** Only these columns, by their prefixed names; `variables` and other nested fields stand for all their columns. @default all */
  pick?: readonly string[] | undefined
  /** All but these columns, by their prefixed names; `variables` and other nested fields stand for all their columns. @default none */
  omit?: readonly string[] | undefined
}

export const selectionRules: Rules<Omit<FlattenOptions, 'naming'>> = { pick: maybe(names), omit: maybe(names) }

export const flattenRules: Rules<FlattenOptions> = {
  naming: optional(
    either(oneOf('prefixed', 'plain', 'snake'), callable<(column: string) => string>('a function')),
    'prefixed',
  ),
  ...selectionRules,
}

/** Flatten options as the code below uses them. */
export interface Selection {
  readonly where: string
  readonly nameOf: (id: string) => string
  /** Another name, for a column whose name another one has too; undefined where the naming has none. */
  readonly distinctNameOf: ((id: string) => string) | undefined
  /** Whether a column is wanted, by its prefixed name. */
  readonly wants: (id: string) => boolean
  /** Which keys of a nested field are wanted. */
  readonly inside: (field: string) => Inside
  /** The names that the caller gave. */
  readonly given: readonly NamesOf[]
}

/** The wanted keys of a nested field: all, none, or those for which the function returns true. */
export type Inside = 'all' | 'none' | ((key: string) => boolean)

/** The selection behind options; a selection that can never have a column is an {@link OptionError}. */
export function selectionOf(where: string, { naming = 'prefixed', pick, omit }: FlattenOptions): Selection {
  const picked = pick && new Set(pick)
  const omitted = new Set(omit)
  const has = (set: ReadonlySet<string>, id: string) => set.has(id) || set.has(prefixedFieldOf(id) ?? id)
  const wants = (id: string) => (!picked || has(picked, id)) && !has(omitted, id)
  if (pick && !pick.some(wants))
    throw new OptionError(
      where,
      'pick',
      pick.length === 0 ? 'expected at least one column, got none' : 'expected a column that omit leaves, got none',
    )
  const given = [
    { option: 'pick', names: pick ?? [] },
    { option: 'omit', names: omit ?? [] },
  ].filter(({ names }) => names.length > 0)
  const inside = (field: string): Inside => {
    const { prefix } = nestedFields.find((nested) => nested.field === field)!
    const isNamed = (set: ReadonlySet<string>) => [...set].some((id) => id.startsWith(prefix))
    if (omitted.has(field) || (picked && !picked.has(field) && !isNamed(picked))) return 'none'
    const isWhole = (!picked || picked.has(field)) && !isNamed(omitted)
    return isWhole ? 'all' : (key) => wants(prefix + key)
  }
  const distinctNameOf = naming === 'snake' ? distinctSnakeName : undefined
  return { where, nameOf: checkedNamer(where, naming), distinctNameOf, wants, inside, given }
}

function checkedNamer(where: string, naming: Naming): (id: string) => string {
  const nameOf = namer(naming)
  return (id) => {
    const name: unknown = nameOf(id)
    if (typeof name === 'string') return name
    throw new ExportError(
      'ERR_ENCODE',
      `${where}: naming: expected a string for column ${JSON.stringify(id)}, got ${typeof name}`,
    )
  }
}

/** The entries of a nested field whose keys are wanted. */
export function keysOf(holder: Record<string, JsonValue>, wants: (key: string) => boolean): Record<string, JsonValue> {
  const kept = Object.fromEntries(Object.entries(holder).filter(([key]) => wants(key)))
  copyDigits(holder, kept)
  return kept
}

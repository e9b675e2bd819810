// How the option `naming` makes the name of a column from its id.
import * as rule from '../../shared/options.js'
import { findNestedField } from '../../shared/reports/nested-fields.js'
import { toSnakeName } from './snake-name.js'

/**
 * The names of columns in the output: `'prefixed'` as in Optimize's CSV download, `'plain'` without the prefixes, `'snake'` as
 * names that SQL accepts without quotes if they are not reserved words, or the results of a function of the prefixed name.
 */
export type Naming = 'prefixed' | 'plain' | 'snake' | ((column: string) => string)

const namings: Readonly<Record<Extract<Naming, string>, (id: string) => string>> = {
  prefixed: (id) => id,
  plain: (id) => id.slice(findNestedField(id)?.prefix.length ?? 0),
  snake: toSnakeName,
}

export const namingRule: rule.Rule<Naming> = rule.either(
  rule.oneOf(...(Object.keys(namings) as (keyof typeof namings)[])),
  rule.callable<(column: string) => string>('a function'),
)

export const createNamingFunction = (naming: Naming): ((id: string) => string) =>
  typeof naming === 'function' ? naming : namings[naming]

// The option `stringify` and its rule. csv-stringify ignores options that it does not know; here they are an error.
import type { TransformOptions } from 'node:stream'
import * as rule from '../../shared/options.js'
import type { Options } from './csv-stringify-library.js'

/** Options of csv-stringify, without `columns` and the options of its stream. */
export type StringifyOptions = Omit<Options, 'columns' | keyof TransformOptions>

/** Functions that csv-stringify calls to turn cells into text, one for each type of cell. */
export type StringifyCasts = NonNullable<Options['cast']>

/** Accepts any value: csv-stringify itself checks it when toCsv is called. */
const anyValueRule = rule.optional<unknown>({ expected: 'a value', parse: (value) => value }) as rule.Rule<never>

const castRule = rule.optional(rule.callable('a function')) as rule.Rule<never>

const castRules: rule.Rules<StringifyCasts> = {
  bigint: castRule,
  boolean: castRule,
  date: castRule,
  null: castRule,
  number: castRule,
  object: castRule,
  string: castRule,
  undefined: castRule,
}

const rules: rule.Rules<StringifyOptions> = {
  bom: anyValueRule,
  cast: createRuleWithoutUndefined(castRules),
  delimiter: anyValueRule,
  eof: anyValueRule,
  escape: anyValueRule,
  escape_formulas: anyValueRule,
  header: anyValueRule,
  header_as_comment: anyValueRule,
  quote: anyValueRule,
  quote_record_delimiter: anyValueRule,
  quoted: anyValueRule,
  quoted_empty: anyValueRule,
  quoted_match: anyValueRule,
  quoted_string: anyValueRule,
  record_delimiter: anyValueRule,
}

export const stringifyRule = createRuleWithoutUndefined(rules)

/** The rule removes entries whose value is undefined, so that these get the defaults of this library. */
function createRuleWithoutUndefined<T extends object>(rules: rule.Rules<T>): rule.Rule<T | undefined> {
  const { expected, parse } = rule.nested(rules)
  return rule.optional({
    expected,
    parse: (value, path) => {
      const parsed = parse(value, path)
      return parsed && (Object.fromEntries(Object.entries(parsed).filter(([, entry]) => entry !== undefined)) as T)
    },
  })
}

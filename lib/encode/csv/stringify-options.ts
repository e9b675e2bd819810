// The rule of the option `stringify`. csv-stringify ignores options that it does not know; here they are an error.
import { callable, optional, nested, type Rule, type Rules } from '../../shared/options.js'
import type { StringifyCasts, StringifyOptions } from './csv-stringify-format.js'

/** Accepts any value: csv-stringify itself checks it when toCsv is called. */
const anyValueRule = optional<unknown>({ expected: 'a value', parse: (value) => value }) as Rule<never>

const castRule = optional(callable('a function')) as Rule<never>

const castRules: Rules<StringifyCasts> = {
  bigint: castRule,
  boolean: castRule,
  date: castRule,
  null: castRule,
  number: castRule,
  object: castRule,
  string: castRule,
  undefined: castRule,
}

const rules: Rules<StringifyOptions> = {
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
function createRuleWithoutUndefined<T extends object>(rules: Rules<T>): Rule<T | undefined> {
  const { expected, parse } = nested(rules)
  return optional({
    expected,
    parse: (value, path) => {
      const parsed = parse(value, path)
      return parsed && (Object.fromEntries(Object.entries(parsed).filter(([, entry]) => entry !== undefined)) as T)
    },
  })
}

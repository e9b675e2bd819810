// What `stringify` may hold. csv-stringify passes over a name it does not know without a word; here it is an error.
import { callable, maybe, nested, type Rule, type Rules } from '../../options.js'
import type { StringifyCasts, StringifyOptions } from './csv-stringify.js'

/** csv-stringify checks the values itself, at the call. */
const anything = maybe<unknown>({ expected: 'a value', parse: (value) => value }) as Rule<never>

const convert = maybe(callable('a function')) as Rule<never>

const castRules: Rules<StringifyCasts> = {
  bigint: convert,
  boolean: convert,
  date: convert,
  null: convert,
  number: convert,
  object: convert,
  string: convert,
  undefined: convert,
}

const rules: Rules<StringifyOptions> = {
  bom: anything,
  cast: given(castRules),
  delimiter: anything,
  eof: anything,
  escape: anything,
  escape_formulas: anything,
  header: anything,
  header_as_comment: anything,
  quote: anything,
  quote_record_delimiter: anything,
  quoted: anything,
  quoted_empty: anything,
  quoted_match: anything,
  quoted_string: anything,
  record_delimiter: anything,
}

/** Options of csv-stringify; only what was given is kept, so that the rest has our defaults. */
export const stringifyOptions = given(rules)

function given<T extends object>(rules: Rules<T>): Rule<T | undefined> {
  const { expected, parse } = nested(rules)
  return maybe({
    expected,
    parse: (value, path) => {
      const parsed = parse(value, path)
      return parsed && (Object.fromEntries(Object.entries(parsed).filter(([, part]) => part !== undefined)) as T)
    },
  })
}

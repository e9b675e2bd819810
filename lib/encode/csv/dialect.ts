// The dialect of a CSV file: all options except the options about columns. Sources: RFC 4180; for `preset: 'optimize'` CSVUtils of Optimize
// and opencsv.
import { OptionError } from '../../shared/errors.js'
import * as rule from '../../shared/options.js'
import { describeValue } from '../../shared/describe-value.js'
import { getDecimalSign, localeRule } from '../../shared/locale.js'
import { timeZoneRule } from '../../shared/time-zone.js'
import type { FlattenOptions } from '../../schema/selection.js'
import { columnRules, type ColumnOptions } from '../column-options.js'
import { LocalDates } from '../local-dates.js'
import { createQuotePattern } from './cells/quoting.js'
import { listMonths, type SpreadsheetDialect } from './cells/spreadsheet-text.js'
import { stringifyRule, type StringifyOptions } from './stringify-options.js'

/** Options of {@link toCsv}. */
export interface CsvOptions extends ColumnOptions {
  /** Writes the column names first. @default true */
  header?: boolean | undefined
  /** The text between two cells. @default ','; ';' with `preset: 'excel'` and a `locale` that writes a decimal comma */
  delimiter?: string | undefined
  /**
   * `'minimal'` quotes a cell that readers would misread, such as one with a delimiter, a quote or a line break; `'always'` quotes every
   * cell that is not null.
   * @default 'minimal'; 'always' with `preset: 'optimize'`
   */
  quote?: 'minimal' | 'always' | undefined
  /** The text at the end of each row. @default '\n'; '\r\n' with a `preset` */
  eol?: '\n' | '\r\n' | undefined
  /** Starts the file with a UTF-8 byte order mark, because Excel needs it to detect UTF-8. @default false; true with `preset: 'excel'` */
  bom?: boolean | undefined
  /**
   * The text for null, without quotes. A text cell with the same text gets quotes. Exception: with `quote: 'minimal'` and the
   * default `nullValue`, null and `''` are both an empty cell. If the only cell of a row is empty, the cell gets quotes, because readers
   * skip blank lines. @default ''
   */
  nullValue?: string | undefined
  /** Writes `''` as null: as `nullValue`. Optimize sends `''` for a variable without a value. @default false */
  emptyAsNull?: boolean | undefined
  /**
   * Replaces line breaks inside cells and column names, for readers that treat every line as a row. `'space'` writes a space for
   * each line break; `'escape'` writes `\n`, `\r` and so on, and `\` as `\\`, so that the text can be restored. Both also replace NUL,
   * which PostgreSQL cannot store. Line breaks are CR LF, CR, LF, VT, FF, U+0085, U+2028 and U+2029.
   * @default 'keep'
   */
  lineBreaks?: 'keep' | 'space' | 'escape' | undefined
  /**
   * Puts `'` before a text that a spreadsheet would evaluate as a formula: a text that begins with `=`, `+`, `-`, `@` or their
   * full-width forms (white space, `"` and control characters before them are ignored), or with tab, CR or LF. Numbers such as
   * `-1.50` and dates do not change. A cell with `,`, `;`, tab or `|` is quoted, because spreadsheets split cells at these
   * characters in some countries. Source: OWASP, CSV Injection.
   * @default false; true with `preset: 'excel'`
   */
  formulaGuard?: boolean | undefined
  /**
   * `'optimize'`: byte for byte Optimize's own CSV download: CRLF, every value quoted, dates with a colon in the offset,
   * natural order of columns within a prefix, several outputs joined with `,`, no nested columns.
   * `'excel'`: a file that Excel opens on a double click: a byte order mark, CRLF, `formulaGuard`, delimiter and decimal sign of `locale`,
   * dates of the API as `2024-05-31 06:11:26` in `timezone`. Excel reads numbers, and texts such as `12`, as numbers; in variables, inputs
   * and outputs it also reads `1.50` as a number and `2024-05-31` as a day. All other texts and numbers that Excel would change are
   * protected, as `="007"`: more than 15 digits before the point, leading zeros, exponents, other dates, times, fractions, percentages, and
   * texts such as `MAR1`. `toXlsx` of `optimize-export/xlsx` keeps more.
   * @default none
   */
  preset?: 'optimize' | 'excel' | undefined
  /** The language of the Excel that opens the file, such as `'de'`; only with `preset: 'excel'`. @default none: a decimal point */
  locale?: string | undefined
  /** The time zone of dates; only with `preset: 'excel'`. @default 'UTC' */
  timezone?: string | undefined
  /**
   * Options of csv-stringify, without `columns` and the options of its stream; csv-stringify then encodes the rows. They override the other
   * options about the text of the file. A `cast` gets the name of its column. Not together with `preset: 'excel'`.
   * @default none
   */
  stringify?: StringifyOptions | undefined
}

const delimiterRule: rule.Rule<string> = {
  expected: 'a non-empty string without a quote or a line break',
  parse: (value) => (typeof value === 'string' && /^[^"\r\n]+$/.test(value) ? value : undefined),
}

const eolRule: rule.Rule<'\n' | '\r\n'> = {
  expected: "'\\n' or '\\r\\n'",
  parse: (value) => (value === '\n' || value === '\r\n' ? value : undefined),
}

const nullValueRule: rule.Rule<string> = {
  expected: 'a string without a quote or a line break',
  parse: (value) => (typeof value === 'string' && !/["\r\n]/.test(value) ? value : undefined),
}

type OptionWithoutDefault = 'preset' | 'locale' | 'timezone' | 'stringify'
type OptionWithDefaultOfPreset = 'delimiter' | 'quote' | 'eol' | 'bom' | 'formulaGuard'

export type ResolvedCsvOptions = rule.Resolved<
  CsvOptions,
  keyof FlattenOptions | OptionWithoutDefault | OptionWithDefaultOfPreset
>

export const csvRules: rule.Rules<ResolvedCsvOptions> = {
  ...columnRules,
  header: rule.withDefault(rule.boolean, true),
  delimiter: rule.optional(delimiterRule),
  quote: rule.optional(rule.oneOf('minimal', 'always')),
  eol: rule.optional(eolRule),
  bom: rule.optional(rule.boolean),
  nullValue: rule.withDefault(nullValueRule, ''),
  emptyAsNull: rule.withDefault(rule.boolean, false),
  lineBreaks: rule.withDefault(rule.oneOf('keep', 'space', 'escape'), 'keep'),
  formulaGuard: rule.optional(rule.boolean),
  preset: rule.optional(rule.oneOf('optimize', 'excel')),
  locale: rule.optional(localeRule),
  timezone: rule.optional(timeZoneRule),
  stringify: stringifyRule,
}

/** The options about the text of a CSV file, with the defaults of the preset. */
export interface Dialect extends rule.Resolved<Omit<CsvOptions, keyof ColumnOptions | OptionWithoutDefault>> {
  readonly spreadsheet?: SpreadsheetDialect | undefined
}

export function resolveDialect(options: ResolvedCsvOptions): Dialect {
  const spreadsheet = resolveSpreadsheet(options)
  const { bom = spreadsheet !== undefined, formulaGuard = spreadsheet !== undefined } = options
  const { delimiter = spreadsheet?.decimalSign === ',' ? ';' : ',', preset, nullValue } = options
  const { quote = preset === 'optimize' ? 'always' : 'minimal', eol = preset ? '\r\n' : '\n' } = options
  if (createQuotePattern(delimiter).test(nullValue))
    throw new OptionError(
      'toCsv',
      'nullValue',
      `expected a string that needs no quotes in a cell, got ${describeValue(nullValue)}`,
    )
  return { ...options, delimiter, quote, eol, bom, formulaGuard, spreadsheet }
}

const dialectOptions = Object.keys(csvRules).filter((option) => !(option in columnRules))

/** Returns the values of all options about the text of the file, with the defaults; an option without a value is left out. */
export function describeDialect(options: CsvOptions): Readonly<Record<string, unknown>> {
  const dialect = resolveDialect(rule.resolveOptions<ResolvedCsvOptions>('toCsv', options, csvRules))
  return Object.fromEntries(
    Object.entries(dialect).filter(([option, value]) => dialectOptions.includes(option) && value !== undefined),
  )
}

function resolveSpreadsheet({
  preset,
  locale,
  timezone,
  stringify,
}: ResolvedCsvOptions): SpreadsheetDialect | undefined {
  if (preset === 'excel') {
    if (stringify) throw new OptionError('toCsv', 'stringify', "not allowed with preset 'excel'")
    const decimalSign = locale === undefined ? '.' : getDecimalSign(locale)
    return { decimalSign, localDates: new LocalDates(timezone), months: listMonths(locale) }
  }
  for (const [option, value] of Object.entries({ locale, timezone }))
    if (value !== undefined) throw new OptionError('toCsv', option, "needs preset 'excel' (--preset excel)")
  return undefined
}

// What a CSV file looks like, beyond its columns. Sources: RFC 4180; Optimize's CSVUtils and opencsv for `preset: 'optimize'`.
import type { Options as StringifyOptions } from 'csv-stringify'
import { anyText, flag, isPlainObject, maybe, oneOf, optional, type Rule, type Rules } from '../../options.js'
import { columnRules, type ColumnOptions } from '../columns.js'

/** Options of {@link toCsv}. */
export interface CsvOptions extends ColumnOptions {
  /** Writes the column names first. @default true */
  header?: boolean | undefined
  /** What stands between two cells. @default ',' */
  delimiter?: string | undefined
  /**
   * `'minimal'` quotes a cell that holds a delimiter, a quote or a line break; `'always'` quotes every cell that is not null.
   * @default 'minimal'
   */
  quote?: 'minimal' | 'always' | undefined
  /** What ends a row. @default '\n' */
  eol?: '\n' | '\r\n' | undefined
  /** Starts the file with a UTF-8 byte order mark, which Excel needs to see UTF-8. @default false */
  bom?: boolean | undefined
  /** What stands for null, never quoted; a text cell that reads the same is quoted. @default '' */
  nullValue?: string | undefined
  /**
   * Puts `'` before a text that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab, CR first); numbers such
   * as `-1.50` and dates stay as they are. Source: OWASP, CSV Injection.
   * @default false
   */
  formulaGuard?: boolean | undefined
  /**
   * `'optimize'`: byte for byte Optimize's own CSV download: CRLF, every value quoted, dates with a colon in the offset,
   * natural order of columns within a prefix, several outputs joined with `,`, no nested columns.
   * @default none
   */
  preset?: 'optimize' | undefined
  /** Options of csv-stringify, which then encodes instead of this library's own encoder. `columns` is not one of them. @default none */
  stringify?: Omit<StringifyOptions, 'columns'> | undefined
}

const delimiter: Rule<string> = {
  expected: 'a non-empty string without a quote or a line break',
  parse: (value) => (typeof value === 'string' && /^[^"\r\n]+$/.test(value) ? value : undefined),
}

const eol: Rule<'\n' | '\r\n'> = {
  expected: "'\\n' or '\\r\\n'",
  parse: (value) => (value === '\n' || value === '\r\n' ? value : undefined),
}

const nullValue: Rule<string> = {
  expected: 'a string without a quote or a line break',
  parse: (value) =>
    anyText.parse(value, { where: '', option: '' }) !== undefined && !/["\r\n]/.test(value as string)
      ? (value as string)
      : undefined,
}

const stringify: Rule<Omit<StringifyOptions, 'columns'>> = {
  expected: "an object of csv-stringify options without columns, which are the encoder's",
  parse: (value) => (isPlainObject(value) && !('columns' in value) ? Object.freeze({ ...value }) : undefined),
}

export const csvRules: Rules<CsvOptions> = {
  ...columnRules,
  header: optional(flag, true),
  delimiter: maybe(delimiter),
  quote: maybe(oneOf('minimal', 'always')),
  eol: maybe(eol),
  bom: optional(flag, false),
  nullValue: optional(nullValue, ''),
  formulaGuard: optional(flag, false),
  preset: maybe(oneOf('optimize')),
  stringify: maybe(stringify),
}

/** CSV options as the encoders use them. */
export interface Dialect {
  readonly header: boolean
  readonly delimiter: string
  readonly quoteAll: boolean
  readonly eol: string
  readonly bom: boolean
  readonly nullValue: string
  readonly formulaGuard: boolean
}

/** The dialect behind options that {@link csvRules} resolved; a preset only changes what was left out. */
export function dialectOf(options: Readonly<CsvOptions>): Dialect {
  const optimize = options.preset === 'optimize'
  return {
    header: options.header ?? true,
    delimiter: options.delimiter ?? ',',
    quoteAll: (options.quote ?? (optimize ? 'always' : 'minimal')) === 'always',
    eol: options.eol ?? (optimize ? '\r\n' : '\n'),
    bom: options.bom ?? false,
    nullValue: options.nullValue ?? '',
    formulaGuard: options.formulaGuard ?? false,
  }
}

const formulaStart = /^[=+\-@\t\r]/
const numberText = /^[+-]?(?:\d[\d.,]*|\.\d+)(?:[eE][+-]?\d+)?%?$/

/** A text made safe to open in a spreadsheet. */
export function guarded(text: string): string {
  return formulaStart.test(text) && !numberText.test(text) ? `'${text}` : text
}

// Decides when a cell of a CSV file is quoted. The kernel (`fastpath/csv/kernel/csv-cells.ts`) must decide the same for its dialects, and
// csv-stringify gets the rule as options. Tests compare the three. Source: RFC 4180.
import type { Options } from '../csv-stringify-library.js'
import type { Dialect } from '../dialect.js'

/** PostgreSQL ends the data at a line with only this text, so a cell with only this text is quoted. */
const COPY_TERMINATOR = '\\.'

/** With `formulaGuard`, a cell with one of these is quoted: in some countries spreadsheets split cells there. Part of a pattern. */
const SPREADSHEET_SEPARATORS = ',;\\t|'

/**
 * Returns a pattern of the cells that need quotes: cells with a quote, a line break or the delimiter, cells that end with the start of a
 * longer delimiter, such as `a|` before `||`, the text `\.`, and with `formulaGuard` cells with a separator of spreadsheets.
 */
export function createQuotePattern(delimiter: string, formulaGuard = false): RegExp {
  const delimiterPrefixes = Array.from({ length: delimiter.length - 1 }, (_, index) => delimiter.slice(0, index + 1))
  const ambiguousEndings = delimiterPrefixes.filter((ending) => delimiter.startsWith(delimiter.slice(ending.length)))
  return new RegExp(
    [
      `["\\r\\n${formulaGuard ? SPREADSHEET_SEPARATORS : ''}]`,
      `^${escapeRegExp(COPY_TERMINATOR)}$`,
      escapeRegExp(delimiter),
      ...ambiguousEndings.map((ending) => `${escapeRegExp(ending)}$`),
    ].join('|'),
  )
}

const escapeRegExp = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** True for the text that stands for null, which a reader takes for null unless it is quoted. False if this is the empty text. */
const isNullText = (text: string, { nullValue }: Dialect) => text === nullValue && text !== ''

export function createQuoter(dialect: Dialect): (text: string) => string {
  const { quote, delimiter, formulaGuard } = dialect
  const pattern = createQuotePattern(delimiter, formulaGuard)
  return (text) => {
    if (quote !== 'always' && !pattern.test(text) && !isNullText(text, dialect)) return text
    return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`
  }
}

const BLANK_LINE = /^[ \t]*$/

/** Quotes the only cell of a row if it has no other characters than spaces and tabs, because readers skip blank lines. */
export const quoteBlankLine = (line: string) => (BLANK_LINE.test(line) ? `"${line}"` : line)

/** The rule of {@link createQuoter} as options for csv-stringify, except for the texts of {@link needsStringifyQuotes} and blank lines. */
export const createStringifyQuoting = ({ quote, formulaGuard }: Dialect) => ({
  ...(formulaGuard && { quoted_match: new RegExp(`[${SPREADSHEET_SEPARATORS}]`) }),
  quoted: quote === 'always',
  quoted_string: quote === 'always',
  quote_record_delimiter: true,
})

/** Returns true for a text that needs quotes and that {@link createStringifyQuoting} leaves without them. */
export const needsStringifyQuotes = (text: string, dialect: Dialect) =>
  isNullText(text, dialect) || text === COPY_TERMINATOR

/** Returns options of csv-stringify for a file of one column, so that no row is a blank line, also with patterns of the caller. */
export const createStringifyBlankLineOptions = ({ quoted_empty = true, quoted_match }: Options): Options => ({
  quoted_empty,
  quoted_match: [...[quoted_match ?? []].flat(), BLANK_LINE],
})

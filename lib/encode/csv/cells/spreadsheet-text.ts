// Makes the texts of cells for `preset: 'excel'`: dates, numbers, and texts that Excel would take for other values.
import type { LocalDates } from '../../local-dates.js'
import { isApiDate, parseTimestamp } from '../../../schema/types/timestamp.js'

export interface SpreadsheetDialect {
  readonly decimalSign: '.' | ','
  readonly localDates: LocalDates
  /** The names of months that Excel reads as part of a date, in lower case without points. */
  readonly months: ReadonlySet<string>
}

/** An integer that Excel does not change, because Excel keeps 15 digits. */
const keptInteger = /^(?:0|-?[1-9]\d{0,14})$/
/** A decimal number whose digits before the point Excel does not change. Excel may round the digits after the point. */
const decimalNumber = /^-?(?:0|[1-9]\d{0,14})\.\d+$/
const dayPattern = /^\d{4}-\d\d-\d\d$/
/** Digits with the signs of numbers, dates, times, fractions, percentages, currencies and exponents. */
const valueLike = /^\s*[-+(]?[$€£¥]?[-+.,]?\d[\d.,:/\s'’-]*(?:[eE][+-]?\d+|(?<=[\d\s])[apAP][mM]?)?[%€$£¥)]?\s*$/
/** Excel does not read a text with more characters as a date or a time. */
const MAX_DATE_LENGTH = 40
const SECONDS_END = 19

/**
 * Returns the text to write for the text of a cell, or undefined if the text stays. A text that Excel would change becomes `="…"`.
 *
 * @param mayBeNumberOrDay true if a text such as `1.50` or `2026-05-31` may be read as a number or a day
 */
export function formatForSpreadsheet(
  text: string,
  { decimalSign, localDates, months }: SpreadsheetDialect,
  mayBeNumberOrDay: boolean,
): string | undefined {
  if (keptInteger.test(text)) return undefined
  if (mayBeNumberOrDay && decimalNumber.test(text)) return text.replace('.', decimalSign)
  if (mayBeNumberOrDay && dayPattern.test(text)) return undefined
  if (isApiDate(text)) {
    localDates.note(text)
    const local = new Date(localDates.toLocalMs(parseTimestamp(text)!)).toISOString()
    // a year of more than four digits has a sign
    return /^[+-]/.test(local) ? `="${text}"` : local.replace('T', ' ').slice(0, SECONDS_END)
  }
  return valueLike.test(text) || hasMonth(text, months) ? `="${text}"` : undefined
}

function hasMonth(text: string, months: ReadonlySet<string>): boolean {
  if (text.length > MAX_DATE_LENGTH || !/\d/.test(text)) return false
  return months.has(text.replace(/[\d\s.,:/'-]/g, '').toLowerCase())
}

/** Returns the names of months, long and short, that an Excel in this language may read as part of a date. */
export function listMonths(locale: string | undefined): Set<string> {
  const names = ['en', locale].flatMap((language) =>
    (['long', 'short'] as const).flatMap((month) => {
      const format = new Intl.DateTimeFormat(language, { month, calendar: 'gregory', timeZone: 'UTC' })
      return Array.from({ length: 12 }, (_, index) => format.format(Date.UTC(2024, index)))
    }),
  )
  const words = names.map((name) => name.replace(/[\d\s.]/g, '').toLowerCase())
  return new Set(words.flatMap((word) => [word, word.slice(0, 3)]).filter((word) => word !== ''))
}

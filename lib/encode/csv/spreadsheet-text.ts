// Writes values so that Excel reads them from a CSV file unchanged: dates, decimal signs, and texts that look like numbers.
import type { SpreadsheetClock } from '../spreadsheet-clock.js'
import { isOptimizeDate, parseTimestamp } from '../../schema/timestamp.js'

/** The settings of the Excel that opens the file. */
export interface SpreadsheetDialect {
  readonly decimalSign: '.' | ','
  readonly clock: SpreadsheetClock
}

/** Excel keeps 15 digits, removes leading zeros, and calculates exponents. */
const changedByExcel = /^(?:\d{16,}|0\d+|\d+[eE][+-]?\d+)$/
const decimalNumber = /^-?\d+\.\d+$/
/** The length of a date without its fraction and its offset. */
const SECONDS_END = 19

/** Returns the text of a cell, or undefined if Excel reads the text as it is. */
export function formatForSpreadsheet(text: string, { decimalSign, clock }: SpreadsheetDialect): string | undefined {
  if (changedByExcel.test(text)) return `="${text}"`
  if (decimalSign === ',' && decimalNumber.test(text)) return text.replace('.', ',')
  if (!isOptimizeDate(text)) return undefined
  clock.note(text)
  return new Date(clock.toLocalMs(parseTimestamp(text)!)).toISOString().replace('T', ' ').slice(0, SECONDS_END)
}

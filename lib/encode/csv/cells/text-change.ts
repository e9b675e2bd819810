// Changes the text of a cell as the dialect requires: replaces line breaks, guards against formulas, and for `preset: 'excel'` writes dates
// and numbers as Excel reads them (spreadsheet-text.ts).
import type { Dialect } from '../dialect.js'
import { formatForSpreadsheet } from './spreadsheet-text.js'

/** Returns the function that a dialect applies to the text of a cell, and to the name of a column, before the text is quoted. */
export function createTextChange(dialect: Dialect, mayBeNumberOrDay = false): (text: string) => string {
  const { spreadsheet } = dialect
  const change = createChangeOfAnyText(dialect)
  return spreadsheet ? (text) => formatForSpreadsheet(text, spreadsheet, mayBeNumberOrDay) ?? change(text) : change
}

function createChangeOfAnyText({ lineBreaks, formulaGuard }: Dialect): (text: string) => string {
  if (lineBreaks === 'keep') return formulaGuard ? guardFormula : (text) => text
  const convertLineBreaks = lineBreaks === 'space' ? replaceLineBreaks : escapeLineBreaks
  return formulaGuard ? (text) => guardFormula(convertLineBreaks(text)) : convertLineBreaks
}

const replaceLineBreaks = (text: string) => text.replace(/\r\n|[\0\n\v\f\r\x85\u2028\u2029]/g, ' ')

const escapeSequences: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\0': '\\0',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x85': '\\u0085',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

const escapeLineBreaks = (text: string) =>
  text.replace(/[\\\0\n\v\f\r\x85\u2028\u2029]/g, (unit) => escapeSequences[unit]!)

/** Characters at the start of a text that spreadsheets remove or ignore before they look for a formula. */
const ignoredPrefix = /^[\s\p{Cc}\p{Cf}\p{Z}"]+/u
const formulaStart = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/
const numberText = /^[+-]?(?:\d[\d.,]*|\.\d+)(?:[eE][+-]?\d+)?%?$/

function guardFormula(text: string): string {
  const significantText = text.replace(ignoredPrefix, '')
  const isFormula = /^[\t\r\n]/.test(text) || (formulaStart.test(significantText) && !numberText.test(significantText))
  return isFormula ? `'${text}` : text
}

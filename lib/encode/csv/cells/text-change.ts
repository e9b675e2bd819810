// Changes the text of a cell as the dialect requires: replaces line breaks, guards against formulas, and for `preset: 'excel'` writes dates
// and numbers as Excel reads them (spreadsheet-text.ts).
import type { Dialect } from '../dialect.js'
import { formatForSpreadsheet } from './spreadsheet-text.js'

/** Returns the function that a dialect applies to the text of a cell, and to the name of a column, before the text is quoted. */
export function createTextChange(dialect: Dialect, mayBeNumberOrDay = false): (text: string) => string {
  const { spreadsheet, lineBreaks, formulaGuard } = dialect
  const changeLineBreaks = lineBreakChanges[lineBreaks]
  const guard = formulaGuard ? guardFormula : keepText
  if (spreadsheet)
    return (text) => {
      const line = changeLineBreaks(text)
      return formatForSpreadsheet(line, spreadsheet, mayBeNumberOrDay) ?? guard(line)
    }
  return lineBreaks === 'keep' ? guard : (text) => guard(changeLineBreaks(text))
}

const keepText = (text: string) => text

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

const lineBreakChanges: Readonly<Record<Dialect['lineBreaks'], (text: string) => string>> = {
  keep: keepText,
  space: replaceLineBreaks,
  escape: escapeLineBreaks,
}

/** Characters at the start of a text that spreadsheets remove or ignore before they look for a formula. */
const ignoredPrefix = /^[\s\p{Cc}\p{Cf}\p{Z}"]+/u
const formulaStart = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/
const numberText = /^[+-]?(?:\d[\d.,]*|\.\d+)(?:[eE][+-]?\d+)?%?$/

function guardFormula(text: string): string {
  const significantText = text.replace(ignoredPrefix, '')
  const isFormula = /^[\t\r\n]/.test(text) || (formulaStart.test(significantText) && !numberText.test(significantText))
  return isFormula ? `'${text}` : text
}

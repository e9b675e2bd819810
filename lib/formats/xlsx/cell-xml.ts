// Cells of a sheet as XML. Sources: ECMA-376 part 1, 18.3.1.4 (c) and 18.4.12 (t), and the limits of Excel.
import { escapeXmlContent, invalidXmlCharacters } from '../xml-text.js'
import type { Cell } from '../../shared/types.js'
import { DAY_MS } from '../../shared/milliseconds.js'
import { MAX_CELL_LENGTH, MAX_DIGITS } from './excel-limits.js'

const LARGEST_EXACT_INTEGER = 10 ** MAX_DIGITS - 1

/** The numbers of the cell styles. `styles.xml` has the styles in this order, then one for each of {@link CellXml.scales}. */
export const cellStyles = { general: 0, timestamp: 1, header: 2, text: 3, date: 4 } as const

/** 1970-01-01 as a day of Excel. */
const EXCEL_DAY_OF_1970 = 25_569
/** 1900-03-01. Excel counts a 29 February 1900 that did not exist, so earlier days would be wrong by one. */
const FIRST_DAY = 61
/** 10000-01-01. */
const DAY_AFTER_LAST = 2_958_466

export interface TextChangeCounts {
  /** Texts that were cut. */
  cut: number
  /** Texts with characters that XML cannot hold. */
  replaced: number
}

export class CellXml {
  readonly changes: TextChangeCounts = { cut: 0, replaced: 0 }
  /** The number of digits after the point, for each style of decimals. */
  readonly scales: number[] = []
  readonly #toLocalMs: (ms: number) => number

  /** @param toLocalMs adds the offset of the time zone of the workbook to milliseconds since 1970 */
  constructor(toLocalMs: (ms: number) => number) {
    this.#toLocalMs = toLocalMs
  }

  formatText(reference: string, text: string, style?: number): string {
    if (text === '') return ''
    const xml = this.#escape(text)
    const space =
      isSpace(text.charCodeAt(0)) || isSpace(text.charCodeAt(text.length - 1)) ? ' xml:space="preserve"' : ''
    const usedStyle = style ?? (looksLikeValue(text) ? cellStyles.text : cellStyles.general)
    const styleXml = usedStyle === cellStyles.general ? '' : ` s="${usedStyle}"`
    return `<c r="${reference}"${styleXml} t="inlineStr"><is><t${space}>${xml}</t></is></c>`
  }

  /** Returns undefined for a number that Excel cannot hold, and for an integer whose digits Excel would change. */
  formatNumber(reference: string, value: number | bigint): string | undefined {
    if (typeof value === 'bigint' || Number.isInteger(value)) {
      if (value > LARGEST_EXACT_INTEGER || value < -LARGEST_EXACT_INTEGER) return undefined
    } else if (!Number.isFinite(value)) return undefined
    return `<c r="${reference}"><v>${String(value)}</v></c>`
  }

  formatBoolean(reference: string, value: boolean): string {
    return `<c r="${reference}" t="b"><v>${value ? 1 : 0}</v></c>`
  }

  /** Returns undefined for a day that Excel does not have or counts wrongly: before March 1900, or after 9999. */
  formatTimestamp(reference: string, ms: number): string | undefined {
    const local = this.#toLocalMs(ms)
    const days = Math.floor(local / DAY_MS)
    return formatExcelDay(reference, days, cellStyles.timestamp, formatDayFraction(local - days * DAY_MS))
  }

  /** The same for a day. @param days the days since 1970 */
  formatDate(reference: string, days: number): string | undefined {
    return formatExcelDay(reference, days, cellStyles.date)
  }

  /** Returns undefined if Excel would change the digits of the decimal. */
  formatDecimal(reference: string, text: string, style: number): string | undefined {
    const digits = text.replace(/[-.]/g, '').replace(/^0+/, '')
    return digits.length > MAX_DIGITS ? undefined : `<c r="${reference}" s="${style}"><v>${text}</v></c>`
  }

  /** Returns the number of a style of decimals, and creates the style if it is new. */
  getDecimalStyle(scale: number): number {
    if (!this.scales.includes(scale)) this.scales.push(scale)
    return Object.keys(cellStyles).length + this.scales.indexOf(scale)
  }

  #escape(text: string): string {
    const isLong = text.length > MAX_CELL_LENGTH
    if (!isLong && !unusualCharacter.test(text)) return text
    const lines = text.replace(/\r\n?/g, '\n')
    const kept = lines.length > MAX_CELL_LENGTH ? this.#cut(lines) : lines
    const valid = kept.replace(invalidXmlCharacters, '\ufffd')
    if (valid !== kept) this.changes.replaced++
    return escapeXmlContent(valid).replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
  }

  #cut(text: string): string {
    this.changes.cut++
    return `${cutText(text, MAX_CELL_LENGTH - 1)}…`
  }
}

/** Returns the text with at most this number of UTF-16 units. Does not cut inside a surrogate pair. */
export const cutText = (text: string, length: number): string =>
  text.length > length ? text.slice(0, length).replace(/[\ud800-\udbff]$/, '') : text

function formatExcelDay(reference: string, days: number, style: number, fraction = ''): string | undefined {
  const day = days + EXCEL_DAY_OF_1970
  if (!(day >= FIRST_DAY && day < DAY_AFTER_LAST)) return undefined
  return `<c r="${reference}" s="${style}"><v>${day}${fraction}</v></c>`
}

/**
 * Returns the time of day as a fraction of a day, `.25` for 6:00. The fraction has at most ten digits and is rounded up: LibreOffice drops
 * fractions of seconds, so a time that is too small by a microsecond would show the second before.
 */
function formatDayFraction(ms: number): string {
  // 10^10 / DAY_MS is 3125 / 27
  const digits = String(Math.ceil((ms * 3125) / 27)).padStart(10, '0')
  return ms === 0 ? '' : `.${digits.replace(/0+$/, '')}`
}

export const isLongInteger = (cell: Cell): boolean =>
  typeof cell === 'string' && cell.length > MAX_DIGITS && /^-?\d{16,}$/.test(cell)

/** A character that is escaped or replaced, or a text such as `_x000D_`, which Excel reads as a character. */
const unusualCharacter = /[&<>\0-\x08\v\f\x0e-\x1f\r\ud800-\udfff\ufffe\uffff]|_x[0-9a-f]{4}_/i

const isSpace = (unit: number) => unit <= 0x20

/** Returns true if Excel may make a number, date or formula of the text when a user edits a cell without the format Text. */
const looksLikeValue = (text: string) => text.length <= MAX_FORMATTED_TEXT_LENGTH && /^[\d=+\-@.'(]/.test(text)

/** Excel shows `####` for a longer text in a cell of the format Text. */
const MAX_FORMATTED_TEXT_LENGTH = 255

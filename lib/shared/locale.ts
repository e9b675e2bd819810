import type { Rule } from './options.js'

export const localeRule: Rule<string> = {
  expected: "a language such as 'de' or 'en-US'",
  parse: (value) => {
    if (typeof value !== 'string') return undefined
    try {
      return Intl.DateTimeFormat.supportedLocalesOf(value)[0]
    } catch {
      return undefined
    }
  },
}

/** With Latin digits, every language that Node knows writes a point or a comma as the decimal sign. */
export function getDecimalSign(locale: string): '.' | ',' {
  const parts = new Intl.NumberFormat(locale, { numberingSystem: 'latn' }).formatToParts(1.5)
  return parts.find(({ type }) => type === 'decimal')!.value === ',' ? ',' : '.'
}

const datePartPatterns: Readonly<Record<string, string>> = { year: 'yyyy', month: 'mm', day: 'dd' }

/** Returns the cell format of a spreadsheet for dates in a language, such as `dd.mm.yyyy hh:mm:ss` for `de`. */
export function getSpreadsheetDateFormat(locale: string | undefined): string {
  if (locale === undefined) return 'yyyy-mm-dd hh:mm:ss'
  const format = new Intl.DateTimeFormat(locale, {
    calendar: 'gregory',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
  })
  const parts = format.formatToParts(0)
  const dateEnd = parts.findLastIndex(({ type }) => type in datePartPatterns)
  const date = parts
    .slice(
      parts.findIndex(({ type }) => type in datePartPatterns),
      dateEnd + 1,
    )
    .map(({ type, value }) => datePartPatterns[type] ?? (/^[-/. ]+$/.test(value) ? value : `"${value}"`))
    .join('')
  return `${date} hh:mm:ss${format.resolvedOptions().hour12 === true ? ' AM/PM' : ''}`
}

import { DAY_MS, MINUTE_MS } from './milliseconds.js'
import type { Rule } from './options.js'

/** The limit of setTimeout, which fires at once for a longer time. */
export const MAX_TIMER_MS = 2 ** 31 - 1

export type Units = Readonly<Record<string, number>>

export const timeUnits = { ms: 1, s: 1000, m: MINUTE_MS, h: 3_600_000, d: DAY_MS } as const

/** Units of size in bytes, by IEC 80000-13: kB is 1000 bytes, KiB is 1024. KB is accepted for kB. */
export const sizeUnits = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
} as const

const QUANTITY_PATTERN = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/

/** Returns the value of `30s` or `1.5 MiB`, or of a number without a unit; undefined for any other text. */
export function parseQuantity(text: string, units: Units): number | undefined {
  const [, amount, unit = ''] = QUANTITY_PATTERN.exec(text) ?? []
  if (amount === undefined) return undefined
  if (unit === '') return Number(amount)
  // 1.005 s is 1005 ms, although 1.005 * 1000 is less
  return Object.hasOwn(units, unit) ? Number((Number(amount) * units[unit]!).toFixed(6)) : undefined
}

export const durationRule: Rule<number> = {
  expected: "a duration such as '30s', '5m', '2h' or '7d', or milliseconds",
  parse: (value) => {
    const ms = typeof value === 'string' ? parseQuantity(value, timeUnits) : value
    return typeof ms === 'number' && Number.isSafeInteger(ms) && ms >= 0 ? ms : undefined
  },
}

// Durations in options: milliseconds, or text such as `30s` and `7d`.
import type { Rule } from '../shared/options.js'

const MS_BY_UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A duration as a number of milliseconds or as text: `500ms`, `30s`, `5m`, `2h`, `7d`, `0`. */
export const durationRule: Rule<number> = {
  expected: "a duration such as '30s', '5m', '2h' or '7d', or milliseconds",
  parse: (value) => {
    if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined
    if (typeof value !== 'string') return undefined
    const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(value.trim()) ?? []
    if (digits === undefined) return value.trim() === '0' ? 0 : undefined
    return Number(digits) * MS_BY_UNIT[unit as keyof typeof MS_BY_UNIT]
  },
}

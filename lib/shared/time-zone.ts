import { OptionError } from './errors.js'
import { findNearest } from './find-nearest.js'
import type { Rule } from './options.js'
import { describeValue } from './describe-value.js'

/**
 * A time zone that Node and java.time know, spelled as in java.time. The server would silently replace any other text by its own
 * zone (docs/server.md 1.9).
 */
export const timeZoneRule: Rule<string> = {
  expected: 'the name of a time zone',
  parse: (value, { where, option }) => {
    if (typeof value !== 'string') return undefined
    const zone = findZoneName(value)
    if (zone === value) return value
    const suggestion = zone ?? suggestZone(value)
    if (suggestion === undefined) return undefined
    throw new OptionError(where, option, `unknown time zone ${describeValue(value)}, did you mean ${suggestion}`)
  },
}

/** The words in names of zones that are spelled unlike `Berlin`: `of`, `McMurdo`, `GMT`. Source: the file `backward` of IANA. */
const unusualWords =
  'ACT BajaNorte BajaSur CET CHAT ComodRivadavia CST6CDT DeNoronha DumontDUrville EasterIsland EET es EST5EDT GB GMT GMT0 IN LHI McMurdo MET MST7MDT NSW NZ of PRC PST8PDT ROC ROK SU UCT US UTC WET'
const unusualSpellings = new Map(unusualWords.split(' ').map((word) => [word.toLowerCase(), word]))

/** An abbreviation that java.time does not know, such as EST or IST. */
const abbreviation = /^(?![CEMW]ET|GMT|UCT)..T$/i

/**
 * Returns the zone as java.time spells it, or `undefined` if Node does not know it. An abbreviation becomes the zone that it stands for.
 * Node does not tell the spelling of any other alias: its words are spelled as in {@link unusualWords}, or else with one capital letter.
 */
function findZoneName(name: string): string | undefined {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
    if (timeZone.toLowerCase() === name.toLowerCase() || abbreviation.test(name)) return timeZone
    return name
      .toLowerCase()
      .replace(/[a-z\d]+/g, (word) => unusualSpellings.get(word) ?? word.charAt(0).toUpperCase() + word.slice(1))
  } catch {
    return undefined
  }
}

/** Returns `Europe/Berlin` for `Berlin`, or the most similar name, or `undefined`. */
function suggestZone(name: string): string | undefined {
  const zones = Intl.supportedValuesOf('timeZone')
  const normalized = name.trim().toLowerCase().replaceAll(' ', '_')
  const city = zones.find((zone) => zone.toLowerCase().split('/').at(-1) === normalized)
  return city ?? zones.find((zone) => zone.toLowerCase() === normalized) ?? findNearest(normalized, zones)
}

/** Nearly all offsets change at multiples of this time; the offset of Antarctica/Casey changed one minute later. */
const QUARTER_HOUR_MS = 15 * 60_000
/** Offsets that are remembered; 10,000 quarter hours are 104 days. */
const MAX_REMEMBERED_OFFSETS = 10_000

/**
 * Returns a function that adds the offset of the zone to milliseconds since 1970. Formatted as a time in UTC, the result is what a clock
 * in the zone shows: 06:00 becomes 08:00 for Berlin in summer.
 */
export function createLocalTimeConverter(timeZone: string): (ms: number) => number {
  if (timeZone === 'UTC') return (ms) => ms
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const offsets = new Map<number, number>()
  return (ms) => {
    const quarterHour = Math.floor(ms / QUARTER_HOUR_MS)
    let offset = offsets.get(quarterHour)
    if (offset === undefined) {
      if (offsets.size >= MAX_REMEMBERED_OFFSETS) offsets.clear()
      offset = readOffsetMs(format, ms)
      offsets.set(quarterHour, offset)
    }
    return ms + offset
  }
}

/** Returns the offset from the text of the format: `GMT`, `GMT+05:30` or, for old dates, `GMT-00:44:30`. */
function readOffsetMs(format: Intl.DateTimeFormat, ms: number): number {
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')!.value
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name)!
  const offset = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -offset : offset
}

// Formats dates as Optimize does: yyyy-MM-dd'T'HH:mm:ss.SSSZ, an offset without a colon, never a Z (docs/server.md 1.9, 4.7).
// Offsets are cached per quarter of an hour, because Intl is slow; see `shared/time-zone.ts`.
import { memoize } from '../shared/memoize.js'
import { DAY_MS, MINUTE_MS } from '../shared/milliseconds.js'
import { createLocalTimeConverter } from '../shared/time-zone.js'

const quarterHourMs = 15 * MINUTE_MS
const padNumbers = (length: number, width: number) => Array.from({ length }, (_, n) => String(n).padStart(width, '0'))
const twoDigits = padNumbers(60, 2)
const threeDigits = padNumbers(1000, 3)

interface Offset {
  readonly ms: number
  readonly text: string
}

export class Zone {
  readonly name: string
  readonly #getOffset: (quarterHour: number) => Offset

  constructor(name: string) {
    this.name = name
    const fixedZoneOffset = parseFixedOffset(name)
    this.#getOffset = fixedZoneOffset ? () => fixedZoneOffset : memoize(createIntlOffset(name))
  }

  /** Returns a text such as `2021-12-02T17:21:49.330+0200`. */
  format(epochMs: number): string {
    const offset = this.#getOffset(Math.floor(epochMs / quarterHourMs))
    const local = epochMs + offset.ms
    const day = Math.floor(local / DAY_MS)
    const date = formatDay(day)
    const ms = local - day * DAY_MS
    const seconds = Math.floor(ms / 1000)
    const minutes = Math.floor(seconds / 60)
    const hours = Math.floor(minutes / 60)
    return `${date}${twoDigits[hours]!}:${twoDigits[minutes % 60]!}:${twoDigits[seconds % 60]!}.${threeDigits[ms % 1000]!}${offset.text}`
  }
}

const formatDay = memoize((day: number) => new Date(day * DAY_MS).toISOString().slice(0, 11))

/** Returns the zone with a name (`Europe/Berlin`, `UTC`, `+0200`, `+02:00`), or `undefined` if there is none. */
export function findZone(name: string): Zone | undefined {
  try {
    return new Zone(name)
  } catch {
    return undefined
  }
}

function parseFixedOffset(name: string): Offset | undefined {
  if (/^(?:UTC|GMT|Z)$/.test(name)) return toOffset(0)
  const [, sign, hours, minutes] = /^(?:UTC|GMT)?([+-])(\d\d):?([0-5]\d)$/.exec(name) ?? []
  if (!sign || Number(hours) > 18) return undefined
  const ms = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS
  return toOffset(sign === '-' ? -ms : ms)
}

/** Its text has no seconds, as in java.time with this pattern. */
function toOffset(ms: number): Offset {
  const minutes = Math.floor(Math.abs(ms) / MINUTE_MS)
  return { ms, text: `${ms < 0 ? '-' : '+'}${twoDigits[Math.floor(minutes / 60)]!}${twoDigits[minutes % 60]!}` }
}

function createIntlOffset(timeZone: string): (quarterHour: number) => Offset {
  const toLocal = createLocalTimeConverter(timeZone)
  return (quarterHour) => toOffset(toLocal(quarterHour * quarterHourMs) - quarterHour * quarterHourMs)
}

/** The requested zones of one server. An invalid zone is replaced by the zone of the server, as in Optimize. */
export class Zones {
  readonly #serverZone: Zone
  readonly #findZone = memoize((name: string) => findZone(name) ?? this.#serverZone)

  constructor(serverZone: string) {
    this.#serverZone = new Zone(serverZone)
  }

  getZone(name: string | undefined): Zone {
    return name ? this.#findZone(name) : this.#serverZone
  }
}

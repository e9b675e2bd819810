// Dates as Optimize prints them: yyyy-MM-dd'T'HH:mm:ss.SSSZ, an offset without a colon, never a Z (docs/server.md 1.9, 4.7).
// Intl is slow, so offsets are kept by quarter of an hour, the finest step at which a zone changes its offset.

const dayMs = 86_400_000
const blockMs = 900_000
const padded = (length: number, width: number) => Array.from({ length }, (_, n) => String(n).padStart(width, '0'))
const two = padded(60, 2)
const three = padded(1000, 3)

interface Offset {
  readonly ms: number
  readonly text: string
}

/** A time zone that prints instants. */
export class Zone {
  readonly name: string
  readonly #offsetAt: (epochMs: number) => Offset
  readonly #offsets = new Map<number, Offset>()
  readonly #days = new Map<number, string>()

  constructor(name: string) {
    this.name = name
    const fixed = fixedOffset(name)
    this.#offsetAt = fixed ? () => fixed : intlOffset(name)
  }

  /** `2021-12-02T17:21:49.330+0200` */
  format(epochMs: number): string {
    const block = Math.floor(epochMs / blockMs)
    const offset = this.#offsets.get(block) ?? this.#learnOffset(block, epochMs)
    const local = epochMs + offset.ms
    const day = Math.floor(local / dayMs)
    const date = this.#days.get(day) ?? this.#learnDay(day)
    const ms = local - day * dayMs
    const seconds = Math.floor(ms / 1000)
    const minutes = Math.floor(seconds / 60)
    const hours = Math.floor(minutes / 60)
    return `${date}${two[hours]!}:${two[minutes % 60]!}:${two[seconds % 60]!}.${three[ms % 1000]!}${offset.text}`
  }

  #learnOffset(block: number, epochMs: number): Offset {
    const offset = this.#offsetAt(epochMs)
    this.#offsets.set(block, offset)
    return offset
  }

  #learnDay(day: number): string {
    const text = new Date(day * dayMs).toISOString().slice(0, 11)
    this.#days.set(day, text)
    return text
  }
}

/** The zone of that name (`Europe/Berlin`, `UTC`, `+0200`, `+02:00`), or undefined where there is none. */
export function zoneNamed(name: string): Zone | undefined {
  try {
    return new Zone(name)
  } catch {
    return undefined
  }
}

function fixedOffset(name: string): Offset | undefined {
  if (/^(?:UTC|GMT|Z)$/.test(name)) return { ms: 0, text: '+0000' }
  const [, sign, hours, minutes] = /^(?:UTC|GMT)?([+-])(\d\d):?([0-5]\d)$/.exec(name) ?? []
  if (!sign || Number(hours) > 18) return undefined
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000
  return { ms: sign === '-' ? -ms : ms, text: `${sign}${hours!}${minutes!}` }
}

function intlOffset(timeZone: string): (epochMs: number) => Offset {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  return (epochMs) => {
    const part = format.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')!
    return fixedOffset(part.value)!
  }
}

/** The zones one server was asked for; what is no zone becomes the server's own, as in Optimize. */
export class Zones {
  readonly #own: Zone
  readonly #known = new Map<string, Zone>()

  constructor(own: string) {
    this.#own = new Zone(own)
  }

  /** The zone of an `X-Optimize-Client-Timezone` header. */
  of(name: string | undefined): Zone {
    if (!name) return this.#own
    const zone = this.#known.get(name) ?? zoneNamed(name) ?? this.#own
    if (zone.name === name) this.#known.set(name, zone)
    return zone
  }
}

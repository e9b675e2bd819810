// Converts dates to local times, because the cells of a spreadsheet have no time zone. Remembers a date for the warning about UTC.
import { createLocalTimeConverter } from '../shared/time-zone.js'
import type { WorkbookWarning } from './encoder.js'

export class LocalDates {
  /** Adds the offset of the time zone to milliseconds since 1970. */
  readonly toLocalMs: (ms: number) => number
  readonly #isDefault: boolean
  /** The first date with another offset than UTC; only if no time zone was given. */
  #example: string | undefined

  /** @param timezone the time zone; undefined means UTC, with a warning if dates have another offset */
  constructor(timezone: string | undefined) {
    this.toLocalMs = createLocalTimeConverter(timezone ?? 'UTC')
    this.#isDefault = timezone === undefined
  }

  note(date: string): void {
    if (this.#isDefault && !/(?:Z|[+-]00:?00)$/.test(date)) this.#example ??= date
  }

  createWarning(where: string): WorkbookWarning | undefined {
    if (this.#example === undefined) return undefined
    const message = `${where}: dates with another offset than UTC were written in UTC, such as ${this.#example}, so some may show another day; give timezone (--timezone Europe/Berlin)`
    return { code: 'WARN_UTC_DATES', message }
  }
}

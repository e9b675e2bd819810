// Converts dates to the time zone of a spreadsheet, because dates in a spreadsheet have no time zone, and remembers a date for the warning
// about UTC.
import { createLocalClock } from '../shared/time-zone.js'
import type { WorkbookWarning } from './encoder.js'

export class SpreadsheetClock {
  /** Adds the offset of the time zone to epoch milliseconds. */
  readonly toLocalMs: (ms: number) => number
  readonly #isDefault: boolean
  /** A date that has another offset than UTC, although no zone was given. */
  #example: string | undefined

  /** @param timezone the time zone; undefined means UTC, with a warning if dates have another offset */
  constructor(timezone: string | undefined) {
    this.toLocalMs = createLocalClock(timezone ?? 'UTC')
    this.#isDefault = timezone === undefined
  }

  /** Remembers a date that was written. */
  note(date: string): void {
    if (this.#isDefault && !/(?:Z|[+-]00:?00)$/.test(date)) this.#example ??= date
  }

  /** Returns the warning about the dates that were noted; undefined if none is needed. */
  createWarning(where: string): WorkbookWarning | undefined {
    if (this.#example === undefined) return undefined
    const message = `${where}: dates of another time zone were written in UTC, such as ${this.#example}, so a day may be the day before; give timezone (--timezone Europe/Berlin)`
    return { code: 'WARN_UTC_DATES', message }
  }
}

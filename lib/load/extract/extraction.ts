// The first phase of a load: reads the report, or with `since` only its newest records.
import { exportPages } from '../../api/export-pages.js'
import { exportStream } from '../../api/export-stream.js'
import type { ExportOptions } from '../../api/export-options.js'
import type { EndedBy, ExportStats } from '../../pagination/export-stats.js'
import type { ExportEvents } from '../../shared/export-events.js'
import { parseTimestamp } from '../../schema/types/timestamp.js'
import { ExportError } from '../../shared/errors.js'
import { describeValue } from '../../shared/describe-value.js'
import { DEFAULT_LIMIT } from '../../shared/source-defaults.js'
import type { ExportRecord, ReportKind } from '../../shared/types.js'
import type { LoadRecords } from './load-files.js'

/** The figures of the extraction; `endedBy` is `'since'` if it stopped at a date. */
export interface LoadStats extends Omit<ExportStats, 'endedBy'> {
  /** How the extraction ended; undefined while it runs. */
  readonly endedBy: EndedBy | 'since' | undefined
}

export interface Extraction {
  readonly records: LoadRecords
  /** Live figures. */
  readonly stats: LoadStats
  /** The kind of the report; undefined before the first page. */
  readonly kind: ReportKind | undefined
  /** See `Load.watermark`. */
  readonly watermark: Date | undefined
}

export type ExtractionListeners = { readonly [E in keyof ExportEvents]: (payload: ExportEvents[E]) => void }

const listEntries = Object.entries as (listeners: ExtractionListeners) => [keyof ExportEvents, () => void][]

/** Creates the extraction of the whole report. Nothing is requested before the first read. */
export function createFullExtraction(options: ExportOptions, listeners: ExtractionListeners): Extraction {
  const records = exportStream(options)
  // an abort before the pipeline reads the stream must not be an unhandled error; the pipeline rejects with the same error later
  records.on('error', () => undefined)
  for (const [event, listener] of listEntries(listeners)) records.on(event, listener)
  return {
    records,
    stats: records.stats,
    get kind() {
      return records.kind
    },
    watermark: undefined,
  }
}

/** The order of a report, and how far back it is read. */
export interface DateWindow {
  readonly field: 'startDate' | 'endDate'
  /** Reading stops at the first page whose dates are all before this time; undefined reads the whole report. */
  readonly notBefore: number | undefined
  /** The watermark of an earlier load. It is kept if this load reads no dates, or leaves a gap. */
  readonly newestWatermark: Date | undefined
}

/**
 * Creates the extraction of a report that Optimize sorts by a date, the newest first. A record out of order, or with a value
 * that is neither a date nor null, is `ERR_NOT_SORTED`. The search ends early only if all pages were full. A page with fewer records
 * than `limit` may be a sign of lost records; after such a page the search is read to its end, where its total is compared.
 */
export function createSortedExtraction(
  options: ExportOptions,
  window: DateWindow,
  listeners: ExtractionListeners,
): Extraction {
  // pages after the last one that is needed are not requested
  const pages = exportPages({ ...options, prefetch: 0 })
  const order = new OrderCheck(window.field, options.reportId)
  let newestDate: number | undefined
  let hasStopped = false
  let hasShortPage = false
  for (const [event, listener] of listEntries(listeners)) pages.on(event, listener)
  pages.on('restart', () => order.restart())
  const limit = options.limit ?? DEFAULT_LIMIT
  async function* generate(): AsyncGenerator<ExportRecord, undefined> {
    let duplicates = 0
    for await (const { records, total } of pages) {
      const received = records.length + pages.stats.duplicates - duplicates
      duplicates = pages.stats.duplicates
      hasShortPage ||= received < limit && pages.stats.records < total
      const { newest, datedRecords } = order.addPage(records)
      const isBefore = window.notBefore !== undefined && datedRecords > 0 && newest < window.notBefore
      if (isBefore && !hasShortPage) {
        hasStopped = true
        return
      }
      if (datedRecords > 0) newestDate = Math.max(newestDate ?? newest, newest)
      yield* records
    }
  }
  const { stats } = pages
  return {
    records: generate(),
    stats: Object.defineProperties({} as LoadStats, {
      ...Object.getOwnPropertyDescriptors(stats),
      endedBy: { get: () => (hasStopped ? 'since' : stats.endedBy), enumerable: true },
      complete: { get: () => hasStopped || stats.complete, enumerable: true },
    }),
    get kind() {
      return pages.kind
    },
    get watermark() {
      const { notBefore, newestWatermark } = window
      // a wrong date in the future would make the next load stop too early
      const newest = newestDate === undefined ? undefined : new Date(Math.min(newestDate, stats.startedAt.getTime()))
      if (!hasStopped) return stats.complete ? newest : newestWatermark
      // records between the last watermark and a later `since` were not read
      const hasGap = newestWatermark !== undefined && newestWatermark.getTime() < notBefore!
      // without a record there is no newest date
      return hasGap ? newestWatermark : (newest ?? newestWatermark)
    },
  }
}

class OrderCheck {
  readonly #field: string
  readonly #reportId: string
  #last = Infinity
  #lastText = ''
  #records = 0

  constructor(field: string, reportId: string) {
    this.#field = field
    this.#reportId = reportId
  }

  /** Forgets the last date, because a new search begins with the newest records again. */
  restart(): void {
    this.#last = Infinity
  }

  addPage(records: readonly ExportRecord[]): { readonly newest: number; readonly datedRecords: number } {
    let newest = -Infinity
    let datedRecords = 0
    for (const record of records) {
      this.#records++
      const text = record[this.#field]
      if (text === null) continue
      const date = typeof text === 'string' ? parseTimestamp(text) : undefined
      if (date === undefined) throw this.#createError(`expected a date in ${this.#field}, got ${describeValue(text)}`)
      if (date > this.#last)
        throw this.#createError(
          `${this.#field} is ${text as string} after ${this.#lastText}; sort the report in Optimize by this date, the newest first`,
        )
      this.#last = date
      this.#lastText = text as string
      newest = Math.max(newest, date)
      datedRecords++
    }
    return { newest, datedRecords }
  }

  #createError(problem: string): ExportError {
    const message = `report ${this.#reportId}: record ${this.#records}: ${problem}`
    return new ExportError('ERR_NOT_SORTED', message, { reportId: this.#reportId, records: this.#records - 1 })
  }
}

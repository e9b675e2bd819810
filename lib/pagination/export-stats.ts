// The stats and events of an export: their types, and the live view of the stats for the caller.
import type { ExportErrorCode } from '../shared/errors.js'
import type { ReportKind } from '../shared/types.js'

/** How an export ended. */
export type EndedBy = 'end' | 'maxRecords' | 'destroyed' | 'error'

/** The live figures of an export. */
export interface ExportStats {
  /** Records emitted. */
  readonly records: number
  /** Records of the whole report according to the current search; undefined before its first page. */
  readonly total: number | undefined
  /** Pages received. */
  readonly pages: number
  /** Bytes of the decoded bodies. */
  readonly bytes: number
  /** Records received again and skipped, within a search or after a restart. */
  readonly duplicates: number
  /** Repeated requests. */
  readonly retries: number
  /** New searches after a failed one. */
  readonly restarts: number
  /** True if all records of the report were emitted. */
  readonly complete: boolean
  /** How the export ended; undefined while it runs. */
  readonly endedBy: EndedBy | undefined
  /** When the stream was created. */
  readonly startedAt: Date
  /** The server's message about the report. */
  readonly message: string | undefined
}

/** A page arrived. */
export interface PageEvent {
  /** The number of the page, from 1. */
  readonly number: number
  /** The number of new records in the page. */
  readonly records: number
  /** Records of the whole report according to the current search. */
  readonly total: number
  /** Bytes of the decoded body. */
  readonly bytes: number
}

/** A request will be repeated, because that is safe. */
export interface RetryEvent {
  /** The requested page, from 1. */
  readonly page: number
  /** The number of the failed attempt, from 1. */
  readonly attempt: number
  /** Milliseconds until the next attempt. */
  readonly delay: number
  /** The error code if the export ended now. */
  readonly code: ExportErrorCode
  /** The HTTP status, where there was one. */
  readonly status: number | undefined
  /** The reason in words. */
  readonly reason: string
}

/** A new search begins, because the last one may have lost records. */
export interface RestartEvent {
  /** Restarts so far, including this one. */
  readonly restarts: number
  /** The requested page when the last search failed. */
  readonly page: number
  /** Records emitted so far; the new search skips them. */
  readonly records: number
  /** The error code if the export ended now. */
  readonly code: ExportErrorCode
  /** The HTTP status, where there was one. */
  readonly status: number | undefined
  /** The reason in words. */
  readonly reason: string
}

/** A condition that does not end the export. */
export interface WarningEvent {
  /** `LEASE_EXTENDED`: the sink is slower than the keep-alive of the scroll, so the export asks for a longer one. */
  readonly code: 'LEASE_EXTENDED'
  /** The warning in words. */
  readonly message: string
}

/** The events of an export and their payloads. */
export interface ExportEvents {
  /** A page arrived. */
  page: PageEvent
  /** A request is repeated. */
  retry: RetryEvent
  /** A new search begins. */
  restart: RestartEvent
  /** The server's message about the report. */
  message: string
  /** A condition that does not end the export. */
  warning: WarningEvent
}

export type Listener = <E extends keyof ExportEvents>(event: E, payload: ExportEvents[E]) => void

/** The figures as the source updates them. */
export interface MutableStats {
  records: number
  total: number | undefined
  pages: number
  bytes: number
  duplicates: number
  retries: number
  restarts: number
  kind: ReportKind | undefined
  message: string | undefined
}

export const createMutableStats = (): MutableStats => ({
  records: 0,
  total: undefined,
  pages: 0,
  bytes: 0,
  duplicates: 0,
  retries: 0,
  restarts: 0,
  kind: undefined,
  message: undefined,
})

/** Returns a live, read-only view of the figures. The export starts now. */
export function createLiveStats(
  stats: MutableStats,
  records: () => number,
  endedBy: () => EndedBy | undefined,
): ExportStats {
  const startedAt = new Date()
  return Object.freeze({
    get records() {
      return records()
    },
    get total() {
      return stats.total
    },
    get pages() {
      return stats.pages
    },
    get bytes() {
      return stats.bytes
    },
    get duplicates() {
      return stats.duplicates
    },
    get retries() {
      return stats.retries
    },
    get restarts() {
      return stats.restarts
    },
    get complete() {
      return endedBy() === 'end'
    },
    get endedBy() {
      return endedBy()
    },
    startedAt,
    get message() {
      return stats.message
    },
  })
}

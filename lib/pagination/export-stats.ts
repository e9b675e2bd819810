// The figures and events of an export: their types, and the live view of the figures that users get.
import type { ExportErrorCode } from '../shared/errors.js'
import type { ReportKind } from '../shared/types.js'

/** How an export ended. */
export type EndedBy = 'end' | 'maxRecords' | 'destroyed' | 'error'

/** The figures of an export so far; live. */
export interface ExportStats {
  /** Records handed over. */
  readonly records: number
  /** Records of the whole report, by the current search; undefined before its first page. */
  readonly total: number | undefined
  /** Pages received. */
  readonly pages: number
  /** Bytes of their decoded bodies. */
  readonly bytes: number
  /** Records received again and left out, within a search or after a restart. */
  readonly duplicates: number
  /** Requests repeated. */
  readonly retries: number
  /** Searches begun again. */
  readonly restarts: number
  /** All records of the report were handed over. */
  readonly complete: boolean
  /** How it ended; undefined while it runs. */
  readonly endedBy: EndedBy | undefined
  /** When the stream was made. */
  readonly startedAt: Date
  /** The server's message about the report. */
  readonly message: string | undefined
}

/** A page arrived. */
export interface PageEvent {
  /** Its number, from 1. */
  readonly number: number
  /** Records of it that are handed over. */
  readonly records: number
  /** Records of the whole report, by the current search. */
  readonly total: number
  /** Bytes of its decoded body. */
  readonly bytes: number
}

/** A request will be repeated; it is safe to. */
export interface RetryEvent {
  /** The page asked for, from 1. */
  readonly page: number
  /** The try that failed, from 1. */
  readonly attempt: number
  /** Milliseconds until the next one. */
  readonly delay: number
  /** The code the export would fail with. */
  readonly code: ExportErrorCode
  /** The HTTP status, where there was one. */
  readonly status: number | undefined
  /** The reason in words. */
  readonly reason: string
}

/** A new search begins, to find what the last one may have lost. */
export interface RestartEvent {
  /** Restarts so far, this one included. */
  readonly restarts: number
  /** The page asked for when the last search failed. */
  readonly page: number
  /** Records handed over so far; the new search skips them. */
  readonly records: number
  /** The code the export would fail with. */
  readonly code: ExportErrorCode
  /** The HTTP status, where there was one. */
  readonly status: number | undefined
  /** The reason in words. */
  readonly reason: string
}

/** Something to know that is no failure. */
export interface WarningEvent {
  /** Which warning it is: the sink is slower than the lease, and a longer one is asked for. */
  readonly code: 'LEASE_EXTENDED'
  /** The same in words. */
  readonly message: string
}

/** The events of an export and what they carry. */
export interface ExportEvents {
  /** A page arrived. */
  page: PageEvent
  /** A request is repeated. */
  retry: RetryEvent
  /** A new search begins. */
  restart: RestartEvent
  /** The server's message about the report. */
  message: string
  /** Something to know that is no failure. */
  warning: WarningEvent
}

export type Listener = <E extends keyof ExportEvents>(event: E, payload: ExportEvents[E]) => void

/** The figures as the source keeps them. */
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

/** The figures as users see them, read when they are looked at. The export starts now. */
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

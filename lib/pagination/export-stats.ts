// The stats of an export: their type, and the live view for the caller.
import { inspect } from 'node:util'
import type { ReportKind } from '../shared/types.js'

/** How an export ended. */
export type EndedBy = 'end' | 'maxRecords' | 'destroyed' | 'error'

/** The live figures of an export. */
export interface ExportStats {
  /** Records emitted. */
  readonly records: number
  /** Records of the whole report according to the newest page; undefined before the first. */
  readonly total: number | undefined
  /** Pages received. */
  readonly pages: number
  /** Bytes of the decoded bodies. */
  readonly bytes: number
  /** Records received again and skipped, within a search or after a restart. */
  readonly duplicates: number
  /** Repeated requests, not counting those repeated at once with a new token. */
  readonly retries: number
  /** New searches after a failed search. */
  readonly restarts: number
  /** True if all records of the report were emitted. */
  readonly complete: boolean
  /** How the export ended; undefined while it runs. */
  readonly endedBy: EndedBy | undefined
  /** When the export was created. */
  readonly startedAt: Date
  /** The server's message about the report. */
  readonly message: string | undefined
}

export const createMutableStats = () => ({
  total: undefined as number | undefined,
  pages: 0,
  bytes: 0,
  duplicates: 0,
  retries: 0,
  restarts: 0,
  kind: undefined as ReportKind | undefined,
  message: undefined as string | undefined,
})

export type MutableStats = ReturnType<typeof createMutableStats>

/** Returns a live, read-only view of the figures. Its `startedAt` is the time of this call. */
export function createLiveStats(
  stats: MutableStats,
  getRecords: () => number,
  getEndedBy: () => EndedBy | undefined,
): ExportStats {
  const startedAt = new Date()
  const live: ExportStats = {
    get records() {
      return getRecords()
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
      return getEndedBy() === 'end'
    },
    get endedBy() {
      return getEndedBy()
    },
    startedAt,
    get message() {
      return stats.message
    },
  }
  // so that console.log prints the figures, not `[Getter]`
  return Object.freeze(Object.defineProperty(live, inspect.custom, { value: () => ({ ...live }) }))
}

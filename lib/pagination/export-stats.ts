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
  const readers: { readonly [Name in keyof ExportStats]: () => ExportStats[Name] } = {
    records: getRecords,
    total: () => stats.total,
    pages: () => stats.pages,
    bytes: () => stats.bytes,
    duplicates: () => stats.duplicates,
    retries: () => stats.retries,
    restarts: () => stats.restarts,
    complete: () => getEndedBy() === 'end',
    endedBy: getEndedBy,
    startedAt: () => startedAt,
    message: () => stats.message,
  }
  const live = {} as ExportStats
  for (const [name, get] of Object.entries(readers)) Object.defineProperty(live, name, { get, enumerable: true })
  // so that console.log prints the figures, not `[Getter]`
  return Object.freeze(Object.defineProperty(live, inspect.custom, { value: copyStats }))
}

function copyStats(this: ExportStats): ExportStats {
  return { ...this }
}

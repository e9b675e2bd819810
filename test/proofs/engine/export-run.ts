// Runs one export with the library, and judges its outcome.
import { ExportReadable, type ExportStream } from '../../../lib/api/export-stream.js'
import { ExportError } from '../../../lib/shared/errors.js'
import { resolveExportOptions, type ExportOptions } from '../../../lib/api/export-options.js'
import { finding, type Finding } from '../support/report.js'
import type { ReportAddress } from './export-api.js'

export interface SourceOptions extends Partial<ExportOptions> {
  /** The length of a second of the keep-alive in milliseconds, as in the bridge. */
  readonly secondMs?: number
}

/** Options of {@link runExport}. */
export interface RunOptions extends SourceOptions {
  /** Called after each record, with the number of records so far. */
  readonly onRecord?: (records: number) => Promise<void> | void
}

export interface Outcome {
  readonly ids: readonly string[]
  readonly error: unknown
  readonly stats: ExportStream['stats']
  /** Reasons of the restarts. */
  readonly restarts: readonly string[]
}

/** Short delays, so that the proofs take less time. */
export const shortRetry = { attempts: 5, minDelay: 20, maxDelay: 200 }

export function sourceOf(address: ReportAddress, { secondMs = 1000, ...options }: SourceOptions = {}): ExportReadable {
  const { url: baseUrl, token: accessToken, reportId } = address
  return new ExportReadable(
    resolveExportOptions('exportStream', { baseUrl, accessToken, reportId, limit: 300, retry: shortRetry, ...options }),
    secondMs,
  )
}

/** Reads an export record by record to its end or its error. */
export async function runExport(address: ReportAddress, { onRecord, ...options }: RunOptions = {}): Promise<Outcome> {
  const source = sourceOf(address, options)
  const ids: string[] = []
  const restarts: string[] = []
  source.on('restart', ({ page, reason }) => void restarts.push(`page ${page}: ${reason}`))
  let error: unknown
  try {
    for await (const { processInstanceId } of source) {
      ids.push(String(processInstanceId))
      await onRecord?.(ids.length)
    }
  } catch (thrown) {
    error = thrown
  }
  return { ids, error, stats: source.stats, restarts }
}

/** Finds whether every record arrived once, with `complete: true`. */
export function everyRecordOnce(outcome: Outcome, expected: ReadonlySet<string>): Finding {
  return finding(isWhole(outcome, expected), summary(outcome, expected))
}

/** Finds whether the export failed with this code and `complete: false`, and no record arrived twice. */
export function clearError(outcome: Outcome, code: string, expected: ReadonlySet<string>): Finding {
  return finding(isClear(outcome, [code]), summary(outcome, expected))
}

/** Finds whether one of the two is true, for an export from a server that changes while it answers. */
export function onceOrClearError(outcome: Outcome, codes: readonly string[], expected: ReadonlySet<string>): Finding {
  return finding(isWhole(outcome, expected) || isClear(outcome, codes), summary(outcome, expected))
}

const isWhole = ({ ids, error, stats }: Outcome, expected: ReadonlySet<string>) =>
  error === undefined &&
  stats.complete &&
  stats.total === expected.size &&
  ids.length === expected.size &&
  new Set(ids).size === expected.size &&
  ids.every((id) => expected.has(id))

const isClear = ({ ids, error, stats }: Outcome, codes: readonly string[]) =>
  error instanceof ExportError && codes.includes(error.code) && !stats.complete && new Set(ids).size === ids.length

export function summary({ ids, error, stats, restarts }: Outcome, expected: ReadonlySet<string>): string {
  const distinct = new Set(ids)
  const missing = [...expected].filter((id) => !distinct.has(id)).length
  const ending = error === undefined ? `complete: ${stats.complete}` : describe(error)
  const counts = `${ids.length} records (${ids.length - distinct.size} twice, ${missing} of ${expected.size} missing), total ${stats.total}`
  const why = restarts.length > 0 ? `, ${restarts.length} restart(s), the last at ${restarts.at(-1)}` : ''
  return `${counts}, ${ending}${why}`
}

function describe(error: unknown): string {
  const { code = 'no code', message } = error as Partial<ExportError>
  return `${code}: ${message}`
}

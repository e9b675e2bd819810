import type { ReportKind } from '../shared/types.js'
import type { RecordedColumn } from './history/recorded-schema.js'
import type { LoadChange } from './changes/load-changes.js'
import type { LoadMode } from './load-modes.js'
import { resolveLoadOptions, type LoadOptions } from './load-options.js'
import type { LoadStats } from './extract/extraction.js'
import { LoadRun } from './load-run.js'

/** The result of a load. */
export interface Load {
  /** The id of the load; each row that it inserts or updates has the id as `_optimize_load_id`. */
  readonly id: string
  /** The table with its schema: `main.orders`. */
  readonly table: string
  /** How the rows were written. */
  readonly mode: LoadMode
  /** Rows of the report that arrived. `merge` does not write a row that the table has with the same values. */
  readonly rows: number
  /** Rows that were inserted. */
  readonly inserted: number
  /** Rows that were in the table and changed; `merge` only. */
  readonly updated: number
  /** Rows that were deleted, or marked as deleted. */
  readonly deleted: number
  /** Events of these records, one row each in the event table; undefined without the option `events`. */
  readonly events: number | undefined
  /** Rows of the table after the load; the records of the report are `stats.total`. */
  readonly total: number
  /** True if all records of the report arrived, or with `since` all records since that date. */
  readonly complete: boolean
  /** The kind of the report. */
  readonly kind: ReportKind
  /** The columns of the report in the table. A column that the report no longer has is left out. */
  readonly schema: readonly LoadColumn[]
  /** The differences from the last complete load of the table, columns of the table that get another type, and shortened names. */
  readonly changes: readonly LoadChange[]
  /**
   * The date down to which the next load of this report with `since: 'last'` reads: the newest date of `sortedBy`, at most the start of the
   * export, or the watermark of the last load if this load left out newer records. Undefined without `sortedBy`, or if no date is known.
   */
  readonly watermark: Date | undefined
  /** When the load began. */
  readonly startedAt: Date
  /** When the rows were written, shortly before the commit. */
  readonly finishedAt: Date
  /** The figures of the extraction. */
  readonly stats: LoadStats
  /** True if the transaction was rolled back because of `dryRun`. */
  readonly dryRun: boolean
  /** The folder of the files of the load, if they were kept. */
  readonly keptFiles: string | undefined
}

/** A column of a loaded table. */
export interface LoadColumn {
  /** The name in the table. */
  readonly name: string
  /** The prefixed name in the report: `variable:amount`. */
  readonly source: string
  /** The type: `int64`, `string`, …; `{ sql }` for a type that the load did not create. */
  readonly type: RecordedColumn['type']
  /** Rows of the load with a value that is not null and not `''`. A partial load keeps the number of the load before if that is larger. */
  readonly filledRows: number
}

/**
 * Loads a report into a table of a database, in one transaction. The report is first exported to files on the local disk and
 * checked for completeness; then the files are loaded. After a failure the table is unchanged, unless PostgreSQL
 * cannot be asked whether a transaction was committed.
 *
 * @throws OptionError for a bad option. Otherwise rejects with an {@link ExportError} of the export or of an encoder, or with
 * `ERR_DESTINATION`, `ERR_DESTINATION_BUSY`, `ERR_SCHEMA_CHANGE`, `ERR_SUSPICIOUS_LOAD`, `ERR_NOT_SORTED` or `ERR_FILE`.
 * @example await loadReport({ source: { baseUrl, reportId, accessToken }, into: duckdb('warehouse.duckdb'), table: 'orders' })
 */
export async function loadReport(options: LoadOptions): Promise<Load> {
  return new LoadRun(resolveLoadOptions(options, 'loadReport')).run()
}

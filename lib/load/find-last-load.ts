import { LoadDatabase } from './load-database.js'
import type { Destination } from './load-destination.js'
import { resolveTableOptions } from './load-options.js'
import type { RecordedLoad } from './history/load-history.js'

/** Options of {@link findLastLoad}. */
export interface FindLoadOptions {
  /** The database: `duckdb(path)` or `postgres(connection)`. */
  into: Destination
  /** The table: `name` or `schema.name`. */
  table: string
  /** The event table of the load. If it is missing, no load is found. @default none */
  events?: string | undefined
  /** Stops the call. @default none */
  signal?: AbortSignal | undefined
}

/** A committed load, from `_optimize_loads`. */
export interface FoundLoad {
  /** Its id, which is `load_id` in `_optimize_loads`. */
  readonly id: string
  /** When its rows were written, shortly before the commit. */
  readonly finishedAt: Date
  /** Rows of the table after this load. */
  readonly rowsInTable: number
}

/**
 * Returns the newest load of a table, or undefined if the table or its event table does not exist, or if the table was never loaded.
 *
 * @throws OptionError for a bad option. Otherwise rejects with `ERR_DESTINATION` or `ERR_DESTINATION_BUSY`.
 * @example const last = await findLastLoad({ into: duckdb('warehouse.duckdb'), table: 'orders' })
 */
export async function findLastLoad(options: FindLoadOptions): Promise<FoundLoad | undefined> {
  const { into, table, events, signal } = options
  const resolved = resolveTableOptions({ into, table, events, signal }, 'findLastLoad')
  const database = new LoadDatabase(resolved, 'findLastLoad')
  database.throwIfAborted()
  const { tableState, eventState = tableState, newest } = await database.readState(resolved)
  return tableState.columns && eventState.columns && newest && toFoundLoad(newest)
}

/** @internal */
export const toFoundLoad = ({ loadId: id, finishedAt, rowsInTable }: RecordedLoad): FoundLoad => ({
  id,
  finishedAt,
  rowsInTable,
})

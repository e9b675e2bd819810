import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { toParquet } from '../../encode/parquet/to-parquet.js'
import type { Destination } from '../../load/load-destination.js'
import * as rule from '../../shared/options.js'
import { openDuckdb } from './duckdb-client.js'
import { KeyedMutex } from './keyed-mutex.js'
import { duckdbDialect } from './duckdb-dialect.js'
import { DuckdbSession, toDuckdbError } from './duckdb-session.js'

/** Options of {@link duckdb}. */
export interface DuckdbOptions {
  /** The schema of tables that are named without one. @default 'main' */
  schema?: string | undefined
  /**
   * The memory that DuckDB may use, such as `'400MB'`. With this option, rows are not kept in the order of the report.
   * @default 80 % of the memory of the machine
   */
  memoryLimit?: string | undefined
  /** The threads of DuckDB. @default one per core */
  threads?: number | undefined
}

const rules: rule.Rules<DuckdbOptions & { path: string }> = {
  path: rule.text,
  schema: rule.optional(rule.text),
  memoryLimit: rule.optional({
    expected: "an amount of memory such as '400MB' or '2GB'",
    parse: (value) => (typeof value === 'string' && /^\d+(\.\d+)?\s*[KMGT]i?B$/i.test(value) ? value : undefined),
  }),
  threads: rule.optional(rule.integer(1, 1024)),
}

const MEMORY = ':memory:'

/** Allows one session per file. DuckDB locks a file against other processes only, not against a second load of this process. */
const sessions = new KeyedMutex<string>()

/** The key that a session holds while it creates a missing file. It waits for no other key meanwhile, so there is no deadlock. */
const CREATION_KEY = 'creation'

/**
 * Waits for the other sessions of a file, and returns the function that lets the next one in. The key is the id of the file, because links
 * and mounts give it several paths. A missing file is created first, because only an existing file has an id.
 */
async function acquireFile(path: string, config: Readonly<Record<string, string>>, signal: AbortSignal) {
  const endCreation = await sessions.acquire(CREATION_KEY, signal)
  try {
    if (!existsSync(path)) (await openDuckdb(path, config)).close()
  } finally {
    endCreation()
  }
  const { dev, ino } = statSync(path, { bigint: true })
  return sessions.acquire(`${dev}:${ino}`, signal)
}

/**
 * Returns the destination for a DuckDB file; the package `@duckdb/node-api` must be installed. A load that commits creates a missing
 * file. The file is not open while the report is exported. A file that another process has open is `ERR_DESTINATION_BUSY`.
 *
 * @throws OptionError for a bad option, at the call.
 * @example await loadReport({ source, into: duckdb('warehouse.duckdb'), table: 'orders' })
 */
export function duckdb(path: string, options: DuckdbOptions = {}): Destination {
  const { schema, memoryLimit, threads, ...resolved } = rule.resolveOptions('duckdb', { ...options, path }, rules)
  const file = resolved.path === MEMORY ? MEMORY : resolve(resolved.path)
  const label = `duckdb:${resolved.path}`
  const config: Record<string, string> = {
    ...(threads === undefined ? {} : { threads: String(threads) }),
    ...(memoryLimit === undefined ? {} : { memory_limit: memoryLimit, preserve_insertion_order: 'false' }),
  }
  return {
    label,
    schema,
    dialect: duckdbDialect,
    createEncoder: ({ hasJsonVariables, ...encoding }) =>
      toParquet({ ...encoding, columns: 'all', variables: hasJsonVariables ? 'map' : 'columns', codec: 'snappy' }),
    connect: async ({ signal, commitsNothing }) => {
      const path = commitsNothing && !existsSync(file) ? MEMORY : file
      let release = () => {}
      try {
        if (path !== MEMORY) release = await acquireFile(path, config, signal)
        return new DuckdbSession(label, await openDuckdb(path, config), signal, release)
      } catch (error) {
        release()
        throw toDuckdbError(label, error)
      }
    },
  }
}

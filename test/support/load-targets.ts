// The databases that the tests of loads use: a DuckDB file in a folder of its own, and a database of a real PostgreSQL server.
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import t, { type Test } from 'tap'
import { duckdb, type DuckdbOptions } from '../../lib/destinations/duckdb/index.js'
import { postgres, type PostgresOptions } from '../../lib/destinations/postgres/index.js'
import { loadReport, type Load, type LoadOptions } from '../../lib/index.js'
import type { Destination } from '../../lib/load/load-destination.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { startPostgres, type Postgres } from './postgres.js'

export type Rows = Record<string, unknown>[]

/** One database. */
export interface LoadTarget {
  readonly name: 'duckdb' | 'postgres'
  into(options?: DuckdbOptions & PostgresOptions): Destination
  /** Runs SQL on a connection of its own. */
  query(sql: string): Promise<Rows>
  close(): Promise<void>
}

/** Creates an empty DuckDB file. */
export function createDuckdbTarget(): LoadTarget & { readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'duckdb-'))
  const path = join(folder, 'warehouse.duckdb')
  return {
    name: 'duckdb',
    path,
    into: ({ memoryLimit, threads, schema } = {}) => duckdb(path, { memoryLimit, threads, schema }),
    query: async (sql) => {
      const instance = await DuckDBInstance.create(path)
      const connection = await instance.connect()
      try {
        return (await connection.runAndReadAll(sql)).getRowObjectsJS().map(toPlain)
      } finally {
        connection.closeSync()
        instance.closeSync()
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

const toPlain = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  )

let server: Promise<Postgres | string> | undefined
let databases = 0

/** Starts the server of this process, once. Returns the reason if it cannot be started. */
export const getPostgres = (): Promise<Postgres | string> => (server ??= startPostgres())

/** The settings of `pg` for a database of the server. */
export const getConfig = ({ env }: Postgres, database: string, user = 'postgres') => ({
  host: env['PGHOST']!,
  user,
  database,
})

/** Creates an empty database. */
export async function createPostgresTarget(
  postgresServer: Postgres,
): Promise<LoadTarget & { readonly config: ReturnType<typeof getConfig>; readonly postgres: Postgres }> {
  const database = `loads_${++databases}`
  await queryPostgres(getConfig(postgresServer, 'postgres'), `CREATE DATABASE ${database}`)
  const config = getConfig(postgresServer, database)
  return {
    name: 'postgres',
    config,
    postgres: postgresServer,
    into: ({ schema, lockTimeout, statementTimeout, unlogged, invalidText } = {}) =>
      postgres(config, { schema, lockTimeout, statementTimeout, unlogged, invalidText }),
    query: (sql) => queryPostgres(config, sql),
    close: () => Promise.resolve(),
  }
}

/** Runs SQL on a new connection. 64-bit integers become numbers. */
export async function queryPostgres(config: pg.ClientConfig, sql: string): Promise<Rows> {
  const client = new pg.Client({ ...config, types: { getTypeParser: getParser as never } })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

const INT8 = 20

function getParser(type: number, format?: 'text' | 'binary'): unknown {
  return type === INT8 ? Number : (pg.types.getTypeParser as (type: number, format?: string) => unknown)(type, format)
}

/** Runs a test with an empty DuckDB file, and with an empty database of the server if it runs. */
export function testBothDatabases(
  server: Postgres | string,
  name: string,
  run: (t: Test, target: LoadTarget) => Promise<void>,
): void {
  t.test(`duckdb: ${name}`, async (t) => {
    const target = createDuckdbTarget()
    t.teardown(() => target.close())
    await run(t, target)
  })
  t.test(`postgres: ${name}`, { skip: typeof server === 'string' ? server : false }, async (t) =>
    run(t, await createPostgresTarget(server as Postgres)),
  )
}

/** Loads the report of a new fake server into the table `orders`. */
export async function loadFromFake(
  into: Destination,
  fakeOptions: FakeOptimizeOptions,
  options: Partial<Omit<LoadOptions, 'source'>> & { readonly source?: Partial<LoadOptions['source']> } = {},
): Promise<Load> {
  const fake = await startFakeOptimize(fakeOptions)
  try {
    const source = { baseUrl: fake.url, reportId: fake.reportId, accessToken: fake.token, ...options.source }
    return await loadReport({ into, table: 'orders', ...options, source })
  } finally {
    await fake.close()
  }
}

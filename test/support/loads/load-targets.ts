// The databases that the tests of loads use: a DuckDB file in a folder of its own, and a database of a real PostgreSQL server.
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import t, { type Test } from 'tap'
import { duckdb, type DuckdbOptions } from '../../../lib/destinations/duckdb/index.js'
import { postgres, type PostgresOptions } from '../../../lib/destinations/postgres/index.js'
import { loadReport, type Load, type LoadOptions } from '../../../lib/index.js'
import type { Destination } from '../../../lib/load/load-destination.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../../lib/testing/index.js'
import { startPostgres, type Postgres } from '../servers/postgres.js'

export type Rows = Record<string, unknown>[]

export interface TestDatabase {
  readonly name: 'duckdb' | 'postgres'
  into(options?: DuckdbOptions & PostgresOptions): Destination
  /** Runs SQL on a new connection. */
  query(sql: string): Promise<Rows>
  close(): Promise<void>
}

export function createDuckdbTarget(): TestDatabase & { readonly path: string } {
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

type TestBoth = (name: string, run: (t: Test, target: TestDatabase) => Promise<void>) => void

let databases = 0

/** Starts a PostgreSQL server for the tests of a file, and stops it after them. */
export async function preparePostgres(): Promise<{
  /** The server; there is one only if `skip` is false. */
  readonly postgres: Postgres
  /** The reason why there is no server, or false. */
  readonly skip: string | false
  /** Runs a test with an empty DuckDB file, and with an empty database of the server. */
  readonly testBoth: TestBoth
}> {
  const started = await startPostgres()
  const server = started as Postgres
  const skip = typeof started === 'string' ? started : false
  if (skip === false) t.teardown(() => server.stop())
  const testBoth: TestBoth = (name, run) => {
    t.test(`duckdb: ${name}`, async (t) => {
      const target = createDuckdbTarget()
      t.teardown(() => target.close())
      await run(t, target)
    })
    t.test(`postgres: ${name}`, { skip }, async (t) => run(t, await createPostgresTarget(server)))
  }
  return { postgres: server, skip, testBoth }
}

/** The settings of `pg` for a database of the server. */
export const getConfig = ({ env }: Postgres, database: string, user = 'postgres') => ({
  host: env['PGHOST']!,
  user,
  database,
})

export async function createPostgresTarget(
  postgresServer: Postgres,
): Promise<TestDatabase & { readonly config: ReturnType<typeof getConfig>; readonly postgres: Postgres }> {
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

export const loadRecords = (
  target: TestDatabase,
  data: FakeOptimizeOptions['data'],
  options: Parameters<typeof loadFromFake>[2] = {},
): Promise<Load> => loadFromFake(target.into(), { data }, options)

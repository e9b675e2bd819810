// A session with DuckDB. The stage is a view of the Parquet file, which DuckDB reads without copying it.
import { PassThrough } from 'node:stream'
import { copyLoadFile } from '../../load/copy-load-file.js'
import type { TableState, Session, SqlValue, FileToStage } from '../../load/load-destination.js'
import { quoteName, quoteText, type FullTableName } from '../../load/table-name.js'
import { createAbortError, onAbort } from '../../shared/abort.js'
import { ExportError } from '../../shared/errors.js'
import type { DuckdbClient } from './duckdb-client.js'
import { duckdbDialect } from './duckdb-dialect.js'

const isSameName = (a: string, b: string) => duckdbDialect.foldName(a) === duckdbDialect.foldName(b)

export class DuckdbSession implements Session {
  readonly #label: string
  readonly #client: DuckdbClient
  readonly #signal: AbortSignal
  readonly #removeAbortListener: () => void
  readonly #release: () => void
  #isInTransaction = false

  /** @param release called when the file is closed */
  constructor(label: string, client: DuckdbClient, signal: AbortSignal, release: () => void) {
    this.#label = label
    this.#release = release
    this.#client = client
    this.#signal = signal
    this.#removeAbortListener = onAbort(signal, () => client.connection.interrupt())
  }

  query(sql: string, parameters: readonly SqlValue[] = []): Promise<Record<string, SqlValue>[]> {
    return this.#attempt(async () => {
      const result = await this.#client.connection.runAndReadAll(sql, [...parameters] as never)
      return result.getRowObjectsJS() as Record<string, SqlValue>[]
    })
  }

  run(sql: string, parameters: readonly SqlValue[] = []): Promise<number> {
    return this.#attempt(async () => {
      const result = await this.#client.connection.run(sql, [...parameters] as never)
      return result.rowsChanged
    })
  }

  getDefaultSchema(): Promise<string> {
    return Promise.resolve('main')
  }

  async describeTable({ schema, name }: FullTableName): Promise<TableState> {
    const schemas = await this.query(
      'SELECT database_name AS "catalog", schema_name AS "name" FROM duckdb_schemas() WHERE database_name = current_database()',
    )
    const catalog = String(schemas[0]!['catalog'])
    const found = schemas.find((row) => isSameName(String(row['name']), schema))
    if (!found) return { schemaExists: false, table: { catalog, schema, name }, columns: undefined }
    const foundSchema = String(found['name'])
    const place = [catalog, foundSchema]
    const views = await this.query(
      'SELECT view_name AS "name" FROM duckdb_views() WHERE database_name = $1 AND schema_name = $2',
      place,
    )
    if (views.some((row) => isSameName(String(row['name']), name)))
      throw new ExportError('ERR_DESTINATION', `${this.#label}: ${name} is a view; a load needs a table`)
    const candidates = await this.query(
      `SELECT table_name AS "table", column_name AS "name", data_type AS "typeName" FROM duckdb_columns()
       WHERE database_name = $1 AND schema_name = $2 AND lower(table_name) = lower($3) ORDER BY column_index`,
      [...place, name],
    )
    const rows = candidates.filter((row) => isSameName(String(row['table']), name))
    const columns = rows.map((row) => {
      const typeName = String(row['typeName'])
      return { name: String(row['name']), typeName, isText: typeName === 'VARCHAR' }
    })
    return {
      schemaExists: true,
      table: { catalog, schema: foundSchema, name: String(rows[0]?.['table'] ?? name) },
      columns: columns.length > 0 ? columns : undefined,
    }
  }

  async begin(): Promise<void> {
    // a cast from a time with a zone to a time without a zone must not depend on the zone of the machine
    await this.run("SET TimeZone = 'UTC'")
    await this.run('BEGIN TRANSACTION')
    this.#isInTransaction = true
  }

  async commit(): Promise<void> {
    await this.run('COMMIT')
    this.#isInTransaction = false
  }

  async lockName(): Promise<void> {
    // no other load has the file open
  }

  async lockTable(): Promise<void> {
    // no other load has the file open
  }

  async indexForMerges(): Promise<void> {
    // DuckDB joins without an index, and with a primary key a merge would be many times slower
  }

  async alter(statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.run(statement)
  }

  async stage(name: string, source: FileToStage): Promise<string> {
    const { path, schema } = source
    // only to compare the hash
    await copyLoadFile(source, new PassThrough().resume(), this.#label)
    const columns = schema.map((column, index) => `${quoteName(column.name)} AS c${index}`).join(', ')
    // a folder such as `tenantId=acme` in the path must not become a column. Source: DuckDB, Hive Partitioning
    const file = `read_parquet(${quoteText(path)}, hive_partitioning = false)`
    await this.run(`CREATE OR REPLACE TEMP VIEW ${quoteName(name)} AS SELECT ${columns} FROM ${file}`)
    return `temp.${quoteName(name)}`
  }

  async unstage(stage: string): Promise<void> {
    await this.run(`DROP VIEW ${stage}`)
  }

  async close(): Promise<void> {
    this.#removeAbortListener()
    if (this.#isInTransaction) await this.#client.connection.run('ROLLBACK').catch(() => undefined)
    this.#client.close()
    this.#release()
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    this.#throwIfAborted()
    try {
      return await work()
    } catch (error) {
      this.#throwIfAborted()
      throw toDuckdbError(this.#label, error)
    }
  }

  #throwIfAborted(): void {
    if (this.#signal.aborted) throw createAbortError(this.#signal)
  }
}

/** Explains a message of DuckDB to the user. The first pattern that matches decides. */
const remedyPatterns: readonly (readonly [RegExp, string])[] = [
  [
    /database file with version number/,
    'a newer DuckDB wrote this file: install a newer @duckdb/node-api, or export the tables with that DuckDB',
  ],
  [/Out of Memory/, 'raise memoryLimit'],
  [/Duplicate key .* violates/, "mode 'merge' updates rows that the table has"],
]

/** The messages of DuckDB about a column whose type must stay, because an index, a constraint or a generated column uses it. */
const FIXED_TYPE_PATTERN = /Cannot change the type of a column|type can not be changed|Cannot alter entry/

/** Returns the ExportError for an error of DuckDB. The text decides, because DuckDB has no codes. Other errors stay as they are. */
export function toDuckdbError(label: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ExportError) return error
  if (['OptionError', 'AbortError'].includes(error.name)) return error
  const [detail = ''] = error.message.split('\n')
  const holder = /Conflicting lock is held in (.+?\(PID \d+\))/.exec(error.message)?.[1]
  if (/Could not set lock on file/.test(detail))
    return new ExportError('ERR_DESTINATION_BUSY', `${label}: the file is open in ${holder ?? 'another process'}`, {
      detail,
      cause: error,
    })
  const options = { detail: detail.slice(0, 500), cause: error }
  if (FIXED_TYPE_PATTERN.test(detail)) {
    const remedy = 'drop the index or the constraint before the load, or change the type yourself'
    return new ExportError('ERR_SCHEMA_CHANGE', `${label}: ${detail}; ${remedy}`, options)
  }
  const remedy = remedyPatterns.find(([pattern]) => pattern.test(detail))?.[1]
  return new ExportError('ERR_DESTINATION', `${label}: ${detail}${remedy === undefined ? '' : `; ${remedy}`}`, options)
}

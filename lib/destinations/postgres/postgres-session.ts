// A session with PostgreSQL. The stage is a temporary or an unlogged table, filled by COPY.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAbortError, onAbort, runWithTimeLimit } from '../../shared/abort.js'
import { throwIfTooManyColumns } from '../../load/columns/column-limit.js'
import type { TableState, Session, SqlValue, FileToStage } from '../../load/load-destination.js'
import { markRepeatable } from '../../load/load-destination.js'
import type { LoadMode } from '../../load/load-modes.js'
import { formatTableName, quoteName, quoteTable, quoteText, type FullTableName } from '../../load/table-name.js'
import { isScalar } from '../../schema/types/column-type.js'
import { ExportError } from '../../shared/errors.js'
import { keyFieldByKind } from '../../shared/reports/report-kinds.js'
import { copyInto } from './copy-into.js'
import type { Connect, PostgresClient } from './postgres-client.js'
import { postgresDialect } from './postgres-dialect.js'
import { findProblem, listColumns } from './postgres-table.js'
import { isConnectionLost, toPostgresError } from './postgres-errors.js'

export interface SessionSettings {
  readonly label: string
  readonly connect: Connect
  readonly lockTimeout: number
  readonly statementTimeout: number
  /** True if the stage is an unlogged table, false if it is a temporary one. */
  readonly unlogged: boolean
  readonly redact: (text: string) => string
  /** How long to ask whether a COMMIT with a lost reply succeeded, in milliseconds. */
  readonly lookUpTimeout: number
}

/** The longest time for which one attempt to change a table waits for its lock. */
const ALTER_LOCK_MS = 1000
const ALTER_PAUSE_MS = 500

const CONNECTION_CHECK_MS = 1000

const LOOK_UP_PAUSE_MS = 250

const LOCK_TIMEOUT_CODE = '55P03'
const MIN_SERVER_VERSION = 130_000

/** The lock that a mode takes; the lock of `append` needs only the privilege INSERT. */
const lockModeByLoadMode: Readonly<Record<LoadMode, string>> = {
  replace: 'SHARE ROW EXCLUSIVE',
  merge: 'SHARE ROW EXCLUSIVE',
  append: 'ROW EXCLUSIVE',
}

/** The columns by which rows are joined; the planner needs statistics of them. */
const keyNames: readonly string[] = Object.values(keyFieldByKind)

export class PostgresSession implements Session {
  readonly #settings: SessionSettings
  readonly #postgres: PostgresClient
  readonly #signal: AbortSignal
  readonly #removeAbortListener: () => void
  #isInTransaction = false
  #isReleased = false

  private constructor(settings: SessionSettings, postgres: PostgresClient, signal: AbortSignal) {
    this.#settings = settings
    this.#postgres = postgres
    this.#signal = signal
    this.#removeAbortListener = onAbort(signal, () => postgres.cut())
  }

  /** Returns the session of a connection. Rejects, and ends the connection, if the server is too old. */
  static async open(
    settings: SessionSettings,
    postgres: PostgresClient,
    signal: AbortSignal,
  ): Promise<PostgresSession> {
    const session = new PostgresSession(settings, postgres, signal)
    try {
      await session.#checkVersion()
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  async #checkVersion(): Promise<void> {
    const [row] = await this.query(
      "SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS name",
    )
    if (Number(row!['number']) >= MIN_SERVER_VERSION) return
    throw this.#createError(`expected PostgreSQL 13 or later, got ${String(row!['name'])}`)
  }

  query(sql: string, parameters: readonly SqlValue[] = []): Promise<Record<string, SqlValue>[]> {
    return this.#attempt(async () => {
      const result = await this.#postgres.client.query<Record<string, SqlValue>>(sql, [...parameters])
      return result.rows
    })
  }

  run(sql: string, parameters: readonly SqlValue[] = []): Promise<number> {
    return this.#attempt(async () => (await this.#postgres.client.query(sql, [...parameters])).rowCount ?? 0)
  }

  async getDefaultSchema(): Promise<string> {
    const [row] = await this.query('SELECT current_schema() AS name')
    return (row!['name'] as string | null) ?? 'public'
  }

  async describeTable(table: FullTableName): Promise<TableState> {
    const { schema, name } = table
    const schemas = await this.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])
    const [relation] = await this.query(
      'SELECT relkind AS kind FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE nspname = $1 AND relname = $2',
      [schema, name],
    )
    const schemaExists = schemas.length > 0
    if (!relation) return { schemaExists, table, columns: undefined }
    if (!['r', 'p'].includes(String(relation['kind'])))
      throw this.#createError(`${formatTableName(table)} is a view or another relation; a load needs a table`)
    return { schemaExists, table, columns: await listColumns(this, table) }
  }

  async begin(): Promise<void> {
    const { lockTimeout, statementTimeout } = this.#settings
    // the default isolation level of the database may hide what another load committed while this one waited
    await this.run('BEGIN ISOLATION LEVEL READ COMMITTED')
    this.#isInTransaction = true
    await this.run(`SET LOCAL lock_timeout = ${lockTimeout}`)
    await this.run(`SET LOCAL statement_timeout = ${statementTimeout}`)
    // without this setting, a server keeps the locks of a load that is killed while it waits for a lock. Version 13 lacks the setting,
    // and some systems other than Linux refuse it. The name comes from pg_settings, because SET of an unknown setting is an error
    await this.run(
      `SELECT set_config(name, '${CONNECTION_CHECK_MS}', true) FROM pg_settings
       WHERE name = 'client_connection_check_interval' AND version() LIKE '%linux%'`,
    )
    await this.run("SET LOCAL TimeZone = 'UTC'")
    await this.run("SET LOCAL DateStyle = 'ISO'")
    // with a smaller value, a double that is cast to numeric through text loses digits
    await this.run('SET LOCAL extra_float_digits = 1')
  }

  async commit(): Promise<void> {
    const [row] = await this.query('SELECT CAST(txid_current() AS text) AS id')
    try {
      await this.#postgres.client.query('COMMIT')
    } catch (error) {
      if (!isConnectionLost(error)) throw this.#convertError(error)
      // a pool of one connection has no other connection before this one is given back
      this.#isInTransaction = false
      this.#postgres.cut()
      await this.#release()
      await this.#lookUp(String(row!['id']))
    }
    this.#isInTransaction = false
  }

  async lockName(table: FullTableName): Promise<void> {
    const name = quoteText(`optimize-export ${formatTableName(table)}`)
    await this.run(`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`)
  }

  async lockTable(table: FullTableName, mode: LoadMode): Promise<void> {
    await this.run(`LOCK TABLE ${quoteTable(table)} IN ${lockModeByLoadMode[mode]} MODE`)
    const problem = await findProblem(this, table, mode)
    if (problem !== undefined) throw this.#createError(`table ${formatTableName(table)}: ${problem}`)
  }

  async indexForMerges(table: FullTableName, key: string): Promise<void> {
    const [found] = await this.query(
      `SELECT CAST(pg_has_role(c.relowner, 'USAGE') AND c.relkind = 'r' AS integer) AS "mayIndex",
         (SELECT count(*) FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
           WHERE i.indrelid = c.oid AND i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL AND a.attname = $2) AS "indexes"
       FROM pg_class AS c WHERE c.oid = CAST($1 AS regclass)`,
      [quoteTable(table), key],
    )
    // "mayIndex" is 0 for a partitioned table, whose unique indexes must contain the columns that decide the partition
    if (Number(found!['indexes']) > 0 || Number(found!['mayIndex']) === 0) return
    await this.run(`CREATE UNIQUE INDEX ON ${quoteTable(table)} (${quoteName(key)})`)
  }

  /** New readers wait behind a waiting ALTER TABLE, so each attempt gives up after a short time, and readers run before the next one. */
  async alter(statements: readonly string[]): Promise<void> {
    const { lockTimeout } = this.#settings
    const deadline = lockTimeout === 0 ? Infinity : performance.now() + lockTimeout
    await this.run('SAVEPOINT before_alter')
    for (;;) {
      const left = Math.max(1, Math.round(deadline - performance.now()))
      await this.run(`SET LOCAL lock_timeout = ${Math.min(ALTER_LOCK_MS, left)}`)
      try {
        for (const statement of statements) await this.#postgres.client.query(statement)
        break
      } catch (error) {
        const isLocked = (error as { code?: string }).code === LOCK_TIMEOUT_CODE
        if (!isLocked || performance.now() >= deadline) throw this.#convertError(error)
      }
      await this.run('ROLLBACK TO SAVEPOINT before_alter')
      await sleep(ALTER_PAUSE_MS)
    }
    await this.run(`SET LOCAL lock_timeout = ${lockTimeout}`)
  }

  async stage(name: string, source: FileToStage): Promise<string> {
    const { label, unlogged } = this.#settings
    const { schema } = source
    throwIfTooManyColumns(label, postgresDialect, schema.length)
    const columns = schema.map(({ type }, index) => `c${index} ${postgresDialect.getTypeName(type)}`).join(', ')
    const table = unlogged ? quoteName(`${name}_${randomUUID()}`) : `pg_temp.${quoteName(name)}`
    await this.run(
      unlogged
        ? `CREATE UNLOGGED TABLE ${table} (${columns})`
        : `CREATE TEMPORARY TABLE ${quoteName(name)} (${columns}) ON COMMIT DROP`,
    )
    await this.#attempt(() => copyInto(this.#postgres, table, source, label))
    const keys = schema.flatMap((column, index) =>
      keyNames.includes(column.name) && isScalar(column.type) ? [`c${index}`] : [],
    )
    await this.run(`ANALYZE ${table}${keys.length > 0 ? ` (${keys.join(', ')})` : ''}`)
    return table
  }

  async unstage(stage: string): Promise<void> {
    await this.run(`DROP TABLE ${stage}`)
  }

  async close(): Promise<void> {
    this.#removeAbortListener()
    if (this.#isInTransaction) await this.#postgres.client.query('ROLLBACK').catch(() => this.#postgres.cut())
    await this.#release()
  }

  async #release(): Promise<void> {
    if (this.#isReleased) return
    this.#isReleased = true
    await this.#postgres.release().catch(() => undefined)
  }

  /** Asks on a new connection whether the transaction was committed. Rejects if it was not, or if the server cannot be asked. */
  async #lookUp(transactionId: string): Promise<void> {
    const deadline = performance.now() + this.#settings.lookUpTimeout
    while (performance.now() < deadline) {
      const status = await this.#askStatus(transactionId, deadline - performance.now())
      if (status === 'committed') return
      if (status === 'aborted')
        throw markRepeatable(this.#createError('the connection was lost before the commit; nothing was changed'))
      await sleep(LOOK_UP_PAUSE_MS)
    }
    const problem = 'the connection was lost during the commit, and the server cannot be asked whether it was committed'
    throw this.#createError(`${problem}; look for the load in _optimize_loads`)
  }

  /** Returns the status of a transaction, or 'unknown' if the server cannot be asked in time; a pool may never have a free connection. */
  #askStatus(transactionId: string, ms: number): Promise<string> {
    const limit = { ms, createTimeoutError: () => new Error('the time is over') }
    const ask = async (signal: AbortSignal) => {
      const postgres = await this.#settings.connect(signal)
      const removeListener = onAbort(signal, () => postgres.cut())
      try {
        const sql = 'SELECT txid_status(CAST($1 AS bigint)) AS status'
        return (await postgres.client.query<{ status: string }>(sql, [transactionId])).rows[0]!.status
      } finally {
        removeListener()
        await postgres.release()
      }
    }
    return runWithTimeLimit(new AbortController().signal, limit, ask).catch(() => 'unknown')
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    if (this.#signal.aborted) throw createAbortError(this.#signal)
    try {
      return await work()
    } catch (error) {
      throw this.#convertError(error)
    }
  }

  #convertError(error: unknown): unknown {
    if (this.#signal.aborted) return createAbortError(this.#signal)
    return toPostgresError(this.#settings.label, error, this.#settings.redact)
  }

  #createError(problem: string): ExportError {
    return new ExportError('ERR_DESTINATION', `${this.#settings.label}: ${problem}`)
  }
}

// The contract between a load and the databases. A load writes SQL that DuckDB and PostgreSQL share, such as `UPDATE … FROM` and
// names in double quotes; a destination connects, stages a file in the fastest way, and has a dialect for the differences.
import type { Encoder } from '../encode/encoder.js'
import type { ColumnType, ScalarType } from '../schema/types/column-type.js'
import type { LoadMode } from './load-modes.js'
import type { FullTableName } from './table-name.js'

/** A database that {@link loadReport} loads into; `duckdb()` and `postgres()` create one. */
export interface Destination {
  /** The name for people, without a password: `duckdb:warehouse.duckdb`, `postgresql://etl@db:5432/warehouse`. */
  readonly label: string
  /** @internal The schema of tables that are named without one; undefined is the default of the database. */
  readonly schema: string | undefined
  /** @internal */
  readonly dialect: Dialect
  /** @internal Creates the encoder of a load file, which {@link Session.stage} reads. */
  readonly createEncoder: (options: LoadEncoderOptions) => Encoder
  /** @internal Connects. Rejects with `ERR_DESTINATION_BUSY` if the database is busy. */
  readonly connect: (options: ConnectOptions) => Promise<Session>
}

/** @internal */
export interface LoadEncoderOptions {
  /** Returns the name of a column in the file. Names are distinct, also for readers that ignore case. */
  readonly naming: (id: string) => string
  readonly pick: readonly string[] | undefined
  readonly omit: readonly string[] | undefined
  readonly types: Readonly<Record<string, ScalarType>>
  readonly inferTypes: boolean
  /** True if all variables are one column, `variables`. `types` has its type. */
  readonly hasJsonVariables: boolean
}

/** @internal */
export interface ConnectOptions {
  /** Aborts the running statement; the transaction is rolled back. */
  readonly signal: AbortSignal
  /** True if the caller commits nothing; then a database that does not exist is not created. */
  readonly commitsNothing: boolean
}

/** @internal The differences between databases. */
export interface Dialect {
  /** The longest name in bytes of UTF-8. A longer name of a column is shortened with a hash, a longer name of a table is refused. */
  readonly maxNameBytes: number
  readonly maxColumns: number
  /** Names of system columns, which no other column can have. */
  readonly systemColumns: readonly string[]
  /** Returns the same text for names that the database treats as one column. */
  readonly foldName: (name: string) => string
  readonly getTypeName: (type: ColumnType) => string
  /** Returns the type that has this SQL name, or undefined for a type that a load does not create. */
  readonly parseTypeName: (typeName: string) => ColumnType | undefined
  /** Returns the SQL that converts an expression to the type of an existing column. */
  readonly cast: (expression: string, from: ColumnType, typeName: string) => string
}

/** @internal */
export interface TableColumn {
  readonly name: string
  /** The type as the database writes it. */
  readonly typeName: string
  /** True for text types. The column may treat different texts as equal, such as letters that differ in case only. */
  readonly isText: boolean
}

/** @internal A table before the load, whether it exists or not. */
export interface TableState {
  /** The schema is the namespace of the table, not its columns. */
  readonly schemaExists: boolean
  /** The name of the table as the database has it; its case may differ from the given name if the database ignores case. */
  readonly table: FullTableName
  /** Undefined if there is no table. */
  readonly columns: readonly TableColumn[] | undefined
}

/** @internal A value in a row of a result, or a parameter. */
export type SqlValue = string | number | bigint | boolean | Date | null

/** @internal A finished file of rows, and its columns in their order. */
export interface FileToStage {
  readonly path: string
  readonly sha256: string
  readonly schema: readonly { readonly name: string; readonly type: ColumnType }[]
}

/**
 * @internal One connection. A method that fails rejects with an ExportError (`ERR_DESTINATION`, `ERR_DESTINATION_BUSY` or
 * `ERR_SCHEMA_CHANGE`), after an abort with an AbortError.
 */
export interface Session {
  /** Returns the rows of a query; parameters are `$1`, `$2`, …. */
  query(sql: string, parameters?: readonly SqlValue[]): Promise<Record<string, SqlValue>[]>
  /** Runs a statement and returns the number of changed rows. */
  run(sql: string, parameters?: readonly SqlValue[]): Promise<number>
  getDefaultSchema(): Promise<string>
  describeTable(table: FullTableName): Promise<TableState>
  /** Begins a transaction, and sets what holds for all of its statements, such as time limits. */
  begin(): Promise<void>
  /** Resolves when the transaction is committed. If the reply of a server is lost, asks the server on a new connection. */
  commit(): Promise<void>
  /** Waits until no other load writes this table, and keeps other loads from it until the transaction ends. The table need not exist. */
  lockName(table: FullTableName): Promise<void>
  /**
   * Locks an existing table until the end of the transaction. Other sessions can still read the table, and in mode `append` also write it.
   * Rejects if a policy may hide rows that this mode must see, or if a foreign key or inheritance would make this mode change other tables.
   */
  lockTable(table: FullTableName, mode: LoadMode): Promise<void>
  /** After the rows are written: creates a unique index on the key, if the database needs one for later merges and the user may do it. */
  indexForMerges(table: FullTableName, key: string): Promise<void>
  /** Runs statements that change a table while others may read it. Rejects if the table is still locked after the time limit. */
  alter(statements: readonly string[]): Promise<void>
  /**
   * Makes the rows of a file readable under a name, with the columns `c0`, `c1`, …, until {@link Session.unstage} or a rollback. Returns
   * the SQL name.
   */
  stage(name: string, source: FileToStage): Promise<string>
  /** Removes a stage by the SQL name that {@link Session.stage} returned. */
  unstage(stage: string): Promise<void>
  /** Ends the connection; a transaction that is not committed is rolled back. */
  close(): Promise<void>
}

const repeatable = new WeakSet<object>()

/** @internal Marks an error after which the same transaction may be tried again on a new connection. Returns the error. */
export function markRepeatable<E extends object>(error: E): E {
  repeatable.add(error)
  return error
}

/** @internal */
export const isRepeatable = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && repeatable.has(error)

// The table `_optimize_loads`, in the schema of the loaded table: one row for each committed load, written in its transaction.
import type { PlainType } from '../../schema/types/column-type.js'
import type { Dialect, Session, SqlValue, TableState } from '../load-destination.js'
import type { RecordedSchema } from './recorded-schema.js'
import { formatTableName, quoteName, quoteTable, type FullTableName } from '../table-name.js'

const LOADS_TABLE = '_optimize_loads'

/** The column with the id of the load that inserted the row or last updated it. Marking the row as deleted does not change the id. */
export const LOAD_ID_COLUMN = '_optimize_load_id'
/** The column for rows that the report no longer has, with `deleteMissing: 'soft'`. */
export const DELETED_AT_COLUMN = '_optimize_deleted_at'

const columns = {
  load_id: 'string',
  report_id: 'string',
  table_name: 'string',
  mode: 'string',
  started_at: 'timestamp',
  finished_at: 'timestamp',
  rows_received: 'int64',
  rows_promised: 'int64',
  rows_in_table: 'int64',
  restarts: 'int64',
  duplicates: 'int64',
  complete: 'boolean',
  schema: 'json',
  changes: 'json',
  watermark: 'timestamp',
  version: 'string',
} satisfies Record<string, PlainType>

type ColumnName = keyof typeof columns

const columnNames = Object.keys(columns) as readonly ColumnName[]

/** A row by its columns; the history itself adds the name of the table. */
export type NewHistoryRow = Readonly<Record<Exclude<ColumnName, 'table_name'>, SqlValue>>

/** Returns the SQL of a time as milliseconds since 1970: a number, because a program may have changed how `pg` reads times. */
const toMs = (column: string) => `CAST(extract(epoch FROM ${column}) * 1000 AS bigint)`

export interface RecordedLoad {
  readonly loadId: string
  readonly finishedAt: Date
  readonly rowsInTable: number
  /** Records of the report, as the server counted them. */
  readonly total: number
  readonly schema: RecordedSchema
  readonly watermark: Date | undefined
}

export interface LastLoads {
  readonly newest: RecordedLoad | undefined
  readonly lastComplete: RecordedLoad | undefined
  /** The newest load of the same report; a table may have the rows of several reports. */
  readonly newestOfReport: RecordedLoad | undefined
  /** The newest complete load of the same report. */
  readonly lastCompleteOfReport: RecordedLoad | undefined
}

export class LoadHistory {
  readonly #session: Session
  readonly #dialect: Dialect
  readonly #loadedTable: FullTableName
  readonly #historyTable: FullTableName
  /** The columns of the history table, or null if there is no such table; undefined until they are read. */
  #existing: readonly string[] | null | undefined

  constructor(session: Session, dialect: Dialect, table: FullTableName) {
    this.#session = session
    this.#dialect = dialect
    this.#loadedTable = table
    this.#historyTable = { ...table, name: LOADS_TABLE }
  }

  /**
   * Adds the columns that a history table of an older version lacks. Must be called before the history is read: two loads that have both
   * read the table hold locks on it, so each would wait for the lock of the other.
   */
  async addColumns(): Promise<void> {
    if ((await this.#listMissingColumns()).length === 0) return
    await this.#lock()
    const missing = await this.#listMissingColumns()
    await this.#session.alter(
      missing.map((name) => `ALTER TABLE ${quoteTable(this.#historyTable)} ADD COLUMN ${this.#define(name)}`),
    )
    this.#existing = undefined
  }

  async create(): Promise<void> {
    if (await this.#listColumns()) return
    // another load into this schema may create the table at the same time
    await this.#lock()
    if (await this.#listColumns()) return
    const list = columnNames.map((name) => this.#define(name))
    await this.#session.run(`CREATE TABLE ${quoteTable(this.#historyTable)} (${list.join(', ')})`)
  }

  async readLast(reportId: string | undefined): Promise<LastLoads> {
    const existing = await this.#listColumns()
    if (!existing)
      return { newest: undefined, lastComplete: undefined, newestOfReport: undefined, lastCompleteOfReport: undefined }
    const list = columnNames.map((name) =>
      existing.includes(name) ? quoteName(name) : `CAST(NULL AS ${this.#getType(name)}) AS ${quoteName(name)}`,
    )
    // at most four rows: the newest complete and the newest incomplete load, of this report and of other reports
    const rows = await this.#session.query(
      `SELECT load_id, ${toMs('finished_at')} AS finished, rows_in_table, rows_promised, CAST("schema" AS varchar) AS "schema",
         ${toMs('watermark')} AS watermark, complete, of_report
       FROM (SELECT *, row_number() OVER (PARTITION BY complete, of_report ORDER BY finished_at DESC) AS place
         FROM (SELECT ${list.join(', ')}, coalesce(report_id = $2, FALSE) AS of_report FROM ${quoteTable(this.#historyTable)}) AS loads
         WHERE table_name = $1) AS ordered
       WHERE place = 1 ORDER BY finished_at DESC`,
      [this.#loadedTable.name, reportId ?? null],
    )
    const find = (...conditions: readonly ('complete' | 'of_report')[]) => {
      const row = rows.find((each) => conditions.every((condition) => each[condition]))
      return row && toRecordedLoad(row)
    }
    return {
      newest: find(),
      lastComplete: find('complete'),
      newestOfReport: find('of_report'),
      lastCompleteOfReport: find('of_report', 'complete'),
    }
  }

  /**
   * Returns the watermark of the newest load of a report. Returns undefined if the tables may lack older rows: if a table does not exist or
   * has no row of the report, or if the load has not written the events.
   */
  async findWatermark(
    reportId: string,
    { newestOfReport }: LastLoads,
    tableState: TableState,
    eventState: TableState | undefined,
  ): Promise<Date | undefined> {
    if (!newestOfReport || !(await this.#hasRows(reportId, tableState))) return undefined
    const { loadId, watermark, schema } = newestOfReport
    if (!eventState) return watermark
    const { events } = schema
    const hasWrittenEvents = events?.loadId === loadId && events.table === formatTableName(eventState.table)
    return hasWrittenEvents && (await this.#hasRows(reportId, eventState)) ? watermark : undefined
  }

  async #hasRows(reportId: string, { table, columns }: TableState): Promise<boolean> {
    const { foldName } = this.#dialect
    const column = columns?.find(({ name }) => foldName(name) === foldName(LOAD_ID_COLUMN))
    if (!column) return false
    const ids = `SELECT load_id FROM ${quoteTable(this.#historyTable)} WHERE table_name = $1 AND report_id = $2`
    const rows = await this.#session.query(
      `SELECT 1 FROM ${quoteTable(table)} WHERE CAST(${quoteName(column.name)} AS varchar) IN (${ids}) LIMIT 1`,
      [this.#loadedTable.name, reportId],
    )
    return rows.length > 0
  }

  async has(loadId: string): Promise<boolean> {
    if (!(await this.#listColumns())) return false
    const rows = await this.#session.query(`SELECT 1 FROM ${quoteTable(this.#historyTable)} WHERE load_id = $1`, [
      loadId,
    ])
    return rows.length > 0
  }

  async write(row: NewHistoryRow): Promise<void> {
    const values = { ...row, table_name: this.#loadedTable.name }
    const list = columnNames.map((name, index) => `CAST($${index + 1} AS ${this.#getType(name)})`)
    await this.#session.run(
      `INSERT INTO ${quoteTable(this.#historyTable)} (${columnNames.map(quoteName).join(', ')}) SELECT ${list.join(', ')}`,
      columnNames.map((name) => values[name]),
    )
  }

  async #listMissingColumns(): Promise<ColumnName[]> {
    const existing = await this.#listColumns()
    return columnNames.filter((name) => existing && !existing.includes(name))
  }

  async #listColumns(): Promise<readonly string[] | null> {
    if (this.#existing !== undefined) return this.#existing
    const { columns: existing } = await this.#session.describeTable(this.#historyTable)
    return (this.#existing = existing?.map(({ name }) => name) ?? null)
  }

  /** Keeps other loads from changing the table. They may have changed it since it was described. */
  async #lock(): Promise<void> {
    await this.#session.lockName(this.#historyTable)
    this.#existing = undefined
  }

  #define(name: ColumnName): string {
    return `${quoteName(name)} ${this.#getType(name)}`
  }

  #getType(name: ColumnName): string {
    return this.#dialect.getTypeName(columns[name])
  }
}

const toRecordedLoad = (row: Readonly<Record<string, SqlValue>>): RecordedLoad => ({
  loadId: row['load_id'] as string,
  finishedAt: new Date(Number(row['finished'])),
  rowsInTable: Number(row['rows_in_table']),
  total: Number(row['rows_promised']),
  schema: JSON.parse(row['schema'] as string) as RecordedSchema,
  watermark: row['watermark'] === null ? undefined : new Date(Number(row['watermark'])),
})

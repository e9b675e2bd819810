// Lists the columns of a table of PostgreSQL, and finds policies, foreign keys and child tables that forbid a mode of a load.
import type { Session, SqlValue, TableColumn } from '../../load/load-destination.js'
import type { LoadMode } from '../../load/load-modes.js'
import { quoteTable, type FullTableName } from '../../load/table-name.js'
import { postgresDialect } from './postgres-dialect.js'

type QuerySession = Pick<Session, 'query'>

export async function listColumns(session: QuerySession, table: FullTableName): Promise<TableColumn[]> {
  const rows = await session.query(
    `SELECT attname AS "name", format_type(atttypid, atttypmod) AS "typeName",
       (SELECT CAST(typcategory = 'S' AS integer) FROM pg_type WHERE oid = atttypid) AS "isText",
       (SELECT format_type(typbasetype, typtypmod) FROM pg_type WHERE oid = atttypid AND typtype = 'd') AS "baseName"
     FROM pg_attribute WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [quoteTable(table)],
  )
  return rows.map((row) => ({
    name: String(row['name']),
    typeName: readTypeName(row),
    isText: Number(row['isText']) === 1,
  }))
}

/**
 * Returns the type of a column. A domain over a type that no load creates, such as `varchar(20)`, counts as that type: then a value is
 * cast to `varchar` without the length, and the assignment to the column rejects a text that is too long. A cast to the domain would cut
 * it. A domain over a type that a load creates keeps its name, so no load widens it.
 */
function readTypeName({ typeName, baseName }: Record<string, SqlValue>): string {
  const isUnknownToLoads = baseName !== null && postgresDialect.parseTypeName(baseName as string) === undefined
  return String(isUnknownToLoads ? baseName : typeName)
}

type Check = (session: QuerySession, table: FullTableName) => Promise<string | undefined>

/** Returns the reason why a load in this mode cannot write to a table, or undefined. */
export async function findProblem(
  session: QuerySession,
  table: FullTableName,
  mode: LoadMode,
): Promise<string | undefined> {
  for (const check of checks[mode]) {
    const problem = await check(session, table)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Finds policies that hide rows: a replace would leave the hidden rows, and a merge would insert them again. */
const findHiddenRows: Check = async (session, table) => {
  const sql = 'SELECT CAST(row_security_active(CAST($1 AS regclass)) AS integer) AS active'
  const [row] = await session.query(sql, [quoteTable(table)])
  return Number(row!['active']) === 0
    ? undefined
    : 'row level security may hide rows from this user; load as the owner, or as a role with BYPASSRLS'
}

/** Finds a foreign key with ON DELETE CASCADE, SET NULL or SET DEFAULT: a replace deletes all rows before it writes the new ones. */
const findCascade: Check = async (session, table) => {
  const [row] = await session.query(
    `SELECT conname AS "name", CAST(CAST(conrelid AS regclass) AS text) AS "child" FROM pg_constraint
     WHERE confrelid = CAST($1 AS regclass) AND contype = 'f' AND confdeltype IN ('c', 'n', 'd') ORDER BY conname LIMIT 1`,
    [quoteTable(table)],
  )
  return (
    row &&
    `a replace would delete or change rows of ${String(row['child'])} through its foreign key ${String(row['name'])}; use mode 'merge', or a key without ON DELETE`
  )
}

/** Finds a table that inherits from this one: a replace would delete its rows too. The partitions of a partitioned table are not meant. */
const findChildTable: Check = async (session, table) => {
  const [row] = await session.query(
    `SELECT CAST(CAST(inhrelid AS regclass) AS text) AS "child" FROM pg_inherits JOIN pg_class ON pg_class.oid = inhparent
     WHERE inhparent = CAST($1 AS regclass) AND relkind = 'r' ORDER BY 1 LIMIT 1`,
    [quoteTable(table)],
  )
  return (
    row &&
    `a replace would also delete the rows of ${String(row['child'])}, which inherits from this table; use another table, or mode 'merge'`
  )
}

const checks: Readonly<Record<LoadMode, readonly Check[]>> = {
  replace: [findHiddenRows, findCascade, findChildTable],
  merge: [findHiddenRows],
  append: [],
}

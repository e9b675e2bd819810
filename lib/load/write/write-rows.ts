// Writes the rows of a stage into a table, by the mode of the load.
import { ExportError } from '../../shared/errors.js'
import type { Session } from '../load-destination.js'
import { DELETED_AT_COLUMN, LOAD_ID_COLUMN } from '../history/load-history.js'
import type { LoadMode } from '../load-modes.js'
import type { PlannedColumn } from '../columns/reconcile-columns.js'
import { formatTableName, quoteName, quoteTable, quoteText, type FullTableName } from '../table-name.js'

export interface RowPlan {
  readonly table: FullTableName
  /** The SQL name of the stage. */
  readonly stage: string
  readonly rows: number
  readonly loadId: string
  /** The columns that the load has values for. */
  readonly columns: readonly PlannedColumn[]
  /** The other columns of earlier loads; an update sets them to null. */
  readonly unwritten: readonly string[]
  /** For records: the column of the id, if the mode needs it and there are rows. For events: the column of the instance's id. */
  readonly key: PlannedColumn | undefined
  readonly hasDeletedAt: boolean
  readonly mode: LoadMode
  /** True if the lock of the table lets other sessions write rows. */
  readonly othersMayWrite: boolean
  readonly deleteMissing: 'hard' | 'soft' | undefined
  readonly deletedAt: Date
}

export interface RowCounts {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
  /** The rows of the table before the load; with `deleteMissing` only the rows that were not marked as deleted. */
  readonly before: number
  /** The rows of `before` that were deleted, or marked as deleted, because the report no longer has them; 0 without `deleteMissing`. */
  readonly lost: number
  readonly total: number
}

/** Writes the rows, and counts the rows of the table afterwards. Rejects with `ERR_DESTINATION` if their number is wrong. */
export async function writeRows(session: Session, plan: RowPlan): Promise<RowCounts> {
  const before = await countRows(session, plan.table)
  const marked = plan.deleteMissing && plan.hasDeletedAt ? await countMarked(session, plan.table) : 0
  const counts = await writers[plan.mode](session, plan)
  const total = await countRows(session, plan.table)
  const expected = plan.othersMayWrite ? total : before + counts.inserted - counts.physicallyDeleted
  const { countWritten, rowsPhrase } = rowCheckByMode[plan.mode]
  const loaded = await countWritten(session, plan)
  if (total !== expected || loaded !== plan.rows)
    throw new ExportError(
      'ERR_DESTINATION',
      `table ${formatTableName(plan.table)}: expected ${expected} rows in all, and ${plan.rows} ${rowsPhrase}; got ${total} and ${loaded}; a trigger, a rule or a policy may change what is written or counted`,
    )
  const { inserted, updated, deleted, lost } = counts
  return { inserted, updated, deleted, before: before - marked, lost, total }
}

/**
 * Writes the events of a load. In a merge they replace the earlier events of the same instances; in a replace, or with
 * `deleteMissing: 'hard'`, all earlier events; in an append none.
 *
 * @param instances the stage of the records; `key` is the SQL of their id there, only in a mode that needs it
 */
export async function writeEventRows(
  session: Session,
  plan: RowPlan,
  instances: { readonly stage: string; readonly key: string | undefined },
): Promise<void> {
  const { mode, deleteMissing, table, key } = plan
  if (deleteMissing !== 'hard' && key && instances.key) {
    const isLoaded = `EXISTS (SELECT 1 FROM ${instances.stage} AS s WHERE ${instances.key} = t.${quoteName(key.name)})`
    await session.run(`DELETE FROM ${quoteTable(table)} AS t WHERE ${isLoaded}`)
  }
  const eventMode = deleteMissing === 'hard' ? 'replace' : eventModes[mode]
  await writeRows(session, { ...plan, mode: eventMode, deleteMissing: undefined })
}

const eventModes: Readonly<Record<LoadMode, LoadMode>> = { replace: 'replace', append: 'append', merge: 'append' }

interface WrittenCounts extends Pick<RowCounts, 'inserted' | 'updated' | 'deleted' | 'lost'> {
  readonly physicallyDeleted: number
}

const writers: Readonly<Record<LoadMode, (session: Session, plan: RowPlan) => Promise<WrittenCounts>>> = {
  async replace(session, plan) {
    const deleted = await session.run(`DELETE FROM ${quoteTable(plan.table)}`)
    return { inserted: await insert(session, plan), updated: 0, deleted, lost: 0, physicallyDeleted: deleted }
  },
  async append(session, plan) {
    return { inserted: await insert(session, plan), updated: 0, deleted: 0, lost: 0, physicallyDeleted: 0 }
  },
  async merge(session, plan) {
    if (!plan.key) return { inserted: 0, updated: 0, ...(await deleteMissingRows(session, plan, 'TRUE')) }
    const updated = await update(session, plan)
    const { stage, table, key } = plan
    const knownCondition = `EXISTS (SELECT 1 FROM ${quoteTable(table)} AS t WHERE t.${quoteName(key.name)} = ${key.expression!})`
    const inserted = await insert(session, plan, ` WHERE NOT ${knownCondition}`)
    const missingCondition = `NOT EXISTS (SELECT 1 FROM ${stage} AS s WHERE ${key.expression!} = t.${quoteName(key.name)})`
    return { inserted, updated, ...(await deleteMissingRows(session, plan, missingCondition)) }
  },
}

function insert(session: Session, { table, stage, columns, loadId }: RowPlan, condition = ''): Promise<number> {
  const names = [...columns.map(({ name }) => name), LOAD_ID_COLUMN].map(quoteName).join(', ')
  const values = [...columns.map(({ expression }) => expression!), quoteText(loadId)].join(', ')
  return session.run(`INSERT INTO ${quoteTable(table)} (${names}) SELECT ${values} FROM ${stage} AS s${condition}`)
}

/** Updates the rows that differ. Rows that are the same keep the id of the load that wrote them. */
function update(session: Session, plan: RowPlan): Promise<number> {
  const { table, stage, columns, unwritten, key, loadId, hasDeletedAt } = plan
  const cleared = [...unwritten, ...(hasDeletedAt ? [DELETED_AT_COLUMN] : [])]
  const assigned = columns.filter(({ name }) => name !== key!.name)
  const assignments = [
    ...assigned.map(({ name, expression }) => `${quoteName(name)} = ${expression!}`),
    ...cleared.map((name) => `${quoteName(name)} = NULL`),
    `${quoteName(LOAD_ID_COLUMN)} = ${quoteText(loadId)}`,
  ]
  const differences = [...assigned.map(formatDifference), ...cleared.map((name) => `t.${quoteName(name)} IS NOT NULL`)]
  if (differences.length === 0) return Promise.resolve(0)
  return session.run(
    `UPDATE ${quoteTable(table)} AS t SET ${assignments.join(', ')} FROM ${stage} AS s
     WHERE ${key!.expression!} = t.${quoteName(key!.name)} AND (${differences.join(' OR ')})`,
  )
}

const TYPES_WITHOUT_EQUALITY = ['json', 'xml', 'point', 'polygon']

/** Texts differ if their characters do: the type citext, and some collations, treat `a` and `A` as equal. */
function formatDifference({ name, type, expression, wasText }: PlannedColumn): string {
  const column = `t.${quoteName(name)}`
  const hasNoEquality = typeof type === 'object' && 'sql' in type && TYPES_WITHOUT_EQUALITY.includes(type.sql)
  return wasText || hasNoEquality
    ? `CAST(${column} AS varchar) COLLATE "C" IS DISTINCT FROM CAST(${expression!} AS varchar)`
    : `${column} IS DISTINCT FROM ${expression!}`
}

async function deleteMissingRows(
  session: Session,
  { table, deleteMissing, hasDeletedAt, deletedAt }: RowPlan,
  missingCondition: string,
): Promise<Pick<WrittenCounts, 'deleted' | 'lost' | 'physicallyDeleted'>> {
  if (deleteMissing === undefined) return { deleted: 0, lost: 0, physicallyDeleted: 0 }
  if (deleteMissing === 'hard') {
    const remove = (condition: string) => session.run(`DELETE FROM ${quoteTable(table)} AS t WHERE ${condition}`)
    // rows that were marked as deleted were lost in an earlier load
    const marked = hasDeletedAt
      ? await remove(`t.${quoteName(DELETED_AT_COLUMN)} IS NOT NULL AND ${missingCondition}`)
      : 0
    const lost = await remove(missingCondition)
    return { deleted: marked + lost, lost, physicallyDeleted: marked + lost }
  }
  const time = `CAST(${quoteText(deletedAt.toISOString())} AS timestamp with time zone)`
  const lost = await session.run(
    `UPDATE ${quoteTable(table)} AS t SET ${quoteName(DELETED_AT_COLUMN)} = ${time}
     WHERE t.${quoteName(DELETED_AT_COLUMN)} IS NULL AND ${missingCondition}`,
  )
  return { deleted: lost, lost, physicallyDeleted: 0 }
}

async function count(session: Session, sql: string): Promise<number> {
  const [row] = await session.query(sql)
  return Number(row!['n'])
}

const countRows = (session: Session, table: FullTableName) =>
  count(session, `SELECT count(*) AS n FROM ${quoteTable(table)}`)

const countMarked = (session: Session, table: FullTableName) =>
  count(session, `SELECT count(${quoteName(DELETED_AT_COLUMN)}) AS n FROM ${quoteTable(table)}`)

const countLoaded = (session: Session, { table, loadId }: RowPlan) =>
  count(
    session,
    `SELECT count(*) AS n FROM ${quoteTable(table)} WHERE ${quoteName(LOAD_ID_COLUMN)} = ${quoteText(loadId)}`,
  )

/** Returns the number of rows of the table that have the id of a row of the stage. Rejects if they are more than the rows of the stage. */
async function countMerged(session: Session, { table, stage, key, rows }: RowPlan): Promise<number> {
  if (!key) return 0
  const join = `${quoteTable(table)} AS t JOIN ${stage} AS s ON ${key.expression!} = t.${quoteName(key.name)}`
  const merged = await count(session, `SELECT count(*) AS n FROM ${join}`)
  if (merged <= rows) return merged
  throw new ExportError(
    'ERR_DESTINATION',
    `table ${formatTableName(table)}: expected each ${key.source} once in the table, some occur more than once; load the report once with mode 'replace'`,
  )
}

const loadRowCheck = { countWritten: countLoaded, rowsPhrase: 'from this load' }

/** How the rows that a load has written are counted in the table, and the words for them in the error. */
const rowCheckByMode: Readonly<Record<LoadMode, typeof loadRowCheck>> = {
  replace: loadRowCheck,
  append: loadRowCheck,
  merge: { countWritten: countMerged, rowsPhrase: 'with an id of the report' },
}

// The changes that a load makes in one table: its columns before and after, and the SQL.
import { createNamingFunction } from '../../schema/column.js'
import { getSourceName } from '../../schema/column-schema.js'
import { getKnownType } from '../../shared/reports/report-kinds.js'
import type { ScalarType } from '../../schema/types/column-type.js'
import { DELETED_AT_COLUMN, LOAD_ID_COLUMN } from '../history/load-history.js'
import { nameColumns } from '../columns/column-naming.js'
import type { Dialect, TableState, Session } from '../load-destination.js'
import type { ResolvedLoadOptions } from '../load-options.js'
import type { LoadFile } from '../extract/load-files.js'
import type { LoadPlan } from '../load-plan.js'
import { reconcileColumns, type ReconciledColumns } from '../columns/reconcile-columns.js'
import type { RecordedColumn } from '../columns/recorded-schema.js'
import { formatTable, quoteName, quoteSchema, quoteTable } from '../table-name.js'

/** One table of a load: its file, and its columns before and after the load. */
export interface ReconciledTable {
  readonly file: LoadFile
  readonly tableState: TableState
  /** True for the table of the events, false for the table of the records. */
  readonly isEventTable: boolean
  /** The columns that the history has from earlier loads. */
  readonly lastColumns: readonly RecordedColumn[]
  readonly reconciled: ReconciledColumns
  /** The columns that the history will have after this load. */
  readonly columnsToRecord: readonly RecordedColumn[]
}

export function reconcileTable(
  { options, isPartial }: Pick<LoadPlan, 'options' | 'isPartial'>,
  table: Omit<ReconciledTable, 'reconciled' | 'columnsToRecord'>,
  filledRows: readonly number[],
): ReconciledTable {
  const { file, tableState, isEventTable, lastColumns } = table
  const { dialect } = options.into
  // a file without rows has the documented columns of the kind of report; an existing table does not get them
  const isEmpty = file.rows === 0 && tableState.columns !== undefined
  const schema = isEmpty ? [] : file.schema
  const listed = isEventTable ? [] : listMissingColumns(options, schema)
  const sources = [...schema.map(getSourceName), ...listed.map(({ source }) => source)]
  const nameBySource = nameColumns(sources, {
    getName: createNamingFunction(options.naming),
    dialect,
    recorded: new Map(lastColumns.map(({ source, name }) => [source, name])),
    reserved: [LOAD_ID_COLUMN, DELETED_AT_COLUMN],
  })
  const reconciled = reconcileColumns({
    table: formatTable(tableState.table),
    dialect,
    schema,
    types: options.types,
    listed,
    nameBySource,
    tableColumns: tableState.columns,
    isFrozen: options.schemaChanges === 'freeze',
  })
  const filledBySource = new Map(schema.map((column, index) => [getSourceName(column), filledRows[index] ?? 0]))
  const lastBySource = new Map(lastColumns.map((column) => [column.source, column]))
  const now = reconciled.planned.map(({ name, source, type }): RecordedColumn => {
    const before = isPartial ? (lastBySource.get(source)?.filledRows ?? 0) : 0
    return { name, source, type, filledRows: Math.max(before, filledBySource.get(source) ?? 0) }
  })
  const unwritten = lastColumns.filter(({ source }) => !nameBySource.has(source))
  const kept = unwritten.map((column) => (isPartial || isEmpty ? column : { ...column, hasVanished: true }))
  return { ...table, reconciled, columnsToRecord: [...now, ...kept] }
}

export async function changeTable(
  session: Session,
  options: ResolvedLoadOptions,
  { tableState, reconciled, isEventTable }: ReconciledTable,
): Promise<void> {
  const { dialect } = options.into
  const { table } = tableState
  const sqlTable = quoteTable(table)
  const isSoft = options.deleteMissing === 'soft' && !isEventTable
  const loadColumns = [
    { name: LOAD_ID_COLUMN, type: 'string' },
    ...(isSoft ? [{ name: DELETED_AT_COLUMN, type: 'timestamp' }] : []),
  ] as const
  const names = getFoldedNames(tableState, dialect)
  const missing = loadColumns.filter(({ name }) => !names.has(dialect.foldName(name)))
  const added = [...reconciled.added, ...missing].map(
    ({ name, type }) => `${quoteName(name)} ${dialect.getTypeName(type as ScalarType)}`,
  )
  if (!tableState.columns) {
    if (!tableState.schemaExists) {
      // another load may create the schema at the same time; the empty name stands for the schema
      await session.lockTableName({ schema: table.schema, name: '' })
      await session.run(`CREATE SCHEMA IF NOT EXISTS ${quoteSchema(table)}`)
    }
    await session.run(`CREATE TABLE ${sqlTable} (${added.join(', ')})`)
    return
  }
  const statements = [
    ...added.map((column) => `ALTER TABLE ${sqlTable} ADD COLUMN ${column}`),
    ...reconciled.widened.map(({ name, type, from }) => {
      const typeName = dialect.getTypeName(type as ScalarType)
      return `ALTER TABLE ${sqlTable} ALTER COLUMN ${quoteName(name)} TYPE ${typeName} USING ${dialect.cast(quoteName(name), from, typeName)}`
    }),
  ]
  if (statements.length > 0) await session.alter(statements)
}

/** Returns the names of the columns of a table as the database compares them. */
export const getFoldedNames = ({ columns }: TableState, { foldName }: Dialect) =>
  new Set(columns?.map(({ name }) => foldName(name)))

/** Returns the columns in the option `columns` that no record has, with their types. */
function listMissingColumns({ columns = [], types }: ResolvedLoadOptions, schema: LoadFile['schema']) {
  const sources = new Set(schema.map(getSourceName))
  return columns
    .filter((source) => !sources.has(source))
    .map((source) => ({ source, type: types[source] ?? getKnownType(source) ?? 'string' }))
}

export const describeIgnoredTypes = ({ tableState, reconciled }: ReconciledTable, { getTypeName }: Dialect): string[] =>
  reconciled.ignoredTypes.map(({ name, type, requested }) => {
    const column = quoteName(name)
    const value = type === 'string' ? `NULLIF(${column}, '')` : column
    const typeName = getTypeName(requested)
    const statement = `ALTER TABLE ${quoteTable(tableState.table)} ALTER COLUMN ${column} TYPE ${typeName} USING CAST(${value} AS ${typeName})`
    return `types: the column ${column} is ${getTypeName(type)} in the table, so ${requested} has no effect; to change it: ${statement}`
  })

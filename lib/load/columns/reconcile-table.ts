// The columns of one table before and after a load.
import { createNamingFunction } from '../../schema/names/naming.js'
import { getSourceName } from '../../schema/column-schema.js'
import { getKnownType } from '../../shared/reports/report-kinds.js'
import { DELETED_AT_COLUMN, LOAD_ID_COLUMN } from '../history/load-history.js'
import type { Dialect, TableState } from '../load-destination.js'
import type { ResolvedLoadOptions } from '../load-options.js'
import type { LoadFile, LoadInput } from '../load-input.js'
import { toStorableText } from '../storable-text.js'
import { formatTableName, quoteName, quoteTable } from '../table-name.js'
import { nameColumns } from './column-naming.js'
import { reconcileColumns, type ReconciledColumns } from './reconcile-columns.js'
import type { RecordedColumn } from '../history/recorded-schema.js'

/** One table of a load: its file, and its columns before and after the load. */
export interface ReconciledTable {
  readonly file: LoadFile
  readonly tableState: TableState
  /** True for the event table, false for the record table. */
  readonly isEventTable: boolean
  /** The columns that the history has from earlier loads. */
  readonly newestColumns: readonly RecordedColumn[]
  readonly reconciled: ReconciledColumns
  /** The columns that the history will have after this load. */
  readonly columnsToRecord: readonly RecordedColumn[]
}

export function reconcileTable(
  { options, isPartial }: Pick<LoadInput, 'options' | 'isPartial'>,
  table: Omit<ReconciledTable, 'reconciled' | 'columnsToRecord'>,
  filledRows: readonly number[],
): ReconciledTable {
  const { file, tableState, isEventTable, newestColumns } = table
  const { dialect } = options.into
  // a file without rows has the documented columns of the kind of report; an existing table does not get them
  const keepsColumns = file.rows === 0 && tableState.columns !== undefined
  const schema = keepsColumns ? [] : file.schema
  const listed = isEventTable ? [] : listMissingColumns(options, schema)
  const sources = [...schema.map(getSourceName), ...listed.map(({ source }) => source)]
  const nameBySource = nameColumns(sources, {
    getName: (source) => toStorableText(createNamingFunction(options.naming)(source)),
    dialect,
    recorded: new Map(newestColumns.map(({ source, name }) => [source, name])),
    reserved: [LOAD_ID_COLUMN, DELETED_AT_COLUMN],
  })
  const reconciled = reconcileColumns({
    table: formatTableName(tableState.table),
    dialect,
    schema,
    filledRows,
    types: options.types,
    listed,
    nameBySource,
    tableColumns: tableState.columns,
    isFrozen: options.schemaChanges === 'freeze',
  })
  const filledBySource = new Map(schema.map((column, index) => [getSourceName(column), filledRows[index]!]))
  const newestBySource = new Map(newestColumns.map((column) => [column.source, column]))
  const now = reconciled.planned.map(({ name, source, type }): RecordedColumn => {
    const before = isPartial ? (newestBySource.get(source)?.filledRows ?? 0) : 0
    return { name, source, type, filledRows: Math.max(before, filledBySource.get(source) ?? 0) }
  })
  const unwritten = newestColumns.filter(({ source }) => !nameBySource.has(source))
  const kept = unwritten.map((column) => (isPartial || keepsColumns ? column : { ...column, hasVanished: true }))
  return { ...table, reconciled, columnsToRecord: [...now, ...kept] }
}

/** Returns the columns in the option `columns` that no record has, with their types. */
function listMissingColumns({ columns = [], types }: ResolvedLoadOptions, schema: LoadFile['schema']) {
  const sources = new Set(schema.map(getSourceName))
  return columns
    .map((name) => ({ source: toStorableText(name), type: types[name] ?? getKnownType(name) ?? 'string' }))
    .filter(({ source }) => !sources.has(source))
}

export const describeIgnoredTypes = ({ tableState, reconciled }: ReconciledTable, { getTypeName }: Dialect): string[] =>
  reconciled.ignoredTypes.map(({ name, type, requested }) => {
    const column = quoteName(name)
    const value = type === 'string' ? `NULLIF(${column}, '')` : column
    const typeName = getTypeName(requested)
    const statement = `ALTER TABLE ${quoteTable(tableState.table)} ALTER COLUMN ${column} TYPE ${typeName} USING CAST(${value} AS ${typeName})`
    return `types: the column ${column} is ${getTypeName(type)} in the table, so ${requested} has no effect; to change it: ${statement}`
  })

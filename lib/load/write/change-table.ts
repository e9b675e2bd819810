// The SQL that changes the columns of one table.
import type { ScalarType } from '../../schema/types/column-type.js'
import type { ReconciledTable } from '../columns/reconcile-table.js'
import { DELETED_AT_COLUMN, LOAD_ID_COLUMN } from '../history/load-history.js'
import type { Dialect, Session, TableState } from '../load-destination.js'
import type { ResolvedLoadOptions } from '../load-options.js'
import { quoteName, quoteSchema, quoteTable } from '../table-name.js'

export async function changeTable(
  session: Session,
  options: ResolvedLoadOptions,
  { tableState, reconciled, isEventTable }: ReconciledTable,
): Promise<void> {
  const { dialect } = options.into
  const sqlTable = quoteTable(tableState.table)
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
      await session.lockName({ schema: tableState.table.schema, name: '' })
      await session.run(`CREATE SCHEMA IF NOT EXISTS ${quoteSchema(tableState.table)}`)
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

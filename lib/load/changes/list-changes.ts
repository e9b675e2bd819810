// The changes that a load and a comparison report.
import { createNamingFunction } from '../../schema/names/naming.js'
import type { ReconciledTable } from '../columns/reconcile-table.js'
import type { RecordedSchema } from '../history/recorded-schema.js'
import type { LastLoads } from '../history/load-history.js'
import type { ResolvedLoadOptions } from '../load-options.js'
import { formatTableName } from '../table-name.js'
import { compareSchemas, compareTotals, createTypeChange, type LoadChange } from './load-changes.js'

/**
 * @param now the schema that the load records, and the total of the server
 * @param vanished changes for columns that a sample lacks; `now.schema` does not mark them as vanished
 */
export function listChanges(
  tables: readonly ReconciledTable[],
  options: ResolvedLoadOptions,
  { lastComplete, lastCompleteOfReport }: LastLoads,
  now: { readonly schema: RecordedSchema; readonly total: number },
  vanished: readonly LoadChange[] = [],
): LoadChange[] {
  const compared = lastComplete ? compareSchemas(lastComplete.schema, now.schema) : []
  return [
    ...(lastCompleteOfReport ? compareTotals(lastCompleteOfReport.total, now.total) : []),
    ...compared,
    ...tables.flatMap((table) => listWidenedColumns(table, compared)),
    ...vanished,
    ...tables.flatMap((table) => listShortenedNames(table, options)),
  ]
}

/**
 * Returns a change for each column of the table that gets a wider type, unless `compared` has it. The last complete load may have lacked
 * the column, and a table that has no complete load may be widened too.
 */
const listWidenedColumns = ({ reconciled }: ReconciledTable, compared: readonly LoadChange[]): LoadChange[] =>
  reconciled.widened
    .filter(({ source }) => !compared.some(({ kind, subject }) => kind === 'type-changed' && subject === source))
    .map((column) => createTypeChange(column, column.from))

function listShortenedNames(
  { tableState: { table }, reconciled }: ReconciledTable,
  { naming, into: { dialect } }: ResolvedLoadOptions,
): LoadChange[] {
  const getName = createNamingFunction(naming)
  return reconciled.added
    .filter(({ source }) => Buffer.byteLength(getName(source)) > dialect.maxNameBytes)
    .map(({ source, name }) => ({
      kind: 'name-shortened',
      subject: source,
      message: `the name of the column ${source} in ${formatTableName(table)} is longer than ${dialect.maxNameBytes} bytes; it is ${name}`,
    }))
}

// Compares the columns of a load file with the columns of the table: which ones are added or widened, and the SQL of each value.
import { ExportError } from '../../shared/errors.js'
import { getSourceName, type ColumnSchema } from '../../schema/column-schema.js'
import { isDeclaredOnly, type ColumnType, type ScalarType } from '../../schema/types/column-type.js'
import type { Dialect, TableColumn } from '../load-destination.js'
import { describeColumnType, type NamedColumn } from '../history/recorded-schema.js'
import { quoteName } from '../table-name.js'
import { throwIfTooManyColumns } from './column-limit.js'
import { isSameType, widenType } from './widen-type.js'

export interface ReconciledColumns {
  /** All columns of the load, also columns that its file has no values for. */
  readonly planned: readonly PlannedColumn[]
  /** The planned columns that the table lacks. */
  readonly added: readonly NamedColumn[]
  /** The planned columns whose type in the table (`from`) is too narrow. */
  readonly widened: readonly (NamedColumn & { readonly from: ColumnType })[]
  readonly ignoredTypes: readonly IgnoredType[]
}

/** A type of the option `types` that has no effect, because the column is text or double in the table, or becomes so in this load. */
export interface IgnoredType {
  readonly name: string
  readonly type: ScalarType
  readonly requested: ScalarType
}

export interface PlannedColumn extends NamedColumn {
  /** The SQL of the value in the stage, whose alias is `s`. Undefined if the file has no values for the column. */
  readonly expression: string | undefined
  /** True if the column was text before the load. */
  readonly wasText: boolean
}

export interface ColumnsToReconcile {
  readonly table: string
  readonly dialect: Dialect
  /** The columns of the file, in the order of `c0`, `c1`, … in the stage. */
  readonly schema: readonly ColumnSchema[]
  /** For each column of the file: rows with a value that is not null and not `''`. A column without such a row widens nothing. */
  readonly filledRows: readonly number[]
  readonly types: Readonly<Record<string, ScalarType>>
  /** Columns that the user listed and no record has. */
  readonly listed: readonly { readonly source: string; readonly type: ColumnType }[]
  readonly nameBySource: ReadonlyMap<string, string>
  /** Undefined if the table does not exist. */
  readonly tableColumns: readonly TableColumn[] | undefined
  readonly isFrozen: boolean
}

/** Throws `ERR_SCHEMA_CHANGE` if a frozen schema would change, or if the table would have too many columns. */
export function reconcileColumns({
  schema,
  filledRows,
  types,
  listed,
  nameBySource,
  tableColumns,
  ...context
}: ColumnsToReconcile): ReconciledColumns {
  const { dialect, table, isFrozen } = context
  const { foldName, cast } = dialect
  const byName = new Map(tableColumns?.map((column) => [foldName(column.name), column]))
  const planned: PlannedColumn[] = []
  const added: NamedColumn[] = []
  const widened: ReconciledColumns['widened'][number][] = []
  const ignoredTypes: IgnoredType[] = []
  const wanted = [
    ...schema.map((column, index) => ({
      source: getSourceName(column),
      type: column.type,
      staged: `s.c${index}`,
      hasValue: filledRows[index]! > 0,
    })),
    ...listed.map((column) => ({ ...column, staged: undefined, hasValue: false })),
  ]
  for (const { source, type, staged, hasValue } of wanted) {
    const name = nameBySource.get(source)!
    const column = byName.get(foldName(name))
    if (!column) {
      added.push({ name, source, type })
      planned.push({ name, source, type, expression: staged, wasText: false })
      continue
    }
    const current = dialect.parseTypeName(column.typeName)
    // a date or a decimal column is not widened to a type that can be inferred: the database converts the values
    const keepsTableType = current === undefined || (isDeclaredOnly(current) && !isDeclaredOnly(type))
    if (keepsTableType || staged === undefined) {
      const expression = staged && cast(staged, type, column.typeName)
      const plannedType = keepsTableType ? { sql: column.typeName } : current
      planned.push({ name: column.name, source, type: plannedType, expression, wasText: column.isText })
      continue
    }
    const wider = hasValue ? widenType(current, type) : current
    const isWidened = !isSameType(wider, current)
    if (isWidened) widened.push({ name: column.name, source, type: wider, from: current })
    const requested = types[source]
    // a wider decimal has all values of the requested type
    if (requested === type && (wider === 'string' || wider === 'double') && wider !== requested)
      ignoredTypes.push({ name: column.name, type: wider, requested })
    const typeName = isWidened ? dialect.getTypeName(wider) : column.typeName
    const converted = hasValue ? cast(staged, type, typeName) : 'NULL'
    const expression = isSameType(wider, type) ? staged : converted
    planned.push({ name: column.name, source, type: wider, expression, wasText: column.isText })
  }
  const reconciled = { planned, added, widened, ignoredTypes }
  if (isFrozen && tableColumns) throwIfChanged(table, reconciled)
  throwIfTooManyColumns(`table ${table}`, dialect, (tableColumns?.length ?? 0) + added.length)
  return reconciled
}

function throwIfChanged(table: string, { added, widened }: ReconciledColumns): void {
  const [first] = [
    ...added.map(({ name }) => `the column ${quoteName(name)} is new`),
    ...widened.map(
      ({ name, from, type }) =>
        `the column ${quoteName(name)} was ${describeColumnType(from)} and is now ${describeColumnType(type)}`,
    ),
  ]
  if (first === undefined) return
  const more = added.length + widened.length - 1
  throw new ExportError(
    'ERR_SCHEMA_CHANGE',
    `table ${table}: ${first}${more > 0 ? ` (and ${more} more ${more === 1 ? 'change' : 'changes'})` : ''}, and schemaChanges is 'freeze'`,
  )
}

import { reportIdRule, type ExportOptions } from '../api/export-options.js'
import { namingRule, type Naming } from '../schema/names/naming.js'
import { typesRule, type ScalarType } from '../schema/types/column-type.js'
import { strictRule } from '../schema/names/name-matcher.js'
import { OptionError } from '../shared/errors.js'
import * as rule from '../shared/options.js'
import type { Resolved, Rule, Rules } from '../shared/options.js'
import { durationRule } from '../shared/units.js'
import type { Destination } from './load-destination.js'
import type { LoadEvent } from './load-events.js'
import { listModes, loadModes, modeFacts, type LoadMode } from './load-modes.js'
import { tableNameRule, type TableName } from './table-name.js'

/** Options of {@link loadReport}. */
export interface LoadOptions {
  /** The report: the options of `exportStream`. */
  source: ExportOptions
  /** The database: `duckdb(path)` of `optimize-export/duckdb`, or `postgres(connection)` of `optimize-export/postgres`. */
  into: Destination
  /** The table: `name` or `schema.name`. A missing schema or table is created. */
  table: string
  /**
   * `'replace'`: the table holds exactly the rows of this load. `'merge'`: rows are inserted or updated by the id of the instance; rows
   * that the report no longer has stay. `'append'`: rows are added.
   * @default 'replace'
   */
  mode?: LoadMode | undefined
  /**
   * `'merge'` only: `'hard'` deletes the rows that the report no longer has, `'soft'` sets `_optimize_deleted_at` in them.
   * @default they stay
   */
  deleteMissing?: 'hard' | 'soft' | undefined
  /**
   * A second table in the same transaction: one row per flow-node instance. With `fields`, each row repeats these columns of its
   * process instance.
   * @default none
   */
  events?: string | EventTableOptions | undefined
  /** `'json'` loads all variables as one column of JSON. @default 'columns' */
  variables?: 'columns' | 'json' | undefined
  /** Only these columns, by their prefixed names; the table has each of them, even if no record has it. @default all */
  columns?: readonly string[] | undefined
  /** Only these columns, by their prefixed names. @default all */
  pick?: readonly string[] | undefined
  /** All but these columns, by their prefixed names. @default none */
  omit?: readonly string[] | undefined
  /** Whether a name that no record has is an error: `true` for all options, `'omit'` for `omit` only. @default false */
  strict?: boolean | 'omit' | undefined
  /** The types of columns, by their prefixed names. @default none */
  types?: Readonly<Record<string, ScalarType>> | undefined
  /** Infers the types of variables from all of their values. @default true */
  inferTypes?: boolean | undefined
  /** The names of new columns. A column of the report keeps its name in all later loads. @default 'snake' */
  naming?: Naming | undefined
  /**
   * `'evolve'`: new columns are added, and types are widened if necessary; a column that has no value in the load keeps its type.
   * `'freeze'`: a load that needs a new column or a wider type fails with `ERR_SCHEMA_CHANGE`.
   * @default 'evolve'
   */
  schemaChanges?: 'evolve' | 'freeze' | undefined
  /**
   * The share of the rows of the last complete load that may be missing now. If more are missing, or if all are, the load fails with
   * `ERR_SUSPICIOUS_LOAD`. 1 turns the check off.
   * - `replace` compares the rows of the report with the rows of the table after the last complete load; another kind of report also fails.
   * - `merge` and `append`, only if this option is given, compare the records of the report with the records in its last complete load.
   * - `deleteMissing` also compares the rows to delete with all rows of the table that are not marked as deleted.
   * @default 0.5 for `replace` and for the rows that `deleteMissing` would delete; otherwise fewer records are only reported as a change
   */
  maxLostShare?: number | undefined
  /**
   * Reads the report only as far back as this time; with `'last'`, as far back as the watermark of the last load of this report into this
   * table. The whole report is read in each of these cases: there is no watermark; the table, or with `events` the table of
   * the events, has no row of this report or is missing; the last load did not write the event table. `merge` only.
   * @default the whole report
   */
  since?: string | Date | undefined
  /** The date by which Optimize sorts the report, the newest first. `since` needs it. @default none */
  sortedBy?: 'startDate' | 'endDate' | undefined
  /** Reads this much further back than `since`: `'7d'`, `'12h'`, or milliseconds. @default 0 */
  lookback?: string | number | undefined
  /**
   * For how long the load tries again if another process has locked the database or the table: `'60s'`, or milliseconds. In PostgreSQL each
   * try waits for `lockTimeout`.
   * @default 0
   */
  wait?: string | number | undefined
  /** Runs the load and rolls the transaction back, so that the table does not change. @default false */
  dryRun?: boolean | undefined
  /** A folder in which the files of the load stay, with their receipts, in a subfolder named by the id of the load. @default none */
  keepFiles?: string | undefined
  /** Called with the events of the load, for progress and logs. @default none */
  onEvent?: ((event: LoadEvent) => void) | undefined
  /** Stops the load; the transaction is rolled back. @default none */
  signal?: AbortSignal | undefined
}

/** The event table of a load. */
export interface EventTableOptions {
  /** The table: `name` or `schema.name`; without a schema it is in the schema of the record table. */
  table: string
  /** Columns of the process instance to repeat in every row, by their prefixed names. @default [] */
  fields?: readonly string[] | undefined
}

export type ResolvedLoadOptions = Resolved<
  LoadOptions,
  'deleteMissing' | 'columns' | 'pick' | 'omit' | 'maxLostShare' | 'sortedBy' | 'keepFiles' | 'signal',
  {
    table: TableName
    events: { readonly table: TableName; readonly fields: readonly string[] } | undefined
    since: 'last' | Date | undefined
    lookback: number
    wait: number
  }
>

const destinationRule: Rule<Destination> = {
  expected: 'a destination: duckdb(…) or postgres(…)',
  parse: (value) =>
    typeof value === 'object' && value !== null && 'dialect' in value ? (value as Destination) : undefined,
}

const sourceRule: Rule<ExportOptions> = {
  expected: 'an object with the options of exportStream',
  parse: (value, { where, option }) => {
    if (!rule.isPlainObject(value)) return undefined
    const source = value as unknown as ExportOptions
    // the history has the id, also if the address of the report is given; exportStream refuses a wrong id
    const reportId = reportIdRule.parse(source.reportId, { where, option: `${option}.reportId` }) ?? source.reportId
    return { ...source, reportId }
  },
}

const eventTableRules: Rules<{ table: TableName; fields: readonly string[] }> = {
  table: tableNameRule,
  fields: rule.withDefault(rule.names, []),
}

const eventsRule: Rule<NonNullable<ResolvedLoadOptions['events']>> = {
  expected: `${tableNameRule.expected}, or an object of table, fields`,
  parse: (value, path) => {
    if (rule.isPlainObject(value)) return rule.nested(eventTableRules).parse(value, path)
    const table = tableNameRule.parse(value, path)
    return table && { table, fields: [] }
  },
}

const shareRule: Rule<number> = {
  expected: 'a number from 0 to 1',
  parse: (value) => (typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined),
}

const sinceRule: Rule<'last' | Date> = {
  expected: "'last', or a date such as '2026-05-31' or '2026-05-31T06:00:00Z'",
  parse: (value) => {
    if (value === 'last') return value
    const isText =
      typeof value === 'string' && /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/.test(value)
    const date = isText || value instanceof Date ? new Date(value) : undefined
    return date && !Number.isNaN(date.getTime()) ? date : undefined
  },
}

const rules: Rules<ResolvedLoadOptions> = {
  source: sourceRule,
  into: destinationRule,
  table: tableNameRule,
  mode: rule.withDefault(rule.oneOf(...loadModes), 'replace'),
  deleteMissing: rule.optional(rule.oneOf('hard', 'soft')),
  events: rule.optional(eventsRule),
  variables: rule.withDefault(rule.oneOf('columns', 'json'), 'columns'),
  columns: rule.optional(rule.names),
  pick: rule.optional(rule.names),
  omit: rule.optional(rule.names),
  strict: rule.withDefault(strictRule, false),
  types: rule.withDefault(typesRule, {}),
  inferTypes: rule.withDefault(rule.boolean, true),
  naming: rule.withDefault(namingRule, 'snake'),
  schemaChanges: rule.withDefault(rule.oneOf('evolve', 'freeze'), 'evolve'),
  maxLostShare: rule.optional(shareRule),
  since: rule.optional(sinceRule),
  sortedBy: rule.optional(rule.oneOf('startDate', 'endDate')),
  lookback: rule.withDefault(durationRule, 0),
  wait: rule.withDefault(durationRule, 0),
  dryRun: rule.withDefault(rule.boolean, false),
  keepFiles: rule.optional(rule.text),
  onEvent: rule.withDefault(rule.callable<(event: LoadEvent) => void>('a function'), () => undefined),
  signal: rule.optional(rule.signal),
}

type TableOptions = Pick<ResolvedLoadOptions, 'into' | 'table' | 'events' | 'signal'>

const tableRules: Rules<TableOptions> = {
  into: rules.into,
  table: rules.table,
  events: rules.events,
  signal: rules.signal,
}

export function resolveLoadOptions(options: LoadOptions, where: string): ResolvedLoadOptions {
  const resolved = rule.resolveOptions<ResolvedLoadOptions>(where, options, rules)
  const { mode, deleteMissing, since, sortedBy, columns, pick } = resolved
  const check = (isWrong: boolean, option: string, problem: string) => {
    if (isWrong) throw new OptionError(where, option, problem)
  }
  checkNameLengths(resolved, where)
  const { needsKey } = modeFacts[mode]
  const modeProblem = `expected mode ${listModes(true)}, got '${mode}'`
  check(deleteMissing !== undefined && !needsKey, 'deleteMissing', modeProblem)
  check(since !== undefined && !needsKey, 'since', modeProblem)
  check(
    since !== undefined && sortedBy === undefined,
    'since',
    "expected sortedBy 'startDate' or 'endDate', got nothing",
  )
  check(
    since !== undefined && deleteMissing !== undefined,
    'since',
    'expected no deleteMissing, because older records are not read',
  )
  const { maxRecords } = resolved.source
  check(
    maxRecords !== undefined && deleteMissing !== undefined,
    'deleteMissing',
    'expected no maxRecords, because the other records are not read',
  )
  check(columns !== undefined && pick !== undefined, 'columns', 'expected columns or pick, got both')
  check(columns?.length === 0, 'columns', 'expected at least one column, got none')
  return resolved
}

export function resolveTableOptions(
  options: Pick<LoadOptions, 'into' | 'table' | 'events' | 'signal'>,
  where: string,
): TableOptions {
  const resolved = rule.resolveOptions<TableOptions>(where, options, tableRules)
  checkNameLengths(resolved, where)
  return resolved
}

/** Returns the options of the export, which its own signal and the signal of the load can end. A wrong signal stays, so it is refused. */
export function createExportOptions({ source, signal }: Pick<ResolvedLoadOptions, 'source' | 'signal'>): ExportOptions {
  const own: unknown = source.signal
  if (!signal || (own !== undefined && !(own instanceof AbortSignal))) return source
  return { ...source, signal: own ? AbortSignal.any([own, signal]) : signal }
}

function checkNameLengths({ into, table, events }: TableOptions, where: string): void {
  const { maxNameBytes } = into.dialect
  for (const [option, { schema = '', name }] of Object.entries({ table, ...(events && { events: events.table }) }))
    if ([schema, name].some((part) => Buffer.byteLength(part) > maxNameBytes))
      throw new OptionError(where, option, `expected names of at most ${maxNameBytes} bytes`)
}

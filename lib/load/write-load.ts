// The transaction of a load, the same for every database: stage, prove the stage, reconcile the schema, write by the mode, keep
// the books, compare.
import { createNamingFunction, type Naming } from '../schema/column.js'
import { getSourceName } from '../schema/column-schema.js'
import { getKnownType, keyFieldByKind } from '../shared/reports/report-kinds.js'
import { ExportError } from '../shared/errors.js'
import type { ReportKind } from '../shared/types.js'
import type { ScalarType } from '../schema/column-type.js'
import { VERSION } from '../shared/package-version.js'
import {
  Bookkeeping,
  DELETED_AT_COLUMN,
  LOAD_ID_COLUMN,
  type RecordedColumn,
  type RecordedLoad,
  type RecordedSchema,
} from './bookkeeping.js'
import { nameColumns } from './column-naming.js'
import { compareSchemas, type LoadChange } from './load-changes.js'
import type { Dialect, ExistingTable, Session } from './load-destination.js'
import type { LoadStep } from './load-events.js'
import type { ResolvedLoadOptions } from './load-options.js'
import type { PackageFile } from './load-package.js'
import { reconcileColumns, type ColumnPlan, type PlannedColumn } from './reconcile-columns.js'
import { listDefinitions, proveIds, proveStage } from './stage-proof.js'
import { formatTable, quoteName, quoteTable, type TableName } from './table-name.js'
import { writeEventRows, writeRows, type RowCounts, type RowPlan } from './write-rows.js'

/** What a load writes. */
export interface LoadPlan {
  readonly loadId: string
  readonly startedAt: Date
  readonly reportId: string
  readonly kind: ReportKind
  readonly options: ResolvedLoadOptions
  readonly dialect: Dialect
  readonly table: Required<TableName>
  readonly eventTable: Required<TableName> | undefined
  readonly records: PackageFile
  readonly events: PackageFile | undefined
  /** Records that arrived, those that the server promised, and so on. */
  readonly received: { readonly records: number; readonly total: number; readonly restarts: number; readonly duplicates: number }
  readonly complete: boolean
  /** True if only the newest part of the report was read. */
  readonly isPartial: boolean
  readonly watermark: Date | undefined
  readonly onStep: (step: LoadStep) => void
}

/** What a load wrote. */
export interface WrittenLoad {
  readonly counts: RowCounts
  readonly eventRows: number | undefined
  readonly schema: RecordedSchema
  readonly changes: readonly LoadChange[]
  readonly finishedAt: Date
}

/** Runs the transaction up to its commit. If the load is committed already, it returns undefined. */
export async function writeLoad(session: Session, plan: LoadPlan): Promise<WrittenLoad | undefined> {
  return new LoadWriter(session, plan).write()
}

/** One table of a load. */
interface TableLoad {
  readonly table: Required<TableName>
  readonly file: PackageFile
  readonly stage: string
  readonly existing: ExistingTable
  readonly columnPlan: ColumnPlan
  /** The columns after the load. */
  readonly recorded: readonly RecordedColumn[]
}

class LoadWriter {
  readonly #session: Session
  readonly #plan: LoadPlan
  readonly #bookkeeping: Bookkeeping

  constructor(session: Session, plan: LoadPlan) {
    this.#session = session
    this.#plan = plan
    this.#bookkeeping = new Bookkeeping(session, plan.table)
  }

  async write(): Promise<WrittenLoad | undefined> {
    const { table, eventTable, records, events, onStep, loadId } = this.#plan
    const session = this.#session
    await session.begin()
    for (const name of [table, eventTable]) if (name) await session.lockName(name)
    const loads = await this.#bookkeeping.read()
    if (loads.some((load) => load.loadId === loadId)) return undefined
    onStep('stage')
    const stage = await session.stage('_optimize_stage', records)
    const eventStage = events && (await session.stage('_optimize_event_stage', events))
    onStep('prove')
    const last = loads[0]?.schema
    const filled = await this.#proveRecords(stage)
    const main = await this.#reconcile(table, records, stage, filled, last?.columns ?? [])
    const child = await this.#proveEvents(eventStage, last)
    const lastComplete = loads.find(({ complete }) => complete)
    this.#throwIfSuspicious(lastComplete)
    const schema = await this.#createSchema(stage, main, child, last)
    const changes = [
      ...(lastComplete ? compareSchemas(lastComplete.schema, schema) : []),
      ...listShortenedNames(main, this.#plan),
    ]
    onStep('schema')
    for (const tableLoad of [main, child]) if (tableLoad) await this.#changeTable(tableLoad)
    onStep('write')
    for (const tableLoad of [main, child])
      if (tableLoad) await session.lockTable(tableLoad.table, this.#plan.options.mode === 'append')
    const isMerge = this.#plan.options.mode === 'merge' && records.rows > 0
    const key = isMerge ? this.#getKey(main) : undefined
    const counts = await writeRows(session, this.#createRowPlan(main, last?.columns ?? [], key))
    this.#throwIfManyDeleted(counts)
    const eventRows = child && (await this.#writeEvents(child, stage, key))
    if (key) await session.prepareMerge(table, key.name, main.existing.columns === undefined)
    const finishedAt = new Date(Math.max(Date.now(), (loads[0]?.finishedAt.getTime() ?? 0) + 1))
    await this.#bookkeeping.create()
    await this.#record(schema, changes, counts, finishedAt)
    for (const name of [stage, eventStage]) if (name !== undefined) await session.unstage(name)
    return { counts, eventRows, schema, changes, finishedAt }
  }

  async #proveRecords(stage: string): Promise<readonly number[]> {
    const { records, kind, options } = this.#plan
    const { filled } = await proveStage(this.#session, stage, records)
    const name = keyFieldByKind[kind]
    const index = records.schema.findIndex((column) => getSourceName(column) === name)
    if (name !== undefined && index >= 0 && records.rows > 0)
      await proveIds(this.#session, stage, { column: `c${index}`, name, rows: records.rows, isKey: options.mode === 'merge' })
    return filled
  }

  async #proveEvents(stage: string | undefined, last: RecordedSchema | undefined): Promise<TableLoad | undefined> {
    const { events, eventTable } = this.#plan
    if (stage === undefined) return undefined
    const { filled } = await proveStage(this.#session, stage, events!)
    return this.#reconcile(eventTable!, events!, stage, filled, last?.events?.columns ?? [])
  }

  async #reconcile(
    table: Required<TableName>,
    file: PackageFile,
    stage: string,
    filled: readonly number[],
    last: readonly RecordedColumn[],
  ): Promise<TableLoad> {
    const { options, dialect, isPartial, events } = this.#plan
    const existing = await this.#session.describeTable(table)
    // without rows a package has the documented columns of its kind, which say nothing about an existing table
    const isEmpty = file.rows === 0 && existing.columns !== undefined
    const schema = isEmpty ? [] : file.schema
    const listed = file === events ? [] : listMissingColumns(options, schema)
    const sources = [...schema.map(getSourceName), ...listed.map(({ source }) => source)]
    const names = nameColumns(sources, {
      getName: createNamingFunction(options.naming),
      dialect,
      recorded: new Map(last.map(({ source, name }) => [source, name])),
      reserved: [LOAD_ID_COLUMN, DELETED_AT_COLUMN],
    })
    const columnPlan = reconcileColumns({
      table: formatTable(table),
      dialect,
      schema,
      listed,
      names,
      existing: existing.columns,
      isFrozen: options.schemaChanges === 'freeze',
    })
    const filledBySource = new Map(schema.map((column, index) => [getSourceName(column), filled[index]!]))
    const lastBySource = new Map(last.map((column) => [column.source, column]))
    const now = columnPlan.columns.map(({ name, source, type }): RecordedColumn => {
      const before = isPartial ? (lastBySource.get(source)?.filled ?? 0) : 0
      return { name, source, type, filled: Math.max(before, filledBySource.get(source) ?? 0) }
    })
    const others = last.filter(({ source }) => !names.has(source))
    const gone = others.map((column) => (isPartial || isEmpty ? column : { ...column, isGone: true }))
    return { table, file, stage, existing, columnPlan, recorded: [...now, ...gone] }
  }

  /** Throws if so much is missing that the report is probably wrong. */
  #throwIfSuspicious(last: RecordedLoad | undefined): void {
    const { options, records, kind, table } = this.#plan
    const { mode, maxLostShare } = options
    if (!last || mode !== 'replace' || maxLostShare === 1) return
    const lost = last.rowsInTable - records.rows
    const isLost = last.rowsInTable > 0 && (records.rows === 0 || lost / last.rowsInTable > maxLostShare)
    if (isLost)
      throw this.#createSuspicion(
        `expected at least ${Math.ceil(last.rowsInTable * (1 - maxLostShare))} rows, because the last complete load had ${last.rowsInTable}, got ${records.rows}`,
      )
    if (kind !== 'empty' && last.schema.kind !== 'empty' && last.schema.kind !== kind)
      throw this.#createSuspicion(
        `expected a report of the kind ${last.schema.kind}, as in the last load of ${formatTable(table)}, got ${kind}`,
      )
  }

  #throwIfManyDeleted({ deleted, before }: RowCounts): void {
    const { deleteMissing, maxLostShare } = this.#plan.options
    if (deleteMissing === undefined || maxLostShare === 1 || before === 0) return
    if (deleted / before > maxLostShare || deleted === before)
      throw this.#createSuspicion(`the report no longer has ${deleted} of the ${before} rows`)
  }

  #createSuspicion(problem: string): ExportError {
    const { table, reportId } = this.#plan
    return new ExportError(
      'ERR_SUSPICIOUS_LOAD',
      `table ${formatTable(table)}: ${problem}; nothing was changed. If this is right, load once with maxLostShare: 1`,
      { reportId },
    )
  }

  async #createSchema(
    stage: string,
    main: TableLoad,
    child: TableLoad | undefined,
    last: RecordedSchema | undefined,
  ): Promise<RecordedSchema> {
    const { records, kind, isPartial } = this.#plan
    const index = records.schema.findIndex((column) => definitionFields.includes(getSourceName(column)))
    const found = index < 0 || records.rows === 0 ? undefined : await listDefinitions(this.#session, stage, `c${index}`)
    const definitions = isPartial && found ? [...new Set([...(last?.definitions ?? []), ...found])].sort() : found
    return {
      kind: kind === 'empty' ? (last?.kind ?? kind) : kind,
      columns: main.recorded,
      ...(child ? { events: { table: formatTable(child.table), rows: child.file.rows, columns: child.recorded } } : {}),
      ...(definitions ? { definitions } : {}),
    }
  }

  async #changeTable({ table, existing, columnPlan }: TableLoad): Promise<void> {
    const { dialect, options, eventTable } = this.#plan
    const sqlTable = quoteTable(table)
    const isSoft = options.deleteMissing === 'soft' && table !== eventTable
    const own = [
      `${quoteName(LOAD_ID_COLUMN)} ${dialect.getTypeName('string')}`,
      ...(isSoft ? [`${quoteName(DELETED_AT_COLUMN)} ${dialect.getTypeName('timestamp')}`] : []),
    ]
    const added = columnPlan.added.map(({ name, type }) => `${quoteName(name)} ${dialect.getTypeName(type as ScalarType)}`)
    if (!existing.columns) {
      if (!existing.hasSchema) await this.#session.run(`CREATE SCHEMA ${quoteName(table.schema!)}`)
      await this.#session.run(`CREATE TABLE ${sqlTable} (${[...added, ...own].join(', ')})`)
      return
    }
    const names = new Set(existing.columns.map(({ name }) => name))
    const missing = own.filter((column) => ![...names].some((name) => column.startsWith(`${quoteName(name)} `)))
    const statements = [
      ...[...added, ...missing].map((column) => `ALTER TABLE ${sqlTable} ADD COLUMN ${column}`),
      ...columnPlan.widened.map(({ name, type, from }) => {
        const typeName = dialect.getTypeName(type as ScalarType)
        return `ALTER TABLE ${sqlTable} ALTER COLUMN ${quoteName(name)} TYPE ${typeName} USING ${dialect.cast(quoteName(name), from, typeName)}`
      }),
    ]
    if (statements.length > 0) await this.#session.alter(statements)
  }

  #getKey({ columnPlan }: TableLoad): PlannedColumn {
    const { kind, table } = this.#plan
    const field = keyFieldByKind[kind]
    const key = columnPlan.columns.find(({ source }) => source === field)
    if (key) return key
    const problem = `expected the column ${field ?? 'with the id'}, which mode 'merge' needs`
    throw new ExportError('ERR_DESTINATION', `table ${formatTable(table)}: ${problem}`)
  }

  #createRowPlan(load: TableLoad, last: readonly RecordedColumn[], key: PlannedColumn | undefined): RowPlan {
    const { loadId, options, startedAt } = this.#plan
    const { table, stage, file, columnPlan, existing } = load
    const names = new Set(existing.columns?.map(({ name }) => name))
    const planned = new Set(columnPlan.columns.map(({ name }) => name))
    return {
      table,
      stage,
      rows: file.rows,
      loadId,
      columns: columnPlan.columns,
      vanished: last.map(({ name }) => name).filter((name) => names.has(name) && !planned.has(name)),
      key,
      hasDeletedAt: names.has(DELETED_AT_COLUMN) || options.deleteMissing === 'soft',
      mode: options.mode,
      deleteMissing: options.deleteMissing,
      now: startedAt,
    }
  }

  async #writeEvents(child: TableLoad, stage: string, key: PlannedColumn | undefined): Promise<number> {
    const instance = child.columnPlan.columns.find(({ source }) => source === 'processInstanceId')
    const plan = this.#createRowPlan(child, [], instance)
    await writeEventRows(this.#session, plan, { stage, key: key?.expression })
    return child.file.rows
  }

  #record(
    schema: RecordedSchema,
    changes: readonly LoadChange[],
    counts: RowCounts,
    finishedAt: Date,
  ): Promise<void> {
    const { loadId, reportId, options, startedAt, received, complete, watermark } = this.#plan
    return this.#bookkeeping.write({
      loadId,
      reportId,
      mode: options.mode,
      startedAt,
      finishedAt,
      rowsReceived: received.records,
      rowsPromised: received.total,
      rowsInTable: counts.total,
      restarts: received.restarts,
      duplicates: received.duplicates,
      complete,
      schema,
      changes,
      watermark,
      version: VERSION,
    })
  }
}

const definitionFields = ['processDefinitionId', 'decisionDefinitionId']

/** Returns the listed columns that no record has. */
function listMissingColumns({ columns = [], types }: ResolvedLoadOptions, schema: PackageFile['schema']) {
  const sources = new Set(schema.map(getSourceName))
  return columns
    .filter((source) => !sources.has(source))
    .map((source) => ({ source, type: types[source] ?? getKnownType(source) ?? 'string' }))
}

function listShortenedNames({ columnPlan }: TableLoad, { options, dialect }: LoadPlan): LoadChange[] {
  const getName = createNamingFunction(options.naming as Naming)
  return columnPlan.added
    .filter(({ source }) => Buffer.byteLength(getName(source)) > dialect.maxNameBytes)
    .map(({ source, name }) => ({
      kind: 'name-shortened',
      subject: source,
      message: `the name of the column ${source} is longer than ${dialect.maxNameBytes} bytes; it is ${name}`,
    }))
}

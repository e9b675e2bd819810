// The transaction of a load, the same for every database: stage the files, check the stages, change the schema, write the rows and
// compare their counts, record the load.
import { getSourceName } from '../../schema/column-schema.js'
import { definitionFields } from '../../shared/reports/definitions.js'
import { keyFieldByKind } from '../../shared/reports/report-kinds.js'
import { ExportError } from '../../shared/errors.js'
import { VERSION } from '../../shared/package-version.js'
import { LoadHistory, DELETED_AT_COLUMN, type NewHistoryRow } from '../history/load-history.js'
import { listChanges } from '../changes/list-changes.js'
import type { LoadChange } from '../changes/load-changes.js'
import type { Session } from '../load-destination.js'
import type { LoadStep } from '../load-events.js'
import { modeFacts } from '../load-modes.js'
import type { LoadFile, LoadInput } from '../load-input.js'
import type { PlannedColumn } from '../columns/reconcile-columns.js'
import { describeIgnoredTypes, reconcileTable, type ReconciledTable } from '../columns/reconcile-table.js'
import type { RecordedColumn, RecordedSchema } from '../history/recorded-schema.js'
import { listDefinitions, checkIds, countFilledRows } from './stage-check.js'
import { throwIfManyDeleted, throwIfSuspicious } from '../changes/suspicious-load.js'
import { changeTable, getFoldedNames } from './change-table.js'
import { formatTableName, type FullTableName } from '../table-name.js'
import { writeEventRows, writeRows, type RowCounts, type RowPlan } from './write-rows.js'

export interface WrittenLoad {
  readonly counts: RowCounts
  readonly eventRows: number | undefined
  readonly schema: RecordedSchema
  readonly changes: readonly LoadChange[]
  readonly warnings: readonly string[]
  readonly finishedAt: Date
}

interface StagedTable extends ReconciledTable {
  /** The SQL name of the stage. */
  readonly stage: string
}

export class LoadWriter {
  readonly #session: Session
  readonly #input: LoadInput

  constructor(session: Session, input: LoadInput) {
    this.#session = session
    this.#input = input
  }

  /** Writes the load, and leaves the commit to the caller. Returns undefined if the load is committed already. */
  async write(): Promise<WrittenLoad | undefined> {
    const { table, eventTable, recordFile, eventFile, loadId, options, stats } = this.#input
    const { mode, source, into, onEvent } = options
    const session = this.#session
    const onStep = (step: LoadStep) => onEvent({ type: 'step', step })
    for (const name of [table, eventTable]) if (name) await session.lockName(name)
    // described again: if the DuckDB file did not exist before the export, the catalog of `table` is still `memory`
    const history = new LoadHistory(session, into.dialect, (await session.describeTable(table)).table)
    await history.addColumns()
    if (await history.has(loadId)) return undefined
    const lastLoads = await history.readLast(source.reportId)
    const { newest } = lastLoads
    onStep('stage')
    const stage = await session.stage('_optimize_stage', recordFile)
    const eventStage = eventFile && (await session.stage('_optimize_event_stage', eventFile))
    onStep('check')
    const newestSchema = newest?.schema
    const recordTable = await this.#prepareTable(table, stage, recordFile, false, newestSchema?.columns)
    const stagedEvents =
      eventStage === undefined
        ? undefined
        : await this.#prepareTable(eventTable!, eventStage, eventFile!, true, newestSchema?.events?.columns)
    const tables = stagedEvents ? [recordTable, stagedEvents] : [recordTable]
    throwIfSuspicious({ ...this.#input, rows: recordFile.rows }, lastLoads)
    const schema = await this.#createSchema(recordTable, stagedEvents, newestSchema)
    const changes = listChanges(tables, options, lastLoads, { schema, total: stats.total! })
    const warnings = tables.flatMap((each) => describeIgnoredTypes(each, into.dialect))
    onStep('schema')
    for (const each of tables) await changeTable(session, options, each)
    onStep('write')
    for (const { tableState } of tables) await session.lockTable(tableState.table, mode)
    const key = modeFacts[mode].needsKey && recordFile.rows > 0 ? this.#getKey(recordTable) : undefined
    const counts = await writeRows(session, this.#createRowPlan(recordTable, key))
    throwIfManyDeleted(this.#input, counts)
    const eventRows = stagedEvents && (await this.#writeEvents(stagedEvents, recordTable.stage, key))
    if (key) await session.indexForMerges(recordTable.tableState.table, key.name)
    const finishedAt = new Date(Math.max(Date.now(), (newest?.finishedAt.getTime() ?? 0) + 1))
    await history.create()
    await history.write(this.#createHistoryRow(schema, changes, counts, finishedAt))
    for (const { stage } of tables) await session.unstage(stage)
    return { counts, eventRows, schema, changes, warnings, finishedAt }
  }

  async #prepareTable(
    table: FullTableName,
    stage: string,
    file: LoadFile,
    isEventTable: boolean,
    newestColumns: readonly RecordedColumn[] = [],
  ): Promise<StagedTable> {
    const filledRows = await countFilledRows(this.#session, stage, file)
    if (!isEventTable) await this.#checkIds(stage)
    const tableState = await this.#session.describeTable(table)
    return { ...reconcileTable(this.#input, { file, tableState, isEventTable, newestColumns }, filledRows), stage }
  }

  async #checkIds(stage: string): Promise<void> {
    const { recordFile, kind, options } = this.#input
    const name = keyFieldByKind[kind]
    const index = recordFile.schema.findIndex((column) => getSourceName(column) === name)
    if (name !== undefined && index >= 0 && recordFile.rows > 0)
      await checkIds(this.#session, stage, {
        column: `c${index}`,
        name,
        rows: recordFile.rows,
        isKey: modeFacts[options.mode].needsKey,
      })
  }

  async #createSchema(
    recordTable: StagedTable,
    eventTable: ReconciledTable | undefined,
    newestSchema: RecordedSchema | undefined,
  ): Promise<RecordedSchema> {
    const { loadId, recordFile, kind, isPartial } = this.#input
    const index = recordFile.schema.findIndex((column) => definitionFields.includes(getSourceName(column)))
    const found =
      index < 0 || recordFile.rows === 0
        ? undefined
        : await listDefinitions(this.#session, recordTable.stage, `c${index}`)
    // a load without events keeps the recorded columns of the events for the next load with events
    const events = eventTable
      ? {
          table: formatTableName(eventTable.tableState.table),
          loadId,
          rows: eventTable.file.rows,
          columns: eventTable.columnsToRecord,
        }
      : newestSchema?.events
    const definitions =
      isPartial && found ? [...new Set([...(newestSchema?.definitions ?? []), ...found])].sort() : found
    return {
      kind: kind === 'empty' ? (newestSchema?.kind ?? kind) : kind,
      columns: recordTable.columnsToRecord,
      ...(events ? { events } : {}),
      ...(definitions ? { definitions } : {}),
    }
  }

  #getKey({ reconciled }: ReconciledTable): PlannedColumn {
    const { kind, table, options } = this.#input
    const field = keyFieldByKind[kind]
    const key = reconciled.planned.find(({ source }) => source === field)
    if (key) return key
    const problem = `expected the column ${field!}, which mode '${options.mode}' needs`
    throw new ExportError('ERR_DESTINATION', `table ${formatTableName(table)}: ${problem}`)
  }

  #createRowPlan(table: StagedTable, key: PlannedColumn | undefined): RowPlan {
    const { loadId, options, startedAt } = this.#input
    const { dialect } = options.into
    const { foldName } = dialect
    const { stage, file, reconciled, tableState, newestColumns } = table
    const names = getFoldedNames(tableState, dialect)
    const columns = reconciled.planned.filter(({ expression }) => expression !== undefined)
    const written = new Set(columns.map(({ name }) => foldName(name)))
    const isUnwritten = (name: string) => names.has(name) && !written.has(name)
    return {
      table: tableState.table,
      stage,
      rows: file.rows,
      loadId,
      columns,
      unwritten: newestColumns.map(({ name }) => name).filter((name) => isUnwritten(foldName(name))),
      key,
      hasDeletedAt: names.has(foldName(DELETED_AT_COLUMN)) || options.deleteMissing === 'soft',
      mode: options.mode,
      othersMayWrite: options.mode === 'append',
      deleteMissing: options.deleteMissing,
      deletedAt: startedAt,
    }
  }

  async #writeEvents(eventTable: StagedTable, stage: string, key: PlannedColumn | undefined): Promise<number> {
    const plan = this.#createRowPlan(eventTable, this.#getInstanceColumn(eventTable))
    await writeEventRows(this.#session, plan, { stage, key: key?.expression })
    return eventTable.file.rows
  }

  /** Returns the column with the id of the instance. If this load has no events, looks for the column in earlier loads. */
  #getInstanceColumn({ reconciled, columnsToRecord, tableState }: ReconciledTable): PlannedColumn | undefined {
    const isInstanceId = ({ source }: RecordedColumn | PlannedColumn) => source === 'processInstanceId'
    const planned = reconciled.planned.find(isInstanceId)
    if (planned) return planned
    const { dialect } = this.#input.options.into
    const names = getFoldedNames(tableState, dialect)
    const earlier = columnsToRecord.find((column) => isInstanceId(column) && names.has(dialect.foldName(column.name)))
    return earlier && { ...earlier, expression: undefined, wasText: false }
  }

  #createHistoryRow(
    schema: RecordedSchema,
    changes: readonly LoadChange[],
    counts: RowCounts,
    finishedAt: Date,
  ): NewHistoryRow {
    const { loadId, options, startedAt, stats, watermark } = this.#input
    return {
      load_id: loadId,
      report_id: options.source.reportId,
      mode: options.mode,
      started_at: startedAt.toISOString(),
      finished_at: finishedAt.toISOString(),
      rows_received: stats.records,
      rows_promised: stats.total!,
      rows_in_table: counts.total,
      restarts: stats.restarts,
      duplicates: stats.duplicates,
      complete: stats.complete,
      schema: JSON.stringify(schema),
      changes: JSON.stringify(changes),
      watermark: watermark?.toISOString() ?? null,
      version: VERSION,
    }
  }
}

// loadReport(): a report in a table, complete, or the table as it was.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAbortError } from '../http/abort.js'
import type { EncoderWarning } from '../encode/encoder.js'
import type { UnmatchedName } from '../schema/name-matcher.js'
import { flowNodeEvents } from '../transforms/transforms.js'
import type { ScalarType } from '../schema/column-type.js'
import { ExportError, OptionError } from '../shared/errors.js'
import { keyFieldByKind } from '../shared/reports/report-kinds.js'
import type { ReportKind } from '../shared/types.js'
import { VERSION } from '../shared/package-version.js'
import { Bookkeeping, type RecordedColumn, type RecordedLoad, type RecordedSchema } from './bookkeeping.js'
import { createPackageNaming } from './column-naming.js'
import type { LoadChange } from './load-changes.js'
import { isRepeatable, type ExistingTable, type Session } from './load-destination.js'
import { resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from './load-options.js'
import { createFullSource, createSortedSource, type LoadSource, type LoadStats, type SourceListener } from './load-source.js'
import { writePackage, type PackageFile, type PackageTarget } from './load-package.js'
import { createPackageFolder } from './package-folder.js'
import { formatTable } from './table-name.js'
import { writeLoad, type LoadPlan, type WrittenLoad } from './write-load.js'

/** A committed load. */
export interface Load {
  /** The id of the load; each row has it as `_optimize_load_id`. */
  readonly id: string
  /** The table with its schema: `main.orders`. */
  readonly table: string
  /** How the rows were written. */
  readonly mode: 'replace' | 'merge' | 'append'
  /** Rows of the report. */
  readonly rows: number
  /** Rows that are new in the table. */
  readonly inserted: number
  /** Rows that were in the table and changed; `merge` only. */
  readonly updated: number
  /** Rows that were deleted, or marked as deleted. */
  readonly deleted: number
  /** Rows of the child table; undefined without `events`. */
  readonly events: number | undefined
  /** Rows of the table after the load. */
  readonly total: number
  /** True if all records of the report arrived, or with `since` all records back to it. */
  readonly complete: boolean
  /** The kind of the report. */
  readonly kind: ReportKind
  /** The columns of the table by their source columns. */
  readonly schema: readonly LoadColumn[]
  /** What differs from the last complete load of the table. */
  readonly changes: readonly LoadChange[]
  /** The newest date of `sortedBy`; the next load with `since: 'last'` begins there. */
  readonly watermark: Date | undefined
  /** When the load began. */
  readonly startedAt: Date
  /** When the rows were written. */
  readonly finishedAt: Date
  /** The figures of the extraction. */
  readonly stats: LoadStats
  /** True if the transaction was rolled back because of `dryRun`. */
  readonly dryRun: boolean
  /** The folder of the package, if it was kept. */
  readonly package: string | undefined
}

/** A column of a loaded table. */
export interface LoadColumn {
  /** The name in the table. */
  readonly name: string
  /** The prefixed name in the report: `variable:amount`. */
  readonly source: string
  /** The type: `int64`, `string`, …; `{ sql }` for a type that the load did not create. */
  readonly type: RecordedColumn['type']
  /** Rows with a value that is not null and not `''`. */
  readonly filled: number
}

/**
 * Loads a report into a table of a database, in one transaction. The report is first exported to a file on the local disk and
 * proven complete; then the file is loaded. Whatever fails, the table is as it was before.
 *
 * @throws OptionError for a bad option. Otherwise rejects with an {@link ExportError}: those of the export, and
 * `ERR_DESTINATION`, `ERR_DESTINATION_BUSY`, `ERR_SCHEMA_CHANGE`, `ERR_SUSPICIOUS_LOAD` and `ERR_NOT_SORTED`.
 * @example await loadReport({ source: { baseUrl, reportId, accessToken }, into: duckdb('warehouse.duckdb'), table: 'orders' })
 */
export async function loadReport(options: LoadOptions): Promise<Load> {
  return new ReportLoad(resolveLoadOptions(options)).run()
}

/** What the database knew about the table before the load. */
interface EarlierState {
  readonly schema: string
  readonly existing: ExistingTable
  readonly last: RecordedLoad | undefined
}

/** A lost connection is followed by this many more attempts with the same package. */
const MAX_REPEATS = 3
const REPEAT_PAUSE_MS = 1000
/** The pause between two attempts to open a database that another process holds. */
const BUSY_PAUSE_MS = 250

class ReportLoad {
  readonly #options: ResolvedLoadOptions
  readonly #id = randomUUID()
  readonly #startedAt = new Date()
  readonly #signal: AbortSignal
  readonly #unmatched: UnmatchedName[] = []
  #busyDeadline = 0

  constructor(options: ResolvedLoadOptions) {
    this.#options = options
    this.#signal = options.signal ?? new AbortController().signal
  }

  async run(): Promise<Load> {
    const { keepPackage } = this.#options
    this.#throwIfAborted()
    const state = await this.#withSession(true, (session) => this.#readState(session))
    const source = this.#createSource(state)
    const folder = await createPackageFolder(keepPackage, this.#id)
    try {
      this.#options.onEvent({ type: 'extract', stats: source.stats })
      const [records, events] = await this.#extract(source, folder.path, state)
      this.#checkMode(source.kind)
      const written = await this.#write(source, state, records!, events)
      return this.#createLoad(source, state, records!, written, keepPackage && folder.path)
    } finally {
      await folder.remove()
    }
  }

  #throwIfAborted(): void {
    if (this.#signal.aborted) throw createAbortError(this.#signal)
  }

  async #readState(session: Session): Promise<EarlierState> {
    const schema = this.#options.table.schema ?? this.#options.into.schema ?? (await session.getDefaultSchema())
    const table = { schema, name: this.#options.table.name }
    const existing = await session.describeTable(table)
    const [last] = existing.hasSchema ? await new Bookkeeping(session, table).read() : []
    return { schema, existing, last }
  }

  #createSource({ last }: EarlierState): LoadSource {
    const { source, sortedBy, since, lookback, signal } = this.#options
    const options = signal ? { ...source, signal } : source
    if (sortedBy === undefined) return createFullSource(options, this.#listener)
    const from = since === 'last' ? last?.watermark : since
    const notBefore = from && from.getTime() - lookback
    return createSortedSource(options, { field: sortedBy, notBefore }, this.#listener)
  }

  readonly #listener: SourceListener = (event, payload) => {
    const { onEvent } = this.#options
    if (event === 'page') onEvent({ type: 'page', page: payload as never })
    else if (event === 'retry') onEvent({ type: 'retry', retry: payload as never })
    else if (event === 'restart') onEvent({ type: 'restart', restart: payload as never })
    else onEvent({ type: 'warning', message: typeof payload === 'string' ? `Optimize says: ${payload}` : (payload as { message: string }).message })
  }

  async #extract(source: LoadSource, folder: string, { existing, last }: EarlierState): Promise<PackageFile[]> {
    const { into, columns, pick, omit, types, inferTypes, variables, events } = this.#options
    const textColumns = listTextColumns(this.#options, existing, last?.schema)
    const hasJsonVariables = variables === 'json'
    const records: PackageTarget = {
      name: 'records',
      toRows: undefined,
      encoder: into.createEncoder({
        naming: createPackageNaming(),
        pick: columns ?? pick,
        omit: events && !(columns ?? pick) ? [...(omit ?? []), 'flowNodeInstances'] : omit,
        types: { ...textColumns, ...types },
        inferTypes,
        hasJsonVariables,
      }),
      createReceipt: () => this.#createReceipt(source, records),
    }
    const targets = [records]
    if (events) {
      const { fields } = events
      const child: PackageTarget = {
        name: 'events',
        toRows: flowNodeEvents({ fields }),
        encoder: into.createEncoder({
          naming: createPackageNaming(),
          pick: undefined,
          omit: undefined,
          types: Object.fromEntries(Object.entries(types).filter(([name]) => fields.includes(name))),
          inferTypes,
          hasJsonVariables: false,
        }),
        createReceipt: () => this.#createReceipt(source, child),
      }
      targets.push(child)
    }
    const given = new Set([...(columns ?? []), ...(pick ?? []), ...(omit ?? []), ...Object.keys(types), ...(events?.fields ?? [])])
    const files = await writePackage(source.records, folder, targets, (warning) => this.#warn(warning, given))
    this.#throwIfUnmatched()
    return files
  }

  /** Passes a warning on. Names that the load itself gave to the encoder are not the user's. */
  #warn(warning: EncoderWarning, given: ReadonlySet<string>): void {
    if (warning.code === 'WARN_UNMATCHED_NAME') {
      if (!given.has(warning.name)) return
      this.#unmatched.push(warning)
    }
    // names that differ in case have distinct names in the table
    if (warning.code !== 'WARN_COLUMN_CASE') this.#options.onEvent({ type: 'warning', message: warning.message })
  }

  #throwIfUnmatched(): void {
    const { strict } = this.#options
    const isError = ({ option }: UnmatchedName) => strict === true || (strict === 'omit' && option === 'omit')
    const found = this.#unmatched.find(isError)
    if (!found) return
    const suggestion = found.nearest === undefined ? '' : `, did you mean ${JSON.stringify(found.nearest)}`
    throw new ExportError('ERR_UNMATCHED_NAME', `loadReport: ${found.option}: no record has ${JSON.stringify(found.name)}${suggestion}`)
  }

  #createReceipt({ stats, kind }: LoadSource, { encoder }: PackageTarget): Record<string, unknown> {
    const { records, total, complete, duplicates, retries, restarts, startedAt } = stats
    const { reportId } = this.#options.source
    const { rows, schema } = encoder.stats
    return { loadId: this.#id, reportId, kind, rows, records, total, complete, duplicates, retries, restarts, startedAt, version: VERSION, schema }
  }

  #checkMode(kind: ReportKind | undefined = 'empty'): void {
    const { mode } = this.#options
    if (mode !== 'merge' || kind === 'empty' || keyFieldByKind[kind] !== undefined) return
    throw new OptionError('loadReport', 'mode', `expected 'replace' or 'append' for a report of the kind ${kind}, whose rows have no id, got 'merge'`)
  }

  /** Writes the package in one transaction. After a lost connection it tries again, because a load with the same id is written once. */
  async #write(
    source: LoadSource,
    { schema }: EarlierState,
    records: PackageFile,
    events: PackageFile | undefined,
  ): Promise<WrittenLoad> {
    const options = this.#options
    const { stats } = source
    const { onEvent, into, since } = options
    const plan: LoadPlan = {
      loadId: this.#id,
      startedAt: this.#startedAt,
      reportId: options.source.reportId,
      kind: source.kind ?? 'empty',
      options,
      dialect: into.dialect,
      table: { schema, name: options.table.name },
      eventTable: options.events && { schema: options.events.table.schema ?? schema, name: options.events.table.name },
      records,
      events,
      received: { records: stats.records, total: stats.total ?? 0, restarts: stats.restarts, duplicates: stats.duplicates },
      complete: stats.complete,
      isPartial: since !== undefined || !stats.complete,
      watermark: source.newestDate,
      onStep: (step) => onEvent({ type: 'step', step }),
    }
    onEvent({ type: 'load', rows: records.rows, bytes: records.bytes + (events?.bytes ?? 0) })
    let written: WrittenLoad | undefined
    for (let repeats = 0; ; repeats++) {
      try {
        await this.#withSession(false, async (session) => {
          const result = await writeLoad(session, plan)
          // the load was committed by an attempt whose reply was lost
          if (result === undefined) return
          written = result
          onEvent({ type: 'step', step: 'commit' })
          this.#throwIfAborted()
          if (!options.dryRun) await session.commit()
        })
        break
      } catch (error) {
        if (!isRepeatable(error) || repeats === MAX_REPEATS) throw error
        this.#throwIfAborted()
        onEvent({ type: 'wait', reason: `${(error as Error).message}; the load is tried again` })
        await this.#pause(REPEAT_PAUSE_MS * (repeats + 1))
      }
    }
    for (const change of written!.changes) onEvent({ type: 'change', change })
    return written!
  }

  /** Connects, waiting for a busy database as long as the user wants, and closes the connection after the work. */
  async #withSession<T>(isReadOnly: boolean, work: (session: Session) => Promise<T>): Promise<T> {
    const { into, wait, onEvent } = this.#options
    this.#busyDeadline = performance.now() + wait
    for (let isFirst = true; ; isFirst = false) {
      try {
        const session = await into.connect({ signal: this.#signal, isReadOnly: isReadOnly || this.#options.dryRun })
        try {
          return await work(session)
        } finally {
          await session.close()
        }
      } catch (error) {
        this.#throwIfAborted()
        const isBusy = error instanceof ExportError && error.code === 'ERR_DESTINATION_BUSY'
        if (!isBusy || performance.now() >= this.#busyDeadline) throw error
        if (isFirst) onEvent({ type: 'wait', reason: error.message })
        await this.#pause(BUSY_PAUSE_MS)
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#signal }).catch(() => undefined)
    this.#throwIfAborted()
  }

  #createLoad(
    source: LoadSource,
    { schema }: EarlierState,
    { rows }: PackageFile,
    { counts, eventRows, schema: recorded, changes, finishedAt }: WrittenLoad,
    keptPackage: string | undefined,
  ): Load {
    const { table, mode, dryRun } = this.#options
    const { inserted, updated, deleted, total } = counts
    return {
      id: this.#id,
      table: formatTable({ schema, name: table.name }),
      mode,
      rows,
      inserted,
      updated,
      deleted,
      events: eventRows,
      total,
      complete: source.stats.complete,
      kind: source.kind ?? 'empty',
      schema: recorded.columns.filter(({ isGone }) => !isGone),
      changes,
      watermark: source.newestDate,
      startedAt: this.#startedAt,
      finishedAt,
      stats: copyStats(source.stats),
      dryRun,
      package: keptPackage,
    }
  }
}

function copyStats(stats: LoadStats): LoadStats {
  const { records, total, pages, bytes, duplicates, retries, restarts, complete, endedBy, startedAt, message } = stats
  return { records, total, pages, bytes, duplicates, retries, restarts, complete, endedBy, startedAt, message }
}

/**
 * Returns the columns whose values are loaded as text although they look like another type: those that are text in the table
 * already, and those whose type in the table only the database can convert to.
 */
function listTextColumns(
  { into, types }: ResolvedLoadOptions,
  { columns }: ExistingTable,
  last: RecordedSchema | undefined,
): Record<string, ScalarType> {
  const { dialect } = into
  const typeByName = new Map(columns?.map(({ name, typeName }) => [dialect.foldName(name), dialect.parseTypeName(typeName)]))
  const isText = ({ name }: RecordedColumn) => {
    const folded = dialect.foldName(name)
    const type = typeByName.get(folded)
    return type === 'string' || (type === undefined && typeByName.has(folded))
  }
  const texts = (last?.columns ?? []).filter((column) => !Object.hasOwn(types, column.source) && isText(column))
  return Object.fromEntries(texts.map(({ source }) => [source, 'string']))
}

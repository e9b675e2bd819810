// One load: read what the database knows, extract the package, and write it in a transaction.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAbortError } from '../http/abort.js'
import { ExportError, OptionError } from '../shared/errors.js'
import { keyFieldByKind } from '../shared/reports/report-kinds.js'
import type { ReportKind } from '../shared/types.js'
import { Bookkeeping, type RecordedLoad } from './bookkeeping.js'
import { isRepeatable, type ExistingTable, type Session } from './load-destination.js'
import type { ResolvedLoadOptions } from './load-options.js'
import type { PackageFile } from './load-package.js'
import type { LoadPlan } from './load-plan.js'
import type { Load } from './load-report.js'
import {
  createFullSource,
  createSortedSource,
  type LoadSource,
  type LoadStats,
  type SourceListener,
} from './load-source.js'
import { createPackageFolder } from './package-folder.js'
import { PackageWriter } from './package-writer.js'
import { formatTable } from './table-name.js'
import { writeLoad, type WrittenLoad } from './write-load.js'

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

/** One run of loadReport(). */
export class ReportLoad {
  readonly #options: ResolvedLoadOptions
  readonly #id = randomUUID()
  readonly #startedAt = new Date()
  readonly #signal: AbortSignal
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
      const known = { existing: state.existing, last: state.last?.schema }
      const [records, events] = await new PackageWriter(this.#options, this.#id, known).write(source, folder.path)
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
    else
      onEvent({
        type: 'warning',
        message: typeof payload === 'string' ? `Optimize says: ${payload}` : (payload as { message: string }).message,
      })
  }

  #checkMode(kind: ReportKind | undefined = 'empty'): void {
    const { mode } = this.#options
    if (mode !== 'merge' || kind === 'empty' || keyFieldByKind[kind] !== undefined) return
    throw new OptionError(
      'loadReport',
      'mode',
      `expected 'replace' or 'append' for a report of the kind ${kind}, whose rows have no id, got 'merge'`,
    )
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
      received: {
        records: stats.records,
        total: stats.total ?? 0,
        restarts: stats.restarts,
        duplicates: stats.duplicates,
      },
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

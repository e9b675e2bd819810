// One load: read what the database knows, extract the package, and write it in a transaction.
import { randomUUID } from 'node:crypto'
import { OptionError } from '../shared/errors.js'
import { keyFieldByKind } from '../shared/reports/report-kinds.js'
import type { ReportKind } from '../shared/types.js'
import { LoadConnection, type EarlierState } from './load-connection.js'
import { isRepeatable } from './load-destination.js'
import { createSourceListener } from './load-events.js'
import type { ResolvedLoadOptions } from './load-options.js'
import type { PackageFile } from './load-package.js'
import type { LoadPlan } from './load-plan.js'
import type { Load } from './load-report.js'
import { createFullSource, createSortedSource, type LoadSource, type LoadStats } from './load-source.js'
import { createPackageFolder } from './package-folder.js'
import { PackageWriter } from './package-writer.js'
import { formatTable } from './table-name.js'
import { writeLoad, type WrittenLoad } from './write-load.js'

/** After a lost connection, the package is written again at most this many times. */
const MAX_REPEATS = 3
const REPEAT_PAUSE_MS = 1000

/** One run of loadReport(). */
export class LoadRun {
  readonly #options: ResolvedLoadOptions
  readonly #id = randomUUID()
  readonly #startedAt = new Date()
  readonly #connection: LoadConnection

  constructor(options: ResolvedLoadOptions) {
    this.#options = options
    this.#connection = new LoadConnection(options, 'loadReport')
  }

  async run(): Promise<Load> {
    const { keepPackage } = this.#options
    this.#connection.throwIfAborted()
    const state = await this.#connection.readState()
    const source = this.#createSource(state)
    const folder = await createPackageFolder(keepPackage, this.#id, 'loadReport')
    try {
      this.#options.onEvent({ type: 'extract', stats: source.stats })
      const [records, events] = await new PackageWriter(this.#options, this.#id, state).write(source, folder.path)
      this.#checkMode(source.kind!)
      const written = await this.#write(source, state, records!, events)
      return this.#createLoad(source, state, records!, written, keepPackage && folder.path)
    } finally {
      await folder.remove()
    }
  }

  #createSource({ last }: EarlierState): LoadSource {
    const { source, sortedBy, since, lookback, signal } = this.#options
    const options = signal ? { ...source, signal } : source
    const listener = createSourceListener(this.#options.onEvent)
    if (sortedBy === undefined) return createFullSource(options, listener)
    const from = since === 'last' ? last?.watermark : since
    const notBefore = from && from.getTime() - lookback
    return createSortedSource(options, { field: sortedBy, notBefore, lastWatermark: last?.watermark }, listener)
  }

  #checkMode(kind: ReportKind): void {
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
    { existing: { table }, eventTable }: EarlierState,
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
      kind: source.kind!,
      options,
      dialect: into.dialect,
      table,
      eventTable,
      records,
      events,
      received: {
        records: stats.records,
        total: stats.total!,
        restarts: stats.restarts,
        duplicates: stats.duplicates,
      },
      complete: stats.complete,
      isPartial: since !== undefined || !stats.complete,
      watermark: source.watermark,
      onStep: (step) => onEvent({ type: 'step', step }),
    }
    onEvent({ type: 'load', rows: records.rows, bytes: records.bytes + (events?.bytes ?? 0) })
    let written: WrittenLoad | undefined
    for (let repeats = 0; ; repeats++) {
      try {
        await this.#connection.use(false, async (session) => {
          const result = await writeLoad(session, plan)
          // the load was committed by an attempt whose reply was lost
          if (result === undefined) return
          written = result
          onEvent({ type: 'step', step: 'commit' })
          this.#connection.throwIfAborted()
          if (!options.dryRun) await session.commit()
        })
        break
      } catch (error) {
        if (!isRepeatable(error) || repeats === MAX_REPEATS) throw error
        this.#connection.throwIfAborted()
        onEvent({ type: 'wait', reason: `${(error as Error).message}; retrying the load` })
        await this.#connection.pause(REPEAT_PAUSE_MS * (repeats + 1))
      }
    }
    for (const change of written!.changes) onEvent({ type: 'change', change })
    return written!
  }

  #createLoad(
    source: LoadSource,
    { existing }: EarlierState,
    { rows }: PackageFile,
    { counts, eventRows, schema: recorded, changes, finishedAt }: WrittenLoad,
    keptPackage: string | undefined,
  ): Load {
    const { mode, dryRun } = this.#options
    const { inserted, updated, deleted, total } = counts
    return {
      id: this.#id,
      table: formatTable(existing.table),
      mode,
      rows,
      inserted,
      updated,
      deleted,
      events: eventRows,
      total,
      complete: source.stats.complete,
      kind: source.kind!,
      schema: recorded.columns.filter(({ isGone }) => !isGone),
      changes,
      watermark: source.watermark,
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

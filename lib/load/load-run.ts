// One load: reads the earlier loads of the table, exports the report to files, and writes them to the table in one transaction.
import { randomUUID } from 'node:crypto'
import { OptionError } from '../shared/errors.js'
import { keyFieldByKind } from '../shared/reports/report-kinds.js'
import type { ReportKind } from '../shared/types.js'
import { LoadDatabase, type EarlierState } from './load-database.js'
import type { Session } from './load-destination.js'
import { createExtractionListeners } from './load-events.js'
import { createExportOptions, type ResolvedLoadOptions } from './load-options.js'
import { listModes, modeFacts } from './load-modes.js'
import type { LoadFile, LoadInput } from './load-input.js'
import type { Load } from './load-report.js'
import { createFullExtraction, createSortedExtraction, type Extraction } from './extract/extraction.js'
import { createLoadFolder } from './extract/load-folder.js'
import { LoadFileWriter } from './extract/load-file-writer.js'
import { formatTableName } from './table-name.js'
import { LoadWriter, type WrittenLoad } from './write/write-load.js'

export class LoadRun {
  readonly #options: ResolvedLoadOptions
  readonly #id = randomUUID()
  readonly #startedAt = new Date()
  readonly #database: LoadDatabase

  constructor(options: ResolvedLoadOptions) {
    this.#options = options
    this.#database = new LoadDatabase(options, 'loadReport')
  }

  async run(): Promise<Load> {
    const { keepFiles, source } = this.#options
    this.#database.throwIfAborted()
    const state = await this.#database.repeat(
      () => this.#database.readState(this.#options, source.reportId),
      'connecting again',
    )
    const extraction = this.#createExtraction(state)
    const folder = await createLoadFolder(keepFiles, this.#id, 'loadReport')
    try {
      this.#options.onEvent({ type: 'extract', stats: extraction.stats })
      const writer = new LoadFileWriter(this.#options, this.#id, state)
      const [recordFile, eventFile] = await writer.write(extraction, extraction.records, folder.path)
      writer.throwIfUnmatched()
      this.#checkMode(extraction.kind!)
      const written = await this.#write(extraction, state, recordFile!, eventFile)
      return this.#createLoad(extraction, state, recordFile!, written, keepFiles && folder.path)
    } finally {
      await folder.remove()
    }
  }

  #createExtraction({ newestWatermark }: EarlierState): Extraction {
    const { sortedBy, since, lookback } = this.#options
    const options = createExportOptions(this.#options)
    const listeners = createExtractionListeners(this.#options.onEvent)
    if (sortedBy === undefined) return createFullExtraction(options, listeners)
    const from = since === 'last' ? newestWatermark : since
    const notBefore = from && from.getTime() - lookback
    return createSortedExtraction(options, { field: sortedBy, notBefore, newestWatermark }, listeners)
  }

  #checkMode(kind: ReportKind): void {
    const { mode } = this.#options
    if (!modeFacts[mode].needsKey || kind === 'empty' || keyFieldByKind[kind] !== undefined) return
    throw new OptionError(
      'loadReport',
      'mode',
      `expected ${listModes(false)} for a report of the kind ${kind}, whose rows have no id, got '${mode}'`,
    )
  }

  /** Writes the rows in one transaction, again after a repeatable error. A load whose id is in the history is not written again. */
  async #write(
    extraction: Extraction,
    { tableState: { table }, eventTable }: EarlierState,
    recordFile: LoadFile,
    eventFile: LoadFile | undefined,
  ): Promise<WrittenLoad> {
    const options = this.#options
    const { stats } = extraction
    const { onEvent, since } = options
    const input: LoadInput = {
      loadId: this.#id,
      startedAt: this.#startedAt,
      kind: extraction.kind!,
      options,
      table,
      eventTable,
      recordFile,
      eventFile,
      stats,
      isPartial: since !== undefined || !stats.complete,
      watermark: extraction.watermark,
    }
    onEvent({ type: 'load', rows: recordFile.rows, bytes: recordFile.bytes + (eventFile?.bytes ?? 0) })
    let written: WrittenLoad | undefined
    const write = async (session: Session) => {
      const result = await new LoadWriter(session, input).write()
      // the load was committed by an attempt whose reply was lost
      if (result === undefined) return
      written = result
      onEvent({ type: 'step', step: 'commit' })
      this.#database.throwIfAborted()
      if (!options.dryRun) await session.commit()
    }
    await this.#database.repeat(
      () => this.#database.withTransaction({ commitsNothing: false }, write),
      'retrying the load',
    )
    for (const message of written!.warnings) onEvent({ type: 'warning', message })
    for (const change of written!.changes) onEvent({ type: 'change', change })
    return written!
  }

  #createLoad(
    { stats, kind, watermark }: Extraction,
    { tableState }: EarlierState,
    { rows }: LoadFile,
    { counts, eventRows, schema: recorded, changes, finishedAt }: WrittenLoad,
    keptFiles: string | undefined,
  ): Load {
    const { mode, dryRun } = this.#options
    const { inserted, updated, deleted, total } = counts
    return {
      id: this.#id,
      table: formatTableName(tableState.table),
      mode,
      rows,
      inserted,
      updated,
      deleted,
      events: eventRows,
      total,
      complete: stats.complete,
      kind: kind!,
      schema: recorded.columns.filter(({ hasVanished }) => !hasVanished),
      changes,
      watermark,
      startedAt: this.#startedAt,
      finishedAt,
      stats: { ...stats },
      dryRun,
      keptFiles,
    }
  }
}

import { EventEmitter } from 'node:events'
import { addRecordCount } from '../shared/errors.js'
import type { ExportEvents } from '../shared/export-events.js'
import { createAbortError, onAbort } from '../shared/abort.js'
import { ExportSession } from './export-session.js'
import type { Page } from '../pagination/pager.js'
import { createLiveStats, type EndedBy, type ExportStats } from '../pagination/export-stats.js'
import { freeBatch, toRecords } from '../pages/record-batch.js'
import { resolveExportOptions, type ExportOptions, type ResolvedExportOptions } from './export-options.js'
import type { ExportRecord, ReportKind } from '../shared/types.js'

/**
 * Returns one page per step of `for await`, and has the stats and events of an export. The caller chooses the type of the
 * records; nothing is checked at run time.
 */
export interface ExportPages<R extends object = ExportRecord> extends AsyncIterator<Page<R>, undefined> {
  /** Live figures; `records` counts the records of the pages that the caller got. */
  readonly stats: ExportStats
  /** The kind of the report; undefined before the first page. */
  readonly kind: ReportKind | undefined
  /** Listens to one of {@link ExportEvents}. */
  on<E extends keyof ExportEvents>(event: E, listener: (payload: ExportEvents[E]) => void): this
  /** Listens to one of {@link ExportEvents} once. */
  once<E extends keyof ExportEvents>(event: E, listener: (payload: ExportEvents[E]) => void): this
  /** Removes a listener. */
  off<E extends keyof ExportEvents>(event: E, listener: (payload: ExportEvents[E]) => void): this
  /** Ends the export and aborts the running request; leaving the loop does the same. */
  return(): Promise<IteratorResult<Page<R>, undefined>>
  /** Returns itself. */
  [Symbol.asyncIterator](): ExportPages<R>
}

/**
 * Exports a report page by page, for custom sinks. Leaving the loop ends the export.
 *
 * @throws OptionError for a bad option, at the call; ExportError while iterating.
 * @example for await (const { number, records } of exportPages({ … })) await put(`part-${number}.json`, records)
 */
export function exportPages<R extends object = ExportRecord>(options: ExportOptions): ExportPages<R>
/** The same with the default type, for `ReturnType<typeof exportPages>`, which takes the last overload. */
export function exportPages(options: ExportOptions): ExportPages
export function exportPages(options: ExportOptions): ExportPages {
  return new PageIterator(resolveExportOptions('exportPages', options))
}

class PageIterator implements ExportPages {
  readonly stats: ExportStats
  readonly #session: ExportSession
  readonly #pages: AsyncGenerator<Page, undefined>
  readonly #events = new EventEmitter()
  #recordCount = 0
  #endedBy: EndedBy | undefined

  constructor(options: ResolvedExportOptions) {
    this.#session = new ExportSession(options, (event, payload) => this.#events.emit(event, payload))
    this.#pages = this.#generate(options)
    this.stats = createLiveStats(
      this.#session.stats,
      () => this.#recordCount,
      () => this.#endedBy,
    )
  }

  get kind(): ReportKind | undefined {
    return this.#session.stats.kind
  }

  on<E extends keyof ExportEvents>(event: E, listener: (payload: ExportEvents[E]) => void): this {
    this.#events.on(event, listener)
    return this
  }

  once<E extends keyof ExportEvents>(event: E, listener: (payload: ExportEvents[E]) => void): this {
    this.#events.once(event, listener)
    return this
  }

  off<E extends keyof ExportEvents>(event: E, listener: (payload: ExportEvents[E]) => void): this {
    this.#events.off(event, listener)
    return this
  }

  next(): Promise<IteratorResult<Page, undefined>> {
    return this.#pages.next()
  }

  /** Closes the session first, because the generator would wait for the running request. */
  return(): Promise<IteratorResult<Page, undefined>> {
    this.#endedBy ??= 'destroyed'
    this.#session.close()
    return this.#pages.return(undefined)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async *#generate({ signal }: ResolvedExportOptions): AsyncGenerator<Page, undefined> {
    const session = this.#session
    const removeAbortListener = signal && onAbort(signal, () => session.close())
    try {
      if (signal?.aborted) throw createAbortError(signal)
      for (let page = await session.next(); page; page = await session.next()) {
        this.#recordCount += page.records.length
        const records = toRecords(page.records)
        freeBatch(page.records)
        yield { ...page, records }
      }
      this.#endedBy = session.isCapped ? 'maxRecords' : 'end'
      if (!session.isCapped) session.publishComplete(this.#recordCount)
    } catch (error) {
      this.#endedBy ??= signal?.aborted ? 'destroyed' : 'error'
      throw signal?.aborted ? createAbortError(signal) : addRecordCount(error, this.#recordCount)
    } finally {
      removeAbortListener?.()
      session.close()
    }
  }
}

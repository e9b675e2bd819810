// Creates and connects the objects of one export, from requests to pages.
import { ExportEventEmitter, type EmitFunction } from '../shared/export-events.js'
import { Client } from '../http/client.js'
import { Redactor } from '../shared/secrets/redactor.js'
import type { FailedAttempt } from '../http/retry.js'
import { Transport } from '../http/transport.js'
import { ConsistencyChecker } from '../pagination/consistency-checker.js'
import { SearchKeepAlive } from '../pagination/search-keep-alive.js'
import { PagePrefetcher } from '../pagination/page-prefetcher.js'
import { RecordLimiter } from '../pagination/record-limiter.js'
import { Pager, type FetchedPage, type PageSource } from '../pagination/pager.js'
import { createMutableStats } from '../pagination/export-stats.js'
import { KeyDeduplicator } from '../pagination/key-deduplicator.js'
import { ArrayScanner } from '../fastpath/scan/array-scanner.js'
import { recordMapping } from '../spans/key-mapping.js'
import { buildApiUrl, TIME_ZONE_HEADER, type ResolvedExportOptions } from './export-options.js'

export class ExportSession implements PageSource {
  readonly stats = createMutableStats()
  readonly #options: ResolvedExportOptions
  readonly #events: ExportEventEmitter
  readonly #abortController = new AbortController()
  readonly #redactor = new Redactor()
  readonly #transport: Transport
  readonly #pager: Pager
  readonly #prefetcher: PagePrefetcher
  readonly #recordLimiter: RecordLimiter

  constructor(options: ResolvedExportOptions, emit: EmitFunction, secondMs = 1000) {
    this.#options = options
    this.#events = new ExportEventEmitter(options.reportId, emit)
    const { fetch, agent, requestTimeout: timeoutMs, maxPageBytes: maxBytes } = options
    this.#transport = new Transport({ fetch, agent, timeoutMs, maxBytes })
    const { paginationTimeout, maxPaginationTimeout, prefetch } = options
    const keepAlive = new SearchKeepAlive({ paginationTimeout, maxPaginationTimeout, secondMs })
    this.#pager = this.#createPager(keepAlive)
    this.#prefetcher = new PagePrefetcher(this.#pager, {
      prefetch,
      keepAlive,
      onEarlyFetch: (isExtended) => this.#warnEarlyFetch(isExtended, keepAlive.requestedSeconds),
    })
    this.#recordLimiter = new RecordLimiter(this.#prefetcher, options.maxRecords)
  }

  get reportId(): string {
    return this.#options.reportId
  }

  get isCapped(): boolean {
    return this.#recordLimiter.isCapped
  }

  /** Rejects after `close`, because a closed export is not complete. */
  async next(): Promise<FetchedPage | undefined> {
    this.#abortController.signal.throwIfAborted()
    return this.#recordLimiter.next()
  }

  publishComplete(records: number): void {
    this.#events.publishComplete({ records, ...this.stats })
  }

  close(): void {
    this.#abortController.abort()
    this.#prefetcher.close()
    this.#transport.close()
  }

  #createPager(keepAlive: SearchKeepAlive): Pager {
    const { baseUrl, reportId, recovery, maxRestarts, retry, limit, verifyTotal, maxRecords } = this.#options
    const { signal } = this.#abortController
    return new Pager(
      { reportId, recovery, maxRestarts, retry, redactor: this.#redactor, signal, events: this.#events },
      {
        client: this.#createClient(),
        url: buildApiUrl(baseUrl, `export/report/${encodeURIComponent(reportId)}/result/json`),
        limit,
        verifyTotal,
        maxRecords,
        keepAlive,
        deduplicator: new KeyDeduplicator(),
        consistencyChecker: new ConsistencyChecker(retry.maxDelay),
        registerSecret: (cursor) => this.#redactor.register(cursor),
        scanner: new ArrayScanner(recordMapping),
        stats: this.stats,
      },
    )
  }

  #createClient(): Client {
    const { accessToken, tokenIn, retry, headers, timezone } = this.#options
    return new Client({
      transport: this.#transport,
      accessToken,
      tokenIn,
      retry,
      headers: timezone === null ? headers : { ...headers, [TIME_ZONE_HEADER]: timezone },
      redactor: this.#redactor,
      signal: this.#abortController.signal,
      onRetry: (failed) => this.#countRetry(failed),
    })
  }

  #countRetry({ attempt, delay, failure: { code, status, message } }: FailedAttempt): void {
    this.stats.retries++
    const reason = this.#redactor.redact(message)
    this.#events.emit('retry', { page: this.#pager.searchPageNumber, attempt, delay, code, status, reason })
  }

  #warnEarlyFetch(isExtended: boolean, seconds: number): void {
    const rest = isExtended
      ? 'longer than before'
      : 'the longest allowed; if the search expires, use smaller pages (limit)'
    const message = `the keep-alive was nearly over before the sink asked for the next page; the page was fetched early, with a keep-alive of ${seconds} s, ${rest}`
    this.#events.emit('warning', { code: 'WARN_KEEP_ALIVE_EXTENDED', message })
  }
}

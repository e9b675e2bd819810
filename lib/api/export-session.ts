// Creates and connects the objects of one export, from requests to pages. All events except `complete` pass through here.
import { isPublished, publish } from '../shared/diagnostics.js'
import { Client, type Retry } from '../http/client.js'
import { Redactor } from '../http/redactor.js'
import { Transport } from '../http/transport.js'
import { ConsistencyChecker } from '../pagination/consistency-checker.js'
import { ScrollKeepAlive } from '../pagination/scroll-keep-alive.js'
import { PagePrefetcher } from '../pagination/page-prefetcher.js'
import { RecordLimiter } from '../pagination/record-limiter.js'
import { Pager, type FetchedPage, type PageSource } from '../pagination/pager.js'
import { createMutableStats, type Listener, type MutableStats } from '../pagination/export-stats.js'
import { KeyDeduplicator } from '../pagination/key-deduplicator.js'
import { ArrayScanner } from '../fastpath/scan/array-scanner.js'
import { recordMapping } from '../fastpath/scan/record-layout.js'
import { buildApiUrl, type SourceOptions } from './source-options.js'

/** One export of one report: its pages, until it is closed. */
export class ExportSession implements PageSource {
  readonly stats: MutableStats = createMutableStats()
  readonly #options: SourceOptions
  readonly #listener: Listener
  readonly #abortController = new AbortController()
  readonly #redactor = new Redactor()
  readonly #transport: Transport
  readonly #pager: Pager
  readonly #prefetcher: PagePrefetcher
  readonly #recordLimiter: RecordLimiter

  constructor(options: SourceOptions, listener: Listener, msPerSecond = 1000) {
    this.#options = options
    this.#listener = listener
    const { fetch, agent, requestTimeout, maxPageBytes, paginationTimeout, maxPaginationTimeout, prefetch } = options
    this.#transport = new Transport({ fetch, agent, timeoutMs: requestTimeout, maxBytes: maxPageBytes })
    const keepAlive = new ScrollKeepAlive({ paginationTimeout, maxPaginationTimeout, msPerSecond })
    this.#pager = this.#createPager(keepAlive)
    this.#prefetcher = new PagePrefetcher(this.#pager, {
      prefetch,
      keepAlive,
      onEarlyFetch: () => this.#warnKeepAliveExtended(),
    })
    this.#recordLimiter = new RecordLimiter(this.#prefetcher, options.maxRecords)
  }

  get reportId(): string {
    return this.#options.reportId
  }

  /** True if there are more records than `maxRecords`. */
  get isCapped(): boolean {
    return this.#recordLimiter.isCapped
  }

  /** Returns the next page, or `undefined` after the last. Rejects after `close`, because a closed export is not complete. */
  async next(): Promise<FetchedPage | undefined> {
    this.#abortController.signal.throwIfAborted()
    return this.#recordLimiter.next()
  }

  /** Aborts the running request and closes the connections. */
  close(): void {
    this.#abortController.abort()
    this.#prefetcher.close()
    this.#transport.close()
  }

  #createPager(keepAlive: ScrollKeepAlive): Pager {
    const { baseUrl, reportId, recovery, maxRestarts, retry, limit, maxRecords, verifyTotal } = this.#options
    const shared = { retry, redactor: this.#redactor, signal: this.#abortController.signal }
    const registerSecret = (cursor: string) => this.#redactor.register(cursor)
    return new Pager(
      { ...shared, reportId, recovery, maxRestarts, stats: this.stats, notify: this.#notify },
      {
        client: this.#createClient(),
        url: buildApiUrl(baseUrl, `export/report/${encodeURIComponent(reportId)}/result/json`),
        limit,
        verifyTotal,
        maxRecords,
        keepAlive,
        deduplicator: new KeyDeduplicator(),
        consistencyChecker: new ConsistencyChecker(retry.maxDelay),
        registerSecret,
        scanner: new ArrayScanner(recordMapping),
      },
    )
  }

  #createClient(): Client {
    const { accessToken, tokenIn, headers, timezone, retry } = this.#options
    return new Client({
      transport: this.#transport,
      accessToken,
      tokenIn,
      headers: timezone === null ? headers : { ...headers, 'x-optimize-client-timezone': timezone },
      retry,
      redactor: this.#redactor,
      signal: this.#abortController.signal,
      onRetry: (retried) => this.#countRetry(retried),
    })
  }

  readonly #notify: Listener = (event, payload) => {
    if (isPublished(event)) publish(event, this.#options.reportId, payload as object)
    this.#listener(event, payload)
  }

  #countRetry({ attempt, delay, failure: { code, status, message } }: Retry): void {
    this.stats.retries++
    const reason = this.#redactor.redact(message)
    this.#notify('retry', { page: this.#pager.pageNumber, attempt, delay, code, status, reason })
  }

  #warnKeepAliveExtended(): void {
    const message = 'the sink is slower than the keep-alive: the next page was fetched early, with a longer keep-alive'
    this.#notify('warning', { code: 'LEASE_EXTENDED', message })
  }
}

// Puts the source of an export together, from requests to pages. The one place that counts, publishes and emits its events.
import { isPublished, publish } from './diagnostics.js'
import { Client, type Retry } from './http/client.js'
import { Secrets } from './http/secrets.js'
import { Transport } from './http/transport.js'
import { Agreement } from './pages/agreement.js'
import { Lease } from './pages/lease.js'
import { Lookahead } from './pages/lookahead.js'
import { MaxRecords } from './pages/max-records.js'
import { Pager, type FetchedPage, type PageSource } from './pages/pager.js'
import { newTally, type Listener, type Tally } from './pages/progress.js'
import { SeenSet } from './pages/seen-set.js'
import { ArrayScanner } from './scan/array-scanner.js'
import { recordLevel } from './scan/shape.js'
import { apiUrl, type SourceOptions } from './source-options.js'

/** The pages of one report, until it is closed. */
export class OpenReport implements PageSource {
  readonly tally: Tally = newTally()
  readonly #options: SourceOptions
  readonly #listener: Listener
  readonly #abort = new AbortController()
  readonly #secrets = new Secrets()
  readonly #transport: Transport
  readonly #pager: Pager
  readonly #lookahead: Lookahead
  readonly #limited: MaxRecords

  constructor(options: SourceOptions, listener: Listener, msPerSecond = 1000) {
    this.#options = options
    this.#listener = listener
    const { fetch, agent, requestTimeout, maxPageBytes, paginationTimeout, maxPaginationTimeout, prefetch } = options
    this.#transport = new Transport({ fetch, agent, timeoutMs: requestTimeout, maxBytes: maxPageBytes })
    const lease = new Lease({ paginationTimeout, maxPaginationTimeout, msPerSecond })
    this.#pager = this.#openPager(lease)
    this.#lookahead = new Lookahead(this.#pager, { prefetch, lease, onEarly: () => this.#warnOfLease() })
    this.#limited = new MaxRecords(this.#lookahead, options.maxRecords)
  }

  get reportId(): string {
    return this.#options.reportId
  }

  /** There are more records than `maxRecords`. */
  get capped(): boolean {
    return this.#limited.capped
  }

  /** Rejects once it is closed: an export that was cut short is not at its end. */
  async next(): Promise<FetchedPage | undefined> {
    this.#abort.signal.throwIfAborted()
    return this.#limited.next()
  }

  /** Aborts the request in flight and lets go of the connections. */
  close(): void {
    this.#abort.abort()
    this.#lookahead.close()
    this.#transport.close()
  }

  #openPager(lease: Lease): Pager {
    const { baseUrl, reportId, recovery, maxRestarts, retry, limit, maxRecords, verifyTotal } = this.#options
    const shared = { retry, secrets: this.#secrets, signal: this.#abort.signal }
    const keepSecret = (cursor: string) => this.#secrets.keep(cursor)
    return new Pager(
      { ...shared, reportId, recovery, maxRestarts, tally: this.tally, notify: this.#notify },
      {
        client: this.#openClient(),
        url: apiUrl(baseUrl, `export/report/${encodeURIComponent(reportId)}/result/json`),
        limit,
        verifyTotal,
        maxRecords,
        lease,
        seen: new SeenSet(),
        agreement: new Agreement(retry.maxDelay),
        keepSecret,
        scanner: new ArrayScanner(recordLevel),
      },
    )
  }

  #openClient(): Client {
    const { accessToken, tokenIn, headers, timezone, retry } = this.#options
    return new Client({
      transport: this.#transport,
      accessToken,
      tokenIn,
      headers: timezone === null ? headers : { ...headers, 'x-optimize-client-timezone': timezone },
      retry,
      secrets: this.#secrets,
      signal: this.#abort.signal,
      onRetry: (retried) => this.#countRetry(retried),
    })
  }

  readonly #notify: Listener = (event, payload) => {
    if (isPublished(event)) publish(event, this.#options.reportId, payload as object)
    this.#listener(event, payload)
  }

  #countRetry({ attempt, delay, failure: { code, status, message } }: Retry): void {
    this.tally.retries++
    const reason = this.#secrets.mask(message)
    this.#notify('retry', { page: this.#pager.pageNumber, attempt, delay, code, status, reason })
  }

  #warnOfLease(): void {
    const message =
      'the sink is slower than the lease: the next page was fetched early and is held, with a longer lease'
    this.#notify('warning', { code: 'LEASE_EXTENDED', message })
  }
}

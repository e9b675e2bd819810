// When the next page is fetched: on demand, up to `prefetch` pages ahead of it, or, when a lease is about to run out, one
// page early. Never two requests at once.
import type { ScrollKeepAlive } from './scroll-keep-alive.js'
import type { FetchedPage, PageSource } from './pager.js'

export interface PagePrefetcherOptions {
  /** Pages fetched ahead of demand. */
  readonly prefetch: number
  readonly keepAlive: ScrollKeepAlive
  /** A page came early, since the lease had nearly run out. */
  readonly onEarlyFetch: () => void
}

type Settled = { readonly page: FetchedPage | undefined } | { readonly error: unknown }

export class PagePrefetcher implements PageSource {
  readonly #source: PageSource
  readonly #options: PagePrefetcherOptions
  readonly #ready: Settled[] = []
  #fetching: Promise<void> | undefined
  #hasEnded = false
  #earlyFetchTimer: NodeJS.Timeout | undefined
  #deliveredAt: number | undefined

  constructor(source: PageSource, options: PagePrefetcherOptions) {
    this.#source = source
    this.#options = options
  }

  /** The next page; asking for it says that the one before has drained. */
  async next(): Promise<FetchedPage | undefined> {
    this.#noteDrained()
    if (this.#ready.length === 0) {
      this.#fetch()
      await this.#fetching
    }
    const settled = this.#ready.shift()
    if (settled === undefined) return undefined
    if ('error' in settled) throw settled.error
    this.#deliveredAt = Date.now()
    this.#continueFetching()
    return settled.page
  }

  /** Fetches nothing more on its own. */
  close(): void {
    this.#hasEnded = true
    clearTimeout(this.#earlyFetchTimer)
  }

  #noteDrained(): void {
    clearTimeout(this.#earlyFetchTimer)
    if (this.#deliveredAt !== undefined) this.#options.keepAlive.noteDrained(Date.now() - this.#deliveredAt)
  }

  /** Starts to fetch a page unless one is on its way; what comes waits until it is asked for. */
  #fetch(onPage?: () => void): void {
    if (this.#fetching || this.#hasEnded) return
    this.#fetching = this.#source
      .next()
      .then(
        (page) => {
          this.#settle({ page }, page === undefined)
          if (page) onPage?.()
        },
        (error: unknown) => this.#settle({ error }, true),
      )
      .finally(() => {
        this.#fetching = undefined
        this.#continueFetching()
      })
  }

  #settle(settled: Settled, isLast: boolean): void {
    this.#hasEnded ||= isLast
    this.#ready.push(settled)
  }

  /** Fetches ahead; with enough in hand, watches that the lease does not run out meanwhile. */
  #continueFetching(): void {
    clearTimeout(this.#earlyFetchTimer)
    const surplus = this.#ready.length - this.#options.prefetch
    if (surplus < 0) this.#fetch()
    else if (surplus === 0 && !this.#hasEnded) this.#scheduleEarlyFetch()
  }

  #scheduleEarlyFetch(): void {
    this.#earlyFetchTimer = setTimeout(
      () => this.#fetchEarly(),
      this.#options.keepAlive.getMsUntilEarlyFetch(Date.now()),
    )
    this.#earlyFetchTimer.unref()
  }

  #fetchEarly(): void {
    const { keepAlive, onEarlyFetch } = this.#options
    keepAlive.noteEarlyFetch()
    this.#fetch(onEarlyFetch)
  }
}

// Decides when the next page is fetched: on demand, up to `prefetch` pages ahead, or one page early if the keep-alive is about
// to expire. Two requests never run at the same time (docs/server.md 3.4).
import type { SearchKeepAlive } from './search-keep-alive.js'
import type { FetchedPage, PageSource } from './pager.js'

export interface PagePrefetcherOptions {
  readonly prefetch: number
  readonly keepAlive: SearchKeepAlive
  /** Called when a page was fetched early because the keep-alive had nearly expired. `isExtended`: the keep-alive is longer now. */
  readonly onEarlyFetch: (isExtended: boolean) => void
}

type FetchOutcome = { readonly page: FetchedPage | undefined } | { readonly error: unknown }

export class PagePrefetcher implements PageSource {
  readonly #source: PageSource
  readonly #options: PagePrefetcherOptions
  readonly #ready: FetchOutcome[] = []
  #fetching: Promise<void> | undefined
  #hasEnded = false
  #earlyFetchTimer: NodeJS.Timeout | undefined
  #returnedAt: number | undefined

  constructor(source: PageSource, options: PagePrefetcherOptions) {
    this.#source = source
    this.#options = options
  }

  /** Called when the sink needs the next page. */
  async next(): Promise<FetchedPage | undefined> {
    this.#noteDrained()
    if (this.#ready.length === 0) {
      this.#fetch()
      await this.#fetching
    }
    const outcome = this.#ready.shift()
    if (outcome === undefined) return undefined
    if ('error' in outcome) throw outcome.error
    this.#returnedAt = Date.now()
    this.#continueFetching()
    return outcome.page
  }

  close(): void {
    this.#hasEnded = true
    clearTimeout(this.#earlyFetchTimer)
  }

  #noteDrained(): void {
    clearTimeout(this.#earlyFetchTimer)
    if (this.#returnedAt !== undefined) this.#options.keepAlive.noteDrained(Date.now() - this.#returnedAt)
  }

  /** Starts to fetch a page, unless one is being fetched or there are no more. `next` takes the result from `#ready`. */
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

  #settle(outcome: FetchOutcome, isLast: boolean): void {
    this.#hasEnded ||= isLast
    this.#ready.push(outcome)
  }

  /** Fetches ahead. If enough pages are ready, sets a timer for the early fetch before the keep-alive expires. */
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
    const { requestedSeconds } = keepAlive
    keepAlive.noteEarlyFetch()
    this.#fetch(() => onEarlyFetch(keepAlive.requestedSeconds > requestedSeconds))
  }
}

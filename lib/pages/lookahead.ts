// When the next page is fetched: on demand, up to `prefetch` pages ahead of it, or, when a lease is about to run out, one
// page early. Never two requests at once.
import type { Lease } from './lease.js'
import type { FetchedPage, PageSource } from './pager.js'

export interface LookaheadOptions {
  /** Pages fetched ahead of demand. */
  readonly prefetch: number
  readonly lease: Lease
  /** A page came early, since the lease had nearly run out. */
  readonly onEarly: () => void
}

type Settled = { readonly page: FetchedPage | undefined } | { readonly error: unknown }

export class Lookahead implements PageSource {
  readonly #source: PageSource
  readonly #options: LookaheadOptions
  readonly #ready: Settled[] = []
  #fetching: Promise<void> | undefined
  #ended = false
  #lastCall: NodeJS.Timeout | undefined
  #takenAt: number | undefined

  constructor(source: PageSource, options: LookaheadOptions) {
    this.#source = source
    this.#options = options
  }

  /** The next page; asking for it says that the one before has drained. */
  async next(): Promise<FetchedPage | undefined> {
    this.#drained()
    if (this.#ready.length === 0) {
      this.#fetch()
      await this.#fetching
    }
    const settled = this.#ready.shift()
    if (settled === undefined) return undefined
    if ('error' in settled) throw settled.error
    this.#takenAt = Date.now()
    this.#goOn()
    return settled.page
  }

  /** Fetches nothing more on its own. */
  close(): void {
    this.#ended = true
    clearTimeout(this.#lastCall)
  }

  #drained(): void {
    clearTimeout(this.#lastCall)
    if (this.#takenAt !== undefined) this.#options.lease.drained(Date.now() - this.#takenAt)
  }

  /** Starts to fetch a page unless one is on its way; what comes waits until it is asked for. */
  #fetch(onPage?: () => void): void {
    if (this.#fetching || this.#ended) return
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
        this.#goOn()
      })
  }

  #settle(settled: Settled, isLast: boolean): void {
    this.#ended ||= isLast
    this.#ready.push(settled)
  }

  /** Fetches ahead; with enough in hand, watches that the lease does not run out meanwhile. */
  #goOn(): void {
    clearTimeout(this.#lastCall)
    const more = this.#ready.length - this.#options.prefetch
    if (more < 0) this.#fetch()
    else if (more === 0 && !this.#ended) this.#watchLease()
  }

  #watchLease(): void {
    this.#lastCall = setTimeout(() => this.#fetchEarly(), this.#options.lease.untilLastCall(Date.now()))
    this.#lastCall.unref()
  }

  #fetchEarly(): void {
    const { lease, onEarly } = this.#options
    lease.nearlyLost()
    this.#fetch(onEarly)
  }
}

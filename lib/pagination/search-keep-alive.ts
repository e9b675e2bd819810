// Computes the keep-alive of the server's search context. A context expires this long after the last request (docs/server.md 3.8).
// Without `prefetch`, the time between two requests is about the drain time of a page.
import { MAX_TIMER_MS } from '../shared/units.js'

export interface KeepAliveOptions {
  /** The first keep-alive in seconds. */
  readonly paginationTimeout: number
  /** The longest keep-alive in seconds. */
  readonly maxPaginationTimeout: number
  /** The length of a second in milliseconds; tests make it shorter, here and in the fake server. */
  readonly secondMs: number
}

/** If a page needs more than this share of the keep-alive to drain, the keep-alive is extended. */
const MAX_DRAIN_SHARE = 0.5
/** The keep-alive for a slow sink is the drain time of a page multiplied by this factor. */
const DRAIN_TIME_FACTOR = 4
/** The share of the keep-alive after which the next page is fetched early. */
const EARLY_FETCH_SHARE = 0.8
/** The factor by which a keep-alive that nearly expired is extended. It is large, because the drain time is not known yet. */
const EARLY_FETCH_GROWTH = 10

export class SearchKeepAlive {
  readonly #options: KeepAliveOptions
  #seconds: number
  /** The longest keep-alive to request: the option; after a refusal, the longest accepted one. */
  #maxSeconds: number
  /** The longest keep-alive that the server has accepted; 0 before its first answer. */
  #acceptedSeconds = 0
  #requestedSeconds: number
  #requestedAt = 0

  constructor(options: KeepAliveOptions) {
    this.#options = options
    this.#seconds = options.paginationTimeout
    this.#requestedSeconds = options.paginationTimeout
    this.#maxSeconds = options.maxPaginationTimeout
  }

  /** The keep-alive for the next request, in seconds. */
  get seconds(): number {
    return this.#seconds
  }

  /** The keep-alive of the last request, in seconds. */
  get requestedSeconds(): number {
    return this.#requestedSeconds
  }

  /** Notes that a request is sent now; the keep-alive is counted from here. */
  noteRequest(now: number): void {
    this.#requestedAt = now
    this.#requestedSeconds = this.#seconds
  }

  noteAccepted(): void {
    this.#acceptedSeconds = Math.max(this.#acceptedSeconds, this.#requestedSeconds)
  }

  /**
   * Notes that the server refused the last request. Returns the seconds to use from now on; `undefined` if the server has not accepted any
   * keep-alive yet, or has accepted one that is at least as long as the refused one, so that the keep-alive cannot be the reason.
   */
  returnToAccepted(): number | undefined {
    if (this.#acceptedSeconds === 0 || this.#requestedSeconds <= this.#acceptedSeconds) return undefined
    this.#maxSeconds = this.#acceptedSeconds
    this.#seconds = this.#acceptedSeconds
    return this.#acceptedSeconds
  }

  noteDrained(ms: number): void {
    const seconds = ms / this.#options.secondMs
    if (seconds > this.#seconds * MAX_DRAIN_SHARE) this.#extendTo(Math.ceil(seconds * DRAIN_TIME_FACTOR))
  }

  noteEarlyFetch(): void {
    this.#extendTo(this.#seconds * EARLY_FETCH_GROWTH)
  }

  getMsUntilEarlyFetch(now: number): number {
    return Math.min(
      MAX_TIMER_MS,
      Math.max(0, this.#requestedAt + this.#requestedSeconds * EARLY_FETCH_SHARE * this.#options.secondMs - now),
    )
  }

  #extendTo(seconds: number): void {
    this.#seconds = Math.min(this.#maxSeconds, Math.max(this.#seconds, seconds))
  }
}

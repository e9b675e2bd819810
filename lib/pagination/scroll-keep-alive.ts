// The keep-alive of the server's search context. A context lives paginationTimeout seconds after each request, so what counts
// is the time between two requests: how long a page takes to drain into the sink.

export interface KeepAliveOptions {
  /** Seconds asked for at first. */
  readonly paginationTimeout: number
  /** Seconds asked for at most. */
  readonly maxPaginationTimeout: number
  /** Milliseconds of a second; tests shorten it together with the server's. */
  readonly msPerSecond: number
}

/** A page that took this share of the lease to drain asks for a longer one. */
const MAX_DRAIN_SHARE = 0.5
/** The keep-alive that a slow sink needs, in drain times. */
const HEADROOM_DRAIN_TIMES = 4
/** The share of the lease after which the next page is fetched early. */
const EARLY_FETCH_SHARE = 0.8
/** The factor by which a lease grows that nearly ran out: how slow the sink is, is not known by then. */
const EARLY_FETCH_GROWTH = 10
/** setTimeout fires at once for more. */
const MAX_TIMER_MS = 2 ** 31 - 1

export class ScrollKeepAlive {
  readonly #options: KeepAliveOptions
  #seconds: number
  /** The longest lease that is asked for: shorter than the option says once the server has refused that much. */
  #maxSeconds: number
  /** The longest that the server has accepted; 0 before its first answer. */
  #acceptedSeconds = 0
  /** Asked for last, which is what the server grants; `#seconds` may have grown since. */
  #grantedSeconds: number
  #requestedAt = 0

  constructor(options: KeepAliveOptions) {
    this.#options = options
    this.#seconds = options.paginationTimeout
    this.#grantedSeconds = options.paginationTimeout
    this.#maxSeconds = options.maxPaginationTimeout
  }

  /** Seconds to ask for with the next request. */
  get seconds(): number {
    return this.#seconds
  }

  /** A request leaves: the lease runs from here at the latest. */
  noteRequest(now: number): void {
    this.#requestedAt = now
    this.#grantedSeconds = this.#seconds
  }

  /** The request was answered with a page. */
  noteAccepted(): void {
    this.#acceptedSeconds = Math.max(this.#acceptedSeconds, this.#grantedSeconds)
  }

  /**
   * The server answered the request with a refusal. If it asked for more than was ever accepted, that may be the reason: from
   * now on no more is asked for than what was accepted. Returns those seconds, or undefined if the lease is not the reason.
   */
  noteRefused(): number | undefined {
    if (this.#acceptedSeconds === 0 || this.#grantedSeconds <= this.#acceptedSeconds) return undefined
    this.#maxSeconds = this.#acceptedSeconds
    this.#seconds = this.#acceptedSeconds
    return this.#acceptedSeconds
  }

  /** The sink took this many milliseconds for a page. */
  noteDrained(ms: number): void {
    const seconds = ms / this.#options.msPerSecond
    if (seconds > this.#seconds * MAX_DRAIN_SHARE) this.#extendTo(Math.ceil(seconds * HEADROOM_DRAIN_TIMES))
  }

  /** The next page is being fetched early, since the lease nearly ran out. */
  noteEarlyFetch(): void {
    this.#extendTo(this.#seconds * EARLY_FETCH_GROWTH)
  }

  /** Milliseconds from now until the next page must be fetched early. */
  getMsUntilEarlyFetch(now: number): number {
    return Math.min(
      MAX_TIMER_MS,
      Math.max(0, this.#requestedAt + this.#grantedSeconds * EARLY_FETCH_SHARE * this.#options.msPerSecond - now),
    )
  }

  #extendTo(seconds: number): void {
    this.#seconds = Math.min(this.#maxSeconds, Math.max(this.#seconds, seconds))
  }
}

// Limits the requests to one server: how many jobs read from the server, and a pause for all of them when the server is overloaded.
import { setTimeout as sleep } from 'node:timers/promises'
import type { AccessToken, TokenContext } from '../../../index.js'

/** The time and the timer; a test replaces them. */
export interface Clock {
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
}

/** The first pause, unless `retry-min-delay` is given or the server asks for a longer one. Each further overload doubles the pause. */
const FIRST_PAUSE_MS = 1000
const MAX_PAUSE_MS = 60_000
/** The longest wait of a request. It must be shorter than 60 s, the shortest time for which a search is kept alive. */
const MAX_REQUEST_WAIT_MS = 20_000

export class ServerLimiter {
  readonly #clock: Clock
  #maxJobs: number
  #running = 0
  #overloads = 0
  #pauseEndsAt = 0

  constructor(maxJobs: number, clock: Clock = systemClock) {
    this.#maxJobs = maxJobs
    this.#clock = clock
  }

  restrictJobs(maxJobs: number): void {
    this.#maxJobs = Math.min(this.#maxJobs, maxJobs)
  }

  /** True if one more job may start. While the server is overloaded, a job may start only if no other one runs. */
  get canStartJob(): boolean {
    return this.#running < (this.#overloads > 0 ? 1 : this.#maxJobs) && this.pauseMs === 0
  }

  get pauseMs(): number {
    return Math.max(0, this.#pauseEndsAt - this.#clock.now())
  }

  recordStart(): void {
    this.#running++
  }

  recordEnd(): void {
    this.#running--
  }

  /** Begins a pause, because the server answered 429 or 503. */
  recordOverload(delayMs: number, firstPauseMs = FIRST_PAUSE_MS): void {
    const pause = Math.max(delayMs, Math.min(MAX_PAUSE_MS, firstPauseMs * 2 ** this.#overloads))
    this.#overloads = Math.min(this.#overloads + 1, MAX_DOUBLINGS)
    this.#pauseEndsAt = Math.max(this.#pauseEndsAt, this.#clock.now() + pause)
  }

  /** Restores the limit, because the server sent a page. */
  recordPage(): void {
    this.#overloads = 0
  }

  /** Returns a token function that first waits for the end of a pause, or for a part of it. Requests wait, because each needs the token. */
  createWaitingToken(accessToken: AccessToken, requestTimeoutMs: number): AccessToken {
    const maxWaitMs = Math.min(MAX_REQUEST_WAIT_MS, requestTimeoutMs / 2)
    return async (context: TokenContext) => {
      const ms = Math.min(this.pauseMs, maxWaitMs)
      if (ms > 0) await this.#clock.sleep(ms, context.signal)
      return typeof accessToken === 'string' ? accessToken : accessToken(context)
    }
  }
}

/** The pause is doubled at most this many times, so that the factor stays finite. */
const MAX_DOUBLINGS = 16

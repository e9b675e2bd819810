// A clock that a test moves: Date.now() and setTimeout() of this process.
import type { Test } from 'tap'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** The time at which every clock starts, in milliseconds. */
const START_MS = Date.UTC(2026, 0, 1)

export class FakeClock {
  #now = START_MS
  readonly #timers = new Set<Timer>()

  readonly now = (): number => this.#now

  /** Moves the clock, from timer to timer. `settle` is called first and after each timer; it waits for the work that has begun. */
  async pass(ms: number, settle: () => Promise<void>): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#timers.delete(timer)
      this.#now = Math.max(this.#now, timer.at)
      timer.run()
      await settle()
    }
    this.#now = end
  }

  readonly setTimeout = (run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => {
    const timer = { at: this.#now + ms, run: () => run(...given), unref: () => timer, ref: () => timer }
    this.#timers.add(timer)
    return timer
  }

  /** Returns whether the timer was one of this clock. */
  clear(timer: unknown): boolean {
    return this.#timers.delete(timer as Timer)
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end)
    return due.sort((one, other) => one.at - other.at)[0]
  }
}

/** Replaces the clock of this process until the end of the test. */
export function startFakeClock(t: Pick<Test, 'teardown'>): FakeClock {
  const clock = new FakeClock()
  const { setTimeout, clearTimeout } = globalThis
  const { now } = Date
  globalThis.setTimeout = clock.setTimeout as unknown as typeof setTimeout
  globalThis.clearTimeout = (timer) => {
    if (!clock.clear(timer)) clearTimeout(timer)
  }
  Date.now = clock.now
  t.teardown(() => {
    Object.assign(globalThis, { setTimeout, clearTimeout })
    Date.now = now
  })
  return clock
}

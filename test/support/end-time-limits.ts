// Time limits of requests that do not depend on how fast the machine is.
import type { FakeOptimize } from '../../lib/testing/index.js'

/** The value for `requestTimeout`: longer than any test, and different from any other timer. */
export const REQUEST_TIMEOUT = 86_399_000

/** Long enough for an answer that has begun to arrive. */
const AFTER_ARRIVAL_MS = 30

/**
 * From now on a limit of {@link REQUEST_TIMEOUT} is over soon after the server has received the request, if the server answers
 * it with a fault; any other request has all the time it needs. Returns a function that puts the timers back.
 */
export function endTimeLimitsAtFaults({ requests }: FakeOptimize): () => void {
  const real = globalThis.setTimeout
  const strikes = new Set<number>()
  let end = (): void => undefined
  const replaced = (run: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
    if (ms === REQUEST_TIMEOUT) end = run
    return real(() => run(...given), ms)
  }
  globalThis.setTimeout = replaced as typeof setTimeout
  const watch = setInterval(() => {
    const last = requests.at(-1)
    if (last?.fault === undefined || strikes.has(last.number)) return
    strikes.add(last.number)
    real(end, AFTER_ARRIVAL_MS)
  }, 5)
  return () => {
    clearInterval(watch)
    globalThis.setTimeout = real
  }
}

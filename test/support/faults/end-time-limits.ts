// Ends the time limits of requests without waiting for them, so that tests do not depend on how fast the machine is.
import { drainEventLoopTurns } from '../machine/event-loop-turns.js'
import type { FaultKind } from '../../../lib/testing/index.js'
import type { WatchedServer } from '../servers/watched-server.js'

/** The value for `requestTimeout`: longer than any test, and different from any other timer. */
export const REQUEST_TIMEOUT = 86_399_000

/** Which limits end, and when. */
export interface TimeLimitOptions {
  /** The limit to end. Two servers need different limits, and a server may get only one request at a time with its limit. */
  readonly timeout?: number
  /** The faults that end the limit. @default all */
  readonly kinds?: readonly FaultKind[]
}

/**
 * Replaces the timers: from now on, the time limit of a request ends soon after the server has received the request, if the server
 * answers it with a fault. Any other request has all the time that it needs. Returns a function that restores the timers.
 */
export function endTimeLimitsAtFaults(
  server: WatchedServer,
  { timeout = REQUEST_TIMEOUT, kinds }: TimeLimitOptions = {},
): () => void {
  const real = globalThis.setTimeout
  let end = (): void => undefined
  const replaced = (run: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
    if (ms === timeout) end = run
    return real(() => run(...given), ms)
  }
  globalThis.setTimeout = replaced as typeof setTimeout
  const watch = async () => {
    for (let number = server.requests.length + 1; ; number++) {
      await server.received(number)
      const { fault } = server.requests[number - 1]!
      if (fault !== undefined && (kinds?.includes(fault) ?? true)) void endAfterHead(end)
    }
  }
  void watch()
  return () => {
    globalThis.setTimeout = real
  }
}

/** Ends a limit after the head of the answer has arrived, if the server sends one. */
async function endAfterHead(end: () => void): Promise<void> {
  await drainEventLoopTurns()
  end()
}

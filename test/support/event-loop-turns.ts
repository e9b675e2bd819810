// Turns of the event loop instead of time, for tests that show that something does not happen.
import { setImmediate as turn } from 'node:timers/promises'

/** More than what a request to a server in this process, or a call of the file system, takes to begin. */
const TURNS = 200

/** Lets so many turns of the event loop pass. What has not begun by then waits for something else, however busy the machine is. */
export async function drainEventLoopTurns(turns = TURNS): Promise<void> {
  for (let at = 0; at < turns; at++) await turn()
}

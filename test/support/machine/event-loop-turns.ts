// Waits for turns of the event loop instead of a time, for tests that show that something does not happen.
import { setImmediate as turn } from 'node:timers/promises'

/** More turns than a request to a server in this process, or a call to the file system, needs until it begins. */
const TURNS = 200

/** Lets this many turns of the event loop pass. Work that has not begun by then waits for something else, even on a busy machine. */
export async function drainEventLoopTurns(turns = TURNS): Promise<void> {
  for (let at = 0; at < turns; at++) await turn()
}

// An encoder's work is done in slices, so that whatever else the process has to do gets its turn. By the clock: the first
// rows, whose code is not compiled yet, take twenty times as long as later ones.
import { setImmediate } from 'node:timers/promises'

/** Milliseconds of work between two turns of the event loop. */
const SLICE_MS = 10

/** Tells when it is time for a pause. */
export class Breath {
  #since = performance.now()

  /** Resolves after a turn of the event loop; undefined where the last one was just now. */
  pause(): Promise<void> | undefined {
    return performance.now() - this.#since < SLICE_MS ? undefined : this.take()
  }

  /** Takes a turn whatever the clock says. */
  async take(): Promise<void> {
    await setImmediate()
    this.#since = performance.now()
  }
}

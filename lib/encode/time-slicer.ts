// An encoder's work is done in slices, so that whatever else the process has to do gets its turn. By the clock: the first
// rows, whose code is not compiled yet, take twenty times as long as later ones.
import { setImmediate } from 'node:timers/promises'

/** Milliseconds of work between two turns of the event loop. */
const SLICE_MS = 10

/** Tells when it is time for a pause. */
export class TimeSlicer {
  #sliceStart = performance.now()

  /** Resolves at once, or after a turn of the event loop where the last pause was some time ago. */
  async yieldIfDue(): Promise<void> {
    if (performance.now() - this.#sliceStart < SLICE_MS) return
    await setImmediate()
    this.#sliceStart = performance.now()
  }
}

// Splits the work of an encoder into time slices. Between two slices the process can handle other events. The length of a slice is a time,
// not a number of rows, because the first rows take much longer than the later ones: V8 compiles the code only after some rows.
import { setImmediate } from 'node:timers/promises'

const SLICE_MS = 10

export class TimeSlicer {
  #sliceStart = performance.now()

  /** Resolves at once, or after one turn of the event loop if the time slice is used up. */
  async yieldIfDue(): Promise<void> {
    if (performance.now() - this.#sliceStart < SLICE_MS) return
    await setImmediate()
    this.#sliceStart = performance.now()
  }
}

// Runs one piece of work for all callers that wait for it. A caller that aborts stops waiting at once; when the last caller has
// stopped waiting, the work is aborted.
import { raceWithAbort } from '../../shared/abort.js'

interface Flight<T> {
  readonly result: Promise<T>
  readonly abortController: AbortController
  waiterCount: number
}

export class SingleFlight<T> {
  readonly #work: (signal: AbortSignal) => Promise<T>
  #flight: Flight<T> | undefined

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#work = work
  }

  async run(signal: AbortSignal = new AbortController().signal): Promise<T> {
    signal.throwIfAborted()
    const flight = (this.#flight ??= this.#start())
    flight.waiterCount++
    try {
      return await raceWithAbort(flight.result, signal)
    } finally {
      if (--flight.waiterCount === 0) this.#end(flight)
    }
  }

  #start(): Flight<T> {
    const abortController = new AbortController()
    return { result: this.#work(abortController.signal), abortController, waiterCount: 0 }
  }

  #end(flight: Flight<T>): void {
    if (this.#flight === flight) this.#flight = undefined
    flight.abortController.abort()
  }
}

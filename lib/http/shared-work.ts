// One piece of work that several callers wait for. A caller that gives up gets away at once; when the last has, the work is
// aborted.
import { unlessAborted } from './unless-aborted.js'

interface Running<T> {
  readonly result: Promise<T>
  readonly abort: AbortController
  waiting: number
}

export class SharedWork<T> {
  readonly #work: (signal: AbortSignal) => Promise<T>
  #running: Running<T> | undefined

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#work = work
  }

  /** Starts the work or joins the one that is running. Rejects with what `signal` was aborted for. */
  async join(signal: AbortSignal = new AbortController().signal): Promise<T> {
    signal.throwIfAborted()
    const running = (this.#running ??= this.#start())
    running.waiting++
    try {
      return await unlessAborted(running.result, signal)
    } finally {
      if (--running.waiting === 0) this.#end(running)
    }
  }

  #start(): Running<T> {
    const abort = new AbortController()
    return { result: this.#work(abort.signal), abort, waiting: 0 }
  }

  #end(running: Running<T>): void {
    if (this.#running === running) this.#running = undefined
    running.abort.abort()
  }
}

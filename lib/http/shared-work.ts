// One piece of work that several callers wait for; it is aborted when the last of them has gone.

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

  /** Starts the work or joins the one that is running. */
  async join(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    const running = (this.#running ??= this.#start())
    running.waiting++
    const leave = () => {
      if (--running.waiting > 0) return
      this.#running = undefined
      running.abort.abort()
    }
    signal?.addEventListener('abort', leave, { once: true })
    try {
      return await running.result
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  #start(): Running<T> {
    const abort = new AbortController()
    const running = { result: this.#work(abort.signal), abort, waiting: 0 }
    const done = () => {
      if (this.#running === running) this.#running = undefined
    }
    running.result.then(done, done)
    return running
  }
}

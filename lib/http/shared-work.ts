// One piece of work that several callers wait for. A caller that gives up gets away at once; when the last has, the work is
// aborted.

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
    let leave = () => {}
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        reject(signal.reason as Error)
        this.#leave(running)
      }
    })
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await Promise.race([running.result, left])
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  #leave(running: Running<T>): void {
    if (--running.waiting > 0) return
    this.#forget(running)
    running.abort.abort()
  }

  #forget(running: Running<T>): void {
    if (this.#running === running) this.#running = undefined
  }

  #start(): Running<T> {
    const abort = new AbortController()
    const running = { result: this.#work(abort.signal), abort, waiting: 0 }
    const forget = () => this.#forget(running)
    running.result.then(forget, forget)
    return running
  }
}

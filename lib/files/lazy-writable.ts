import { Writable, type WritableOptions } from 'node:stream'

/**
 * A Writable that opens its output when something is piped or written, so that an unused stream locks nothing. _construct() does not open
 * it, because destroy() waits for _construct(), and a FIFO may never get a reader.
 */
export abstract class LazyWritable<Output> extends Writable {
  protected readonly abortController = new AbortController()
  #opening: Promise<Output> | undefined
  #pendingWork: Promise<unknown> = Promise.resolve()

  constructor(options: WritableOptions) {
    super(options)
    this.once('pipe', () => void this.#start())
  }

  protected abstract open(signal: AbortSignal): Promise<Output>

  /** Closes the output, and removes what is not in place. Called when no work is running, also if the output was not opened. */
  protected abstract close(): Promise<void>

  protected abstract toError(step: string, cause: unknown): Error

  /** Opens the output if that was not done before, then does the work. */
  protected attempt(step: string, done: (error?: Error | null) => void, work: (output: Output) => Promise<void>): void {
    this.#pendingWork = this.#start().then(work)
    this.#pendingWork.then(
      () => done(),
      (cause: unknown) => done(this.toError(step, cause)),
    )
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const end = () => done(error)
    this.#pendingWork
      .catch(() => undefined)
      .then(() => this.close())
      .then(end, end)
  }

  #start(): Promise<Output> {
    if (this.#opening) return this.#opening
    this.#opening = this.open(this.abortController.signal)
    this.#pendingWork = this.#opening
    this.#opening.catch((cause: unknown) => this.destroy(this.toError('create', cause)))
    return this.#opening
  }
}

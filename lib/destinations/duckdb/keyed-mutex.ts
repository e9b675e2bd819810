// Lets one task at a time hold a key; the others wait in their order.
import { createAbortError, onAbort } from '../../shared/abort.js'

export class KeyedMutex<K> {
  readonly #tails = new Map<K, Promise<void>>()

  /**
   * Resolves when the caller holds the key, to the function that releases it. Rejects if the signal is aborted before that; then the
   * caller's turn is passed on.
   */
  async acquire(key: K, signal: AbortSignal): Promise<() => void> {
    const before = this.#tails.get(key)
    let release!: () => void
    const tail = new Promise<void>((resolve) => {
      release = () => {
        if (this.#tails.get(key) === tail) this.#tails.delete(key)
        resolve()
      }
    })
    this.#tails.set(key, tail)
    if (before && !(await isFirst(before, signal))) {
      void before.then(release)
      throw createAbortError(signal)
    }
    return release
  }
}

/** Resolves to true when the promise resolves, or to false when the signal is aborted. */
function isFirst(promise: Promise<void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const removeListener = onAbort(signal, () => resolve(false))
    void promise.then(() => {
      removeListener()
      resolve(true)
    })
  })
}

// Lets one task at a time hold a key; the others wait in their order.

export class KeyedMutex<K> {
  readonly #tails = new Map<K, Promise<void>>()

  /** Resolves when the caller holds the key, to the function that releases it. */
  async acquire(key: K): Promise<() => void> {
    const before = this.#tails.get(key)
    let release!: () => void
    const tail = new Promise<void>((resolve) => {
      release = () => {
        if (this.#tails.get(key) === tail) this.#tails.delete(key)
        resolve()
      }
    })
    this.#tails.set(key, tail)
    await before
    return release
  }
}

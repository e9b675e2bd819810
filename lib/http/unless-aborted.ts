// Work of others that may not mind a signal: a token function, a fetch of the caller's.

/** Settles as the work does, or rejects with the signal's reason once that is aborted; the work is then left behind. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort!: () => void
  const aborted = new Promise<never>((_, reject) => (abort = () => reject(signal.reason as Error)))
  signal.addEventListener('abort', abort, { once: true })
  try {
    if (signal.aborted) abort()
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

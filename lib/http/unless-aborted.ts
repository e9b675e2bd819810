// Work that may ignore its signal, such as a token function or a fetch function of the caller.
import { onAbort } from './on-abort.js'

/** Settles as the work does, or rejects with the signal's reason as soon as that is aborted; the work is then left behind. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let forget!: () => void
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(signal.reason as Error))
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    forget()
  }
}

/** A limit for the time that work takes. */
export interface TimeLimit {
  readonly ms: number
  /** Makes the error that the work is aborted with when the time is over. */
  readonly late: () => Error
}

/**
 * Runs work with a signal that is aborted when `given` is, or when the time is over. Settles as the work does; after an
 * abort it rejects with the reason of that abort, whatever the work does.
 */
export function withinTime<T>(
  given: AbortSignal,
  { ms, late }: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(late()), ms)
  // AbortSignal.any() takes several times as long, for every page
  const forget = onAbort(given, () => abort.abort(given.reason))
  return unlessAborted(work(abort.signal), abort.signal)
    .catch((error: unknown) => {
      abort.signal.throwIfAborted()
      throw error
    })
    .finally(() => {
      clearTimeout(timer)
      forget()
    })
}

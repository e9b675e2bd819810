// A limit of time for work that may ignore its signal: a request, a token function.
import { unlessAborted } from './unless-aborted.js'

/** How long work may take. */
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
  const forward = () => abort.abort(given.reason)
  given.addEventListener('abort', forward)
  if (given.aborted) forward()
  return unlessAborted(work(abort.signal), abort.signal)
    .catch((error: unknown) => {
      abort.signal.throwIfAborted()
      throw error
    })
    .finally(() => {
      clearTimeout(timer)
      given.removeEventListener('abort', forward)
    })
}

// Stops waiting for work that may ignore its signal, such as a token function or a fetch function of the caller.
import { onAbort } from './on-abort.js'

/** Settles like the work, or rejects with the signal's reason when the signal is aborted. The work itself is not stopped. */
export async function raceWithAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let removeListener!: () => void
  const whenAborted = new Promise<never>((_, reject) => {
    removeListener = onAbort(signal, () => reject(signal.reason as Error))
  })
  try {
    return await Promise.race([work, whenAborted])
  } finally {
    removeListener()
  }
}

/** A time limit for work. */
export interface TimeLimit {
  readonly ms: number
  /** Returns the error with which the work is aborted when the time is over. */
  readonly createTimeoutError: () => Error
}

/**
 * Runs work with a signal that is aborted when `callerSignal` is aborted or the time is over. Settles like the work; after
 * an abort it rejects with the reason of the abort, even if the work then succeeds.
 */
export function runWithTimeLimit<T>(
  callerSignal: AbortSignal,
  { ms, createTimeoutError }: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abortController = new AbortController()
  const timer = setTimeout(() => abortController.abort(createTimeoutError()), ms)
  // not AbortSignal.any(), because that takes several times as long, for every page
  const removeListener = onAbort(callerSignal, () => abortController.abort(callerSignal.reason))
  return raceWithAbort(work(abortController.signal), abortController.signal)
    .catch((error: unknown) => {
      abortController.signal.throwIfAborted()
      throw error
    })
    .finally(() => {
      clearTimeout(timer)
      removeListener()
    })
}

// Work that may ignore its signal, such as a token function or a fetch function of the caller.
import { onAbort } from './on-abort.js'

/** Settles as the work does, or rejects with the signal's reason as soon as that is aborted; the work is then left behind. */
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

/** A limit for the time that work takes. */
export interface TimeLimit {
  readonly ms: number
  /** Makes the error that the work is aborted with when the time is over. */
  readonly createTimeoutError: () => Error
}

/**
 * Runs work with a signal that is aborted when `given` is, or when the time is over. Settles as the work does; after an
 * abort it rejects with the reason of that abort, whatever the work does.
 */
export function runWithTimeLimit<T>(
  callerSignal: AbortSignal,
  { ms, createTimeoutError }: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abortController = new AbortController()
  const timer = setTimeout(() => abortController.abort(createTimeoutError()), ms)
  // AbortSignal.any() takes several times as long, for every page
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

// Reacts to the abort of a signal: calls a function, or stops waiting for work. The work, such as a token function or a fetch function of
// the caller, may ignore the signal.

interface SharedListener {
  readonly callbacks: Set<() => void>
  readonly forward: () => void
}

const sharedListeners = new WeakMap<AbortSignal, SharedListener>()

/**
 * Calls `callback` when the signal is aborted, or now if it is aborted already. Returns a function that removes the callback. All
 * callbacks of a signal share one listener, because Node warns of a leak from the eleventh listener on.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback()
  const { callbacks, forward } = sharedListeners.get(signal) ?? addSharedListener(signal)
  // a new function per call, so that the same callback can be added twice
  const entry = () => callback()
  callbacks.add(entry)
  return () => {
    callbacks.delete(entry)
    if (callbacks.size > 0) return
    signal.removeEventListener('abort', forward)
    sharedListeners.delete(signal)
  }
}

function addSharedListener(signal: AbortSignal): SharedListener {
  const callbacks = new Set<() => void>()
  const forward = () => [...callbacks].forEach((callback) => callback())
  signal.addEventListener('abort', forward, { once: true })
  const listener = { callbacks, forward }
  sharedListeners.set(signal, listener)
  return listener
}

/** Returns an AbortError as Node's own streams emit it. */
export function createAbortError({ reason }: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: reason })
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' })
}

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

export interface TimeLimit {
  readonly ms: number
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

// Adds one listener per signal, even if many exports share the signal, because Node warns of a leak from the eleventh listener on.

interface SharedListener {
  readonly callbacks: Set<() => void>
  readonly forward: () => void
}

const sharedListeners = new WeakMap<AbortSignal, SharedListener>()

/** Calls back when the signal is aborted; at once if it is aborted already. Returns a function that removes the callback. */
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

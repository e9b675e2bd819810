// One listener per signal, however many exports share it: Node warns of a leak from the eleventh on.

interface SharedListener {
  readonly callbacks: Set<() => void>
  readonly forward: () => void
}

const sharedListeners = new WeakMap<AbortSignal, SharedListener>()

/** Calls back when the signal is aborted, at once if it is already; returns a function that ends that. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback()
  const { callbacks, forward } = sharedListeners.get(signal) ?? addSharedListener(signal)
  // each caller has an entry of its own, also for the same function
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

/** The error of a stream that its signal has ended, in Node's form. */
export function createAbortError({ reason }: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: reason })
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' })
}

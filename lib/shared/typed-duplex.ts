// The events that every Duplex has, with the type of what it gives.
import type { Readable } from 'node:stream'

/** The events of a Duplex whose chunks are of type `T`, and the argument of their listeners; `undefined` is none. */
export interface DuplexEvents<T> {
  /** A chunk. */
  data: T
  /** All chunks were handed over. */
  end: undefined
  /** The failure that ends the stream: an {@link ExportError}, or what the stream was destroyed with. */
  error: Error
  /** Nothing more happens. */
  close: undefined
  /** More may be written. */
  drain: undefined
  /** All that was written is processed. */
  finish: undefined
  /** Another stream is piped to this one. */
  pipe: Readable
  /** Another stream is no longer piped to this one. */
  unpipe: Readable
  /** Chunks wait to be read. */
  readable: undefined
  /** `pause()` was called. */
  pause: undefined
  /** `resume()` was called. */
  resume: undefined
}

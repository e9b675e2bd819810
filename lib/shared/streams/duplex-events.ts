import type { Readable } from 'node:stream'

/** The events of a Duplex whose chunks are of type `T`, and the argument of their listeners; `undefined` means no argument. */
export interface DuplexEvents<T> {
  /** A chunk. */
  data: T
  /** All chunks were read. */
  end: undefined
  /** The failure that ends the stream: an {@link ExportError}, an {@link OptionError}, or the argument of `destroy()`. */
  error: Error
  /** The stream is closed; there are no more events. */
  close: undefined
  /** More chunks may be written. */
  drain: undefined
  /** All written chunks were processed. */
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

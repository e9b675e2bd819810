// Nothing is emitted after destroy().
import type { Readable } from 'node:stream'

/**
 * Makes a stream that is being destroyed give nothing more. Node goes on to emit what it has buffered until `close`, and an
 * adapter that has let go of the stream, such as `Readable.toWeb()`, then throws where no caller can catch it.
 */
export function silence(stream: Readable): void {
  stream.read = () => null
}

import type { Readable } from 'node:stream'

/**
 * Stops the data events of a stream that is being destroyed. Node emits buffered chunks until `close`, and an adapter that no longer
 * reads the stream, such as `Readable.toWeb()`, then throws an error that no caller can catch.
 */
export function stopDataEvents(stream: Readable): void {
  stream.read = () => null
}

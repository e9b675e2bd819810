// Frees the memory of ArrayBuffers at once. V8 would free it later, with one full garbage collection for each 10 to 20 MB (docs/adr/0064).
import { MessageChannel, type MessagePort } from 'node:worker_threads'

let portWithoutReceiver: MessagePort | undefined

/**
 * Frees the memory behind these bytes. The caller must be the last user of the memory, because every view of it is empty afterwards. The
 * memory is transferred to a port without a receiver, which drops it. Memory that Node.js does not transfer is left to V8.
 * Source: HTML, "message port post message steps".
 */
export function freeMemory(bytes: Iterable<Uint8Array | Int32Array>): void {
  portWithoutReceiver ??= createPortWithoutReceiver()
  const buffers = new Set(Array.from(bytes, ({ buffer }) => buffer as ArrayBuffer))
  try {
    portWithoutReceiver.postMessage(undefined, [...buffers])
  } catch {
    // V8 frees it later
  }
}

/** Returns whether the bytes fill their ArrayBuffer. If they do not, freeing the ArrayBuffer would also free other bytes. */
export const fillsArrayBuffer = (bytes: Uint8Array) => bytes.byteLength === bytes.buffer.byteLength

function createPortWithoutReceiver(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  port2.close()
  return port1
}

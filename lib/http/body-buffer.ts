// Collects the chunks of a body in one buffer. Each chunk is copied when it arrives, because a list of chunks would need the
// memory of the body twice, and only a full garbage collection would free it.
import { isUint8Array } from 'node:util/types'

const MIN_CAPACITY_BYTES = 64 * 1024
/** The capacity is the expected size times this factor, so that a slightly longer body is not copied. */
const EXPECTED_SIZE_MARGIN = 1.1

/** A buffer that grows. */
export class BodyBuffer {
  length = 0
  #bytes: Buffer

  /** @param expectedBytes the likely size of the body; 0 if unknown */
  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(MIN_CAPACITY_BYTES, Math.ceil(expectedBytes * EXPECTED_SIZE_MARGIN)))
  }

  /** Returns the bytes so far, without a copy. */
  get content(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  /** Appends a chunk. Checks its type, because a fetch function of the caller may give chunks of any type. */
  append(chunk: Uint8Array): void {
    if (!isUint8Array(chunk)) throw new TypeError('expected chunks of the body to be a Uint8Array')
    const length = this.length + chunk.length
    if (length > this.#bytes.length) this.#grow(Math.max(length, this.#bytes.length * 2))
    this.#bytes.set(chunk, this.length)
    this.length = length
  }

  #grow(capacity: number): void {
    const larger = Buffer.allocUnsafeSlow(capacity)
    larger.set(this.content)
    this.#bytes = larger
  }
}

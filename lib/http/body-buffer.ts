// A body as it arrives, in one piece. Chunks that are copied at once are garbage while they are young; kept until the end,
// they would take as much memory as the body again, and a collection of the whole heap to be freed.
import { isUint8Array } from 'node:util/types'

/** Room at first, where nothing is known of the body. */
const MIN_CAPACITY_BYTES = 64 * 1024
/** What a body may be longer than expected before it is copied. */
const EXPECTED_SIZE_MARGIN = 1.1

/** Bytes appended one after the other. */
export class BodyBuffer {
  length = 0
  #bytes: Buffer

  /** @param expectedBytes bytes that are likely to come */
  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(MIN_CAPACITY_BYTES, Math.ceil(expectedBytes * EXPECTED_SIZE_MARGIN)))
  }

  /** What was appended. */
  get content(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  /** Any fetch may be the user's own, so anything may come. */
  append(chunk: Uint8Array): void {
    if (!isUint8Array(chunk)) throw new TypeError('a chunk of the body is not bytes')
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

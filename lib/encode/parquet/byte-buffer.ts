// Bytes that grow, in one piece and outside V8's heap.

/** Bytes appended one after the other. */
export class ByteBuffer {
  length = 0
  #bytes: Buffer

  constructor(capacity = 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
  }

  /** What was appended, as a view that is good until the next change. */
  get content(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  appendUint32(value: number): void {
    this.#reserve(4)
    this.length = this.#bytes.writeUInt32LE(value, this.length)
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Forgets the bytes. */
  clear(): void {
    this.length = 0
  }

  #reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    larger.set(this.content)
    this.#bytes = larger
  }
}

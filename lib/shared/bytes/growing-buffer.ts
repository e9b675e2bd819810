/** Collects bytes in one piece of memory outside V8's heap. When this memory is full, a larger one replaces it. */
export class GrowingBuffer {
  length = 0
  #bytes: Buffer

  constructor(capacity = 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
  }

  /** The appended bytes, as a view that is valid until the next change. */
  get content(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  appendByte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.length++] = value
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

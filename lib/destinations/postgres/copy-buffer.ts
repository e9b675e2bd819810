// Bytes of COPY's binary format. A field is its length as a 32-bit integer, then its bytes; all numbers are big-endian.

const INITIAL_BYTES = 512 * 1024

/** A buffer that grows. */
export class CopyBuffer {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Returns the bytes so far and begins again. The caller owns them. */
  take(): Buffer {
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    return bytes
  }

  writeBytes(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#length += bytes.copy(this.#bytes, this.#length)
  }

  writeInt16(value: number): void {
    this.#reserve(2)
    this.#length = this.#bytes.writeInt16BE(value, this.#length)
  }

  writeInt32(value: number): void {
    this.#reserve(4)
    this.#length = this.#bytes.writeInt32BE(value, this.#length)
  }

  /** Writes a field of text. @param version a byte before the text */
  writeText(text: string, version?: number): void {
    // a UTF-16 unit has at most three bytes in UTF-8
    this.#reserve(5 + text.length * 3)
    const start = this.#length + 4
    if (version !== undefined) this.#bytes[start] = version
    const textStart = version === undefined ? start : start + 1
    const end = textStart + this.#bytes.write(text, textStart)
    this.#bytes.writeInt32BE(end - start, this.#length)
    this.#length = end
  }

  writeInt64(value: bigint): void {
    this.writeInt32(8)
    this.#reserve(8)
    this.#length = this.#bytes.writeBigInt64BE(value, this.#length)
  }

  writeDouble(value: number): void {
    this.writeInt32(8)
    this.#reserve(8)
    this.#length = this.#bytes.writeDoubleBE(value, this.#length)
  }

  writeBoolean(value: boolean): void {
    this.writeInt32(1)
    this.#reserve(1)
    this.#bytes[this.#length++] = value ? 1 : 0
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

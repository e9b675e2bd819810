// Bytes that grow, in one piece and outside V8's heap. What a column needed once is kept for its next row group, what it
// needs no more is given back.

import { copied, viewOf, type Viewed } from '../../scan/words.js'

/** Up to here a loop is faster than a call into Node. */
const FEW = 32
/** The same for a loop over words. */
const FEW_WORDS = 128
/** Capacity that is always kept. */
const KEPT = 16 * 1024

/** Bytes appended one after the other. */
export class ByteBuffer {
  length = 0
  #bytes: Buffer
  #view: DataView

  constructor(capacity = 64) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
    this.#view = viewOf(this.#bytes)
  }

  get bytes(): Buffer {
    return this.#bytes
  }

  get view(): DataView {
    return this.#view
  }

  /** What was appended, as a view that is good until the next change. */
  get content(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  appendByte(byte: number): void {
    this.reserve(1)
    this.bytes[this.length++] = byte
  }

  appendUint32(value: number): void {
    this.reserve(4)
    this.#view.setInt32(this.length, value, true)
    this.length += 4
  }

  appendVarint(value: number): void {
    let rest = value
    for (; rest > 127; rest >>>= 7) this.appendByte((rest & 127) | 128)
    this.appendByte(rest)
  }

  append(from: Uint8Array, start = 0, end = from.length): void {
    this.reserve(end - start)
    const { bytes, length } = this
    if (end - start > FEW) bytes.set(from.subarray(start, end), length)
    else for (let at = start; at < end; at++) bytes[length + at - start] = from[at]!
    this.length = length + end - start
  }

  /** The same, word by word where that is faster. */
  appendFrom({ bytes, view }: Viewed, start: number, end: number): void {
    this.reserve(end - start)
    if (end - start > FEW_WORDS) this.append(bytes, start, end)
    else this.length = copied(view, start, end, this.#view, this.length)
  }

  /** Makes room for so many bytes more. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed > this.bytes.length) this.#resize(Math.max(needed, this.bytes.length * 2))
  }

  /** Forgets the bytes; room that was hardly used is given back. */
  clear(): void {
    const used = this.length
    this.length = 0
    if (this.bytes.length > KEPT && this.bytes.length > used * 4) this.#resize(Math.max(used, KEPT))
  }

  #resize(capacity: number): void {
    const resized = Buffer.allocUnsafeSlow(capacity)
    resized.set(this.content)
    this.#bytes = resized
    this.#view = viewOf(resized)
  }
}

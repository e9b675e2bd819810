// The smallest and the largest value of a chunk, by which readers skip what cannot match: wrong bounds lose rows without an
// error. Text is in the order of its bytes, never of UTF-16.
import type { Bounds } from './page.js'

/** Statistics hold 16 bytes of a text; one more says whether there are more, and whether they begin within a character. */
const KEPT = 17

/** Bounds of text: of each as many bytes as it takes to write 16 of them. */
export class TextBounds {
  readonly #min = Buffer.alloc(KEPT)
  readonly #max = Buffer.alloc(KEPT)
  #minLength = -1
  #maxLength = -1

  widen(bytes: Uint8Array, start: number, end: number): void {
    const kept = Math.min(end, start + KEPT)
    if (this.#minLength < 0 || compared(bytes, start, kept, this.#min, this.#minLength) < 0) {
      copy(bytes, start, kept, this.#min)
      this.#minLength = kept - start
    }
    if (this.#maxLength < 0 || compared(bytes, start, kept, this.#max, this.#maxLength) > 0) {
      copy(bytes, start, kept, this.#max)
      this.#maxLength = kept - start
    }
  }

  take(): Bounds | undefined {
    if (this.#minLength < 0) return undefined
    const bounds = { min: this.#min.subarray(0, this.#minLength), max: this.#max.subarray(0, this.#maxLength) }
    this.#minLength = this.#maxLength = -1
    return bounds
  }
}

function compared(bytes: Uint8Array, start: number, end: number, bound: Uint8Array, length: number): number {
  const common = Math.min(end - start, length)
  for (let at = 0; at < common; at++) {
    const difference = bytes[start + at]! - bound[at]!
    if (difference !== 0) return difference
  }
  return end - start - length
}

function copy(bytes: Uint8Array, start: number, end: number, bound: Uint8Array): void {
  for (let at = start; at < end; at++) bound[at - start] = bytes[at]!
}

/** Bounds of values of eight bytes, given as two words of 32 bits. */
export interface WordBounds {
  widen(low: number, high: number): void
  take(): Bounds | undefined
}

const view = new DataView(new ArrayBuffer(8))

function wordBytes(low: number, high: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8))
  bytes.setInt32(0, low, true)
  bytes.setInt32(4, high, true)
  return new Uint8Array(bytes.buffer)
}

/** Bounds of signed integers. */
export class IntegerBounds implements WordBounds {
  #isEmpty = true
  #minLow = 0
  #minHigh = 0
  #maxLow = 0
  #maxHigh = 0

  widen(low: number, high: number): void {
    if (this.#isEmpty || isLess(low, high, this.#minLow, this.#minHigh)) {
      this.#minLow = low
      this.#minHigh = high
    }
    if (this.#isEmpty || isLess(this.#maxLow, this.#maxHigh, low, high)) {
      this.#maxLow = low
      this.#maxHigh = high
    }
    this.#isEmpty = false
  }

  take(): Bounds | undefined {
    if (this.#isEmpty) return undefined
    this.#isEmpty = true
    return { min: wordBytes(this.#minLow, this.#minHigh), max: wordBytes(this.#maxLow, this.#maxHigh) }
  }
}

const isLess = (low: number, high: number, otherLow: number, otherHigh: number) =>
  high === otherHigh ? low >>> 0 < otherLow >>> 0 : high < otherHigh

/**
 * Bounds of doubles. With a NaN there are none: the specification leaves NaN out of them, and DuckDB, to which it is the
 * largest value, then does not find it. A zero may have either sign, so the smallest is -0 and the largest 0.
 */
export class DoubleBounds implements WordBounds {
  #min = Infinity
  #max = -Infinity
  #hasNaN = false

  widen(low: number, high: number): void {
    view.setInt32(0, low, true)
    view.setInt32(4, high, true)
    const value = view.getFloat64(0, true)
    if (value <= this.#min) this.#min = value
    if (value >= this.#max) this.#max = value
    if (Number.isNaN(value)) this.#hasNaN = true
  }

  take(): Bounds | undefined {
    const [min, max, hasNone] = [this.#min, this.#max, this.#hasNaN || this.#min > this.#max]
    this.#min = Infinity
    this.#max = -Infinity
    this.#hasNaN = false
    return hasNone ? undefined : { min: doubleBytes(min === 0 ? -0 : min), max: doubleBytes(max === 0 ? 0 : max) }
  }
}

function doubleBytes(value: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8))
  bytes.setFloat64(0, value, true)
  return new Uint8Array(bytes.buffer)
}

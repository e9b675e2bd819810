// Arrays of objects, the records of a page or what a record has many of: shapes that were met once are known from then on.
import type { RecordSpans } from './record-spans.js'
import type { Level } from './shape.js'
import { Shapes } from './shapes.js'
import { CLOSE_BRACKET, COMMA, OPEN_BRACKET, spaceEnd } from './walk.js'

/** Shapes that an array may teach; where nearly every object has one of its own, JSON.parse is faster. */
const LESSONS = 64

/** Room for an array a little denser than the last. */
const MARGIN = 1.05

export class ArrayScanner {
  /** JSON.stringify would write the array scanned last with other bytes, or might. */
  loose = false
  readonly #shapes: Shapes
  #lessons = 0
  /** Values a byte, in the array scanned last. */
  #density = 1 / 32

  constructor(level: Level) {
    this.#shapes = new Shapes(level)
  }

  /** How many values so many bytes have, if they are like the last: a table that has to grow is copied. */
  valuesIn(bytes: number): number {
    return Math.ceil(bytes * this.#density * MARGIN)
  }

  /** Appends the objects of the array at `at`; returns where it ends, or -1 where it is not all objects of shapes to be known. */
  scan(at: number, spans: RecordSpans): number {
    const { bytes } = spans
    if (bytes[at] !== OPEN_BRACKET) return -1
    this.loose = false
    this.#lessons = LESSONS
    let end = this.#space(bytes, at + 1)
    if (bytes[end] === CLOSE_BRACKET) return end + 1
    for (;;) {
      end = this.#objectEnd(end, spans)
      if (end < 0) return -1
      end = this.#space(bytes, end)
      if (bytes[end] === CLOSE_BRACKET) break
      if (bytes[end] !== COMMA) return -1
      end = this.#space(bytes, end + 1)
    }
    this.#density = spans.table.length / (end - at)
    return end + 1
  }

  #objectEnd(at: number, spans: RecordSpans): number {
    const { bytes, view, table } = spans
    const shapes = this.#shapes
    const first = table.length
    let end = shapes.scan(bytes, view, at, table)
    if (end < 0) {
      if (this.#lessons-- === 0 || !shapes.learn(bytes, at)) return -1
      end = shapes.scan(bytes, view, at, table)
    }
    spans.append(shapes.shape!, first, at, end, shapes.loose)
    this.loose ||= shapes.loose
    return end
  }

  #space(bytes: Buffer, at: number): number {
    const end = spaceEnd(bytes, at)
    if (end > at) this.loose = true
    return end
  }
}

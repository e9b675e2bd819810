// Arrays of objects, the records of a page or what a record has many of: shapes that were met once are known from then on. An
// object of a known shape is a single pass over its bytes, without an object and without a string a value.
import { Kernel } from './kernel.js'
import {
  CLOSED,
  CUT,
  ELEMENT_ROOT,
  END,
  FIRST,
  FULL,
  KINDS,
  RECORD_BYTES,
  RECORD_ROOT,
  RECORDS,
  SHAPE_NUMBER,
  START,
  STRANGER,
  UNKNOWN,
} from './kernel/memory.js'
import type { RecordSpans } from './record-spans.js'
import { plainLevel, type Level } from './shape.js'
import { Shapes } from './shapes.js'
import { LOOSE } from './span.js'
import { CLOSE_BRACKET, OPEN_BRACKET, spaceEnd } from './walk.js'

/** Shapes that an array may teach; where nearly every object has one of its own, JSON.parse is faster. */
const LESSONS = 64

/** Room for an array a little denser than the last. */
const MARGIN = 1.05

export class ArrayScanner {
  /** JSON.stringify would write the array scanned last with other bytes, or might. */
  loose = false
  readonly #level: Level
  readonly #atOnce: number | undefined
  #kernel: Kernel | undefined
  #shapes: Shapes | undefined
  /** Values a byte, in the array scanned last. */
  #density = 1 / 32

  /** @param atOnce as for {@link Kernel.open} */
  constructor(level: Level, atOnce?: number) {
    this.#level = level
    this.#atOnce = atOnce
  }

  /** How many values so many bytes have, if they are like the last: a table that has to grow is copied. */
  valuesIn(bytes: number): number {
    return Math.ceil(bytes * this.#density * MARGIN)
  }

  /** Appends the objects of the array at `at`, which ends before `stop`; returns where, or -1 where it is not all objects of shapes to be known. */
  scan(at: number, spans: RecordSpans, stop = spans.bytes.length): number {
    const { bytes, table } = spans
    if (bytes[at] !== OPEN_BRACKET) return -1
    const first = spaceEnd(bytes, at + 1)
    this.loose = first > at + 1
    if (bytes[first] === CLOSE_BRACKET) return first + 1
    this.#kernel ??= Kernel.open(this.#atOnce)
    if (!this.#kernel) return -1
    this.#shapes ??= new Shapes(this.#kernel)
    const [kernel, shapes] = [this.#kernel, this.#shapes]
    let lessons = LESSONS
    let elementLessons = LESSONS
    let walkable = 0
    kernel.show(bytes, first, stop)
    for (;;) {
      const outcome = kernel.scan(walkable)
      this.#take(kernel, shapes, spans)
      if (outcome === CLOSED) break
      if (outcome === CUT) kernel.showMore()
      else if (outcome === STRANGER) {
        const isKnown = elementLessons-- > 0 && shapes.learn(bytes, kernel.stranger, plainLevel, ELEMENT_ROOT)
        walkable = isKnown ? 0 : 1
      } else if (
        outcome !== FULL &&
        (outcome !== UNKNOWN || lessons-- === 0 || !shapes.learn(bytes, kernel.at, this.#level, RECORD_ROOT))
      ) {
        return -1
      }
    }
    this.#density = table.length / (kernel.at - at)
    return kernel.at
  }

  /** Appends what was found. */
  #take(kernel: Kernel, { all }: Shapes, spans: RecordSpans): void {
    const { words, records } = kernel
    const { table } = spans
    const base = table.length
    kernel.copySpans(table)
    for (let at = 0, word = RECORDS >> 2; at < records; at++, word += RECORD_BYTES >> 2) {
      const loose = (words[word + (KINDS >> 2)]! & LOOSE) !== 0
      const shape = all[words[word + (SHAPE_NUMBER >> 2)]!]!
      spans.append(
        shape,
        base + words[word + (FIRST >> 2)]!,
        words[word + (START >> 2)]!,
        words[word + (END >> 2)]!,
        loose,
      )
      this.loose ||= loose
    }
    this.loose ||= kernel.hasSpaces
  }
}

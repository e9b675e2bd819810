// Arrays of objects, the records of a page or what a record has many of: shapes that were met once are known from then on. An
// object of a known shape is a single pass over its bytes, without an object and without a string a value.
import { Kernel } from './kernel.js'
import { CLOSED, CUT, ELEMENT_ROOT, FULL, RECORD_ROOT, STRANGER, UNKNOWN } from './kernel/memory.js'
import { RecordSpans } from './record-spans.js'
import { plainLevel, type Level } from './shape.js'
import { Shapes } from './shapes.js'
import { RecordTable, SpanTable } from './span-table.js'
import { CLOSE_BRACKET, OPEN_BRACKET, spaceEnd } from './walk.js'

/** Shapes that an array may teach; where nearly every object has one of its own, JSON.parse is faster. */
const LESSONS = 64

/** Room for an array a little larger than the last. */
const MARGIN = 1.05

export class ArrayScanner {
  /** JSON.stringify would write the array scanned last with other bytes, or might. */
  loose = false
  readonly #level: Level
  readonly #atOnce: number | undefined
  #kernel: Kernel | undefined
  #shapes: Shapes | undefined
  /** Records and values of the array scanned last. */
  #records = 16
  #values = 512

  /** @param atOnce as for {@link Kernel.open} */
  constructor(level: Level, atOnce?: number) {
    this.#level = level
    this.#atOnce = atOnce
  }

  /** Spans for an array that is about as large as the last: tables that have to grow are copied. */
  spansFor(bytes: Buffer): RecordSpans {
    const room = (count: number) => Math.ceil(count * MARGIN)
    return new RecordSpans(bytes, new RecordTable(room(this.#records)), new SpanTable(room(this.#values)))
  }

  /** Appends the objects of the array at `at`, which ends before `stop`; returns where, or -1 where it is not all objects of shapes to be known. */
  scan(at: number, spans: RecordSpans, stop = spans.bytes.length): number {
    const { bytes, places, table } = spans
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
    spans.shapes = shapes.all
    kernel.show(bytes, first, stop)
    for (;;) {
      const outcome = kernel.scan(table.length, walkable)
      kernel.copyTo(places, table)
      this.loose ||= kernel.isLoose
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
    this.#records = places.length
    this.#values = table.length
    return kernel.at
  }
}

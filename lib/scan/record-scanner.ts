// Arrays of records, page after page: shapes that were met once are known from then on.
import { RecordSpans } from './record-spans.js'
import { recordLevel } from './shape.js'
import { Shapes } from './shapes.js'
import { SpanTable } from './span-table.js'
import { CLOSE_BRACKET, COMMA, OPEN_BRACKET, spaceEnd } from './walk.js'

/** Shapes that a page may teach; where nearly every record has one of its own, objects are faster. */
const LESSONS = 64

/** Spans that the first page has room for. */
const ROOM = 4096

export class RecordScanner {
  readonly #shapes = new Shapes(recordLevel)
  #room = ROOM
  #lessons = 0

  /** The records of the array at `at`, and where it ends; undefined where it is not all JSON objects of shapes to be known. */
  scan(bytes: Buffer, at: number): { readonly spans: RecordSpans; readonly end: number } | undefined {
    const table = new SpanTable(this.#room)
    const spans = new RecordSpans(bytes, table)
    this.#lessons = LESSONS
    const end = bytes[at] === OPEN_BRACKET ? this.#arrayEnd(bytes, at, spans) : -1
    if (end < 0) return undefined
    this.#room = Math.max(ROOM, table.length + (table.length >> 4))
    return { spans, end }
  }

  #arrayEnd(bytes: Buffer, at: number, spans: RecordSpans): number {
    let end = spaceEnd(bytes, at + 1)
    if (bytes[end] === CLOSE_BRACKET) return end + 1
    for (;;) {
      end = this.#recordEnd(bytes, end, spans)
      if (end < 0) return -1
      end = spaceEnd(bytes, end)
      if (bytes[end] === CLOSE_BRACKET) return end + 1
      if (bytes[end] !== COMMA) return -1
      end = spaceEnd(bytes, end + 1)
    }
  }

  #recordEnd(bytes: Buffer, at: number, spans: RecordSpans): number {
    const shapes = this.#shapes
    const first = spans.table.length
    let end = shapes.scan(bytes, at, spans.table)
    if (end < 0) {
      if (this.#lessons-- === 0 || !shapes.learn(bytes, at)) return -1
      end = shapes.scan(bytes, at, spans.table)
    }
    spans.append(shapes.shape!, first, at, end, shapes.loose)
    return end
  }
}

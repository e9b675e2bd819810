// Arrays of objects, the records of a page or what a record has many of: shapes that were met once are known from then on. An
// object of a known shape is a single pass over its bytes, without an object and without a string a value.
import { ScanWindow } from './scan-window.js'
import {
  CLOSED,
  INCOMPLETE,
  ELEMENT_ROOT,
  FULL,
  RECORD_ROOT,
  UNKNOWN_ELEMENT,
  NEW_LAYOUT,
} from './kernel/scan-memory.js'
import { RecordSpans } from './record-spans.js'
import { plainMapping, type KeyMapping } from './record-layout.js'
import { LayoutRegistry } from './layout-registry.js'
import { RecordTable, SpanTable } from './span-table.js'
import { CLOSE_BRACKET, OPEN_BRACKET, skipSpace } from './json-walker.js'

/** Shapes that an array may teach; where nearly every object has one of its own, JSON.parse is faster. */
const MAX_NEW_LAYOUTS_PER_ARRAY = 64

/** Room for an array a little larger than the last. */
const EXPECTED_SIZE_MARGIN = 1.05

export class ArrayScanner {
  /** JSON.stringify would write the array scanned last with other bytes, or might. */
  isNonCanonical = false
  readonly #keyMapping: KeyMapping
  readonly #windowBytes: number | undefined
  #window: ScanWindow | undefined
  #layouts: LayoutRegistry | undefined
  /** Records and values of the array scanned last. */
  #expectedRecords = 16
  #expectedValues = 512

  /** @param windowBytes as for {@link ScanWindow.open} */
  constructor(keyMapping: KeyMapping, windowBytes?: number) {
    this.#keyMapping = keyMapping
    this.#windowBytes = windowBytes
  }

  /** Spans for an array that is about as large as the last: tables that have to grow are copied. */
  createSpans(bytes: Buffer): RecordSpans {
    const withMargin = (count: number) => Math.ceil(count * EXPECTED_SIZE_MARGIN)
    return new RecordSpans(
      bytes,
      new RecordTable(withMargin(this.#expectedRecords)),
      new SpanTable(withMargin(this.#expectedValues)),
    )
  }

  /** Appends the objects of the array at `at`, which ends before `stop`; returns where, or -1 where it is not all objects of shapes to be known. */
  scan(at: number, spans: RecordSpans, stop = spans.bytes.length): number {
    const { bytes, recordTable, valueTable } = spans
    if (bytes[at] !== OPEN_BRACKET) return -1
    const first = skipSpace(bytes, at + 1)
    this.isNonCanonical = first > at + 1
    if (bytes[first] === CLOSE_BRACKET) return first + 1
    this.#window ??= ScanWindow.open(this.#windowBytes)
    if (!this.#window) return -1
    this.#layouts ??= new LayoutRegistry(this.#window)
    const [window, layouts] = [this.#window, this.#layouts]
    let newLayoutsLeft = MAX_NEW_LAYOUTS_PER_ARRAY
    let newElementLayoutsLeft = MAX_NEW_LAYOUTS_PER_ARRAY
    let genericRecords = 0
    spans.layouts = layouts.layouts
    window.load(bytes, first, stop)
    for (;;) {
      const outcome = window.scan(valueTable.length, genericRecords)
      window.copyTo(recordTable, valueTable)
      this.isNonCanonical ||= window.isNonCanonical
      if (outcome === CLOSED) break
      if (outcome === INCOMPLETE) window.loadMore()
      else if (outcome === UNKNOWN_ELEMENT) {
        const isAdded =
          newElementLayoutsLeft-- > 0 && layouts.addLayout(bytes, window.unknownElementAt, plainMapping, ELEMENT_ROOT)
        genericRecords = isAdded ? 0 : 1
      } else if (
        outcome !== FULL &&
        (outcome !== NEW_LAYOUT ||
          newLayoutsLeft-- === 0 ||
          !layouts.addLayout(bytes, window.at, this.#keyMapping, RECORD_ROOT))
      ) {
        return -1
      }
    }
    this.#expectedRecords = recordTable.length
    this.#expectedValues = valueTable.length
    return window.at
  }
}

// Scans arrays of objects: the records of a page, or the elements of lists in them. The layout of each object is remembered. An object
// with a known layout needs a single pass over its bytes, and no JavaScript object and no string is made of it.
import { ScanKernel } from './scan-kernel.js'
import {
  CLOSED,
  INCOMPLETE,
  ELEMENT_ROOT,
  FULL,
  RECORD_ROOT,
  UNKNOWN_ELEMENT,
  UNKNOWN_RECORD,
} from './kernel/scan-memory.js'
import { RecordSpans } from '../../spans/record-spans.js'
import { plainMapping, type KeyMapping } from '../../spans/key-mapping.js'
import { RecordTable, SpanTable } from '../../spans/span-table.js'
import { CLOSE_BRACKET, OPEN_BRACKET } from '../../shared/ascii.js'
import { skipSpace } from '../../shared/json/json-walker.js'

/**
 * The limit for new layouts. `scan` has one limit for layouts of records and one for layouts of elements; `scanLists` has one limit for
 * both, over all of its lists. JSON.parse is faster if nearly every object has its own layout.
 */
const MAX_NEW_LAYOUTS_PER_SCAN = 64

/** The capacity for the next array is the size of the last one times this factor. */
const EXPECTED_SIZE_FACTOR = 1.05

export class ArrayScanner {
  /** True if JSON.stringify may write the array of the last {@link scan} with other bytes, not counting the digits of numbers. */
  mayBeNonCanonical = false
  readonly #keyMapping: KeyMapping
  readonly #windowBytes: number | undefined
  #kernel: ScanKernel | undefined
  #expectedRecords = 16
  #expectedValues = 512

  constructor(keyMapping: KeyMapping, windowBytes?: number) {
    this.#keyMapping = keyMapping
    this.#windowBytes = windowBytes
  }

  /** Returns empty spans for an array of about the size of the last one, because tables that have to grow are copied. */
  createSpans(bytes: Buffer): RecordSpans {
    const withMargin = (count: number) => Math.ceil(count * EXPECTED_SIZE_FACTOR)
    return new RecordSpans(
      bytes,
      new RecordTable(withMargin(this.#expectedRecords)),
      new SpanTable(withMargin(this.#expectedValues)),
    )
  }

  /**
   * Appends the objects of the array at `at`, which ends before `stop`. Returns the end of the array, or -1 if the caller must read it with
   * JSON.parse: for example if an element is not an object, or if no layout can describe an object.
   */
  scan(at: number, spans: RecordSpans, stop = spans.bytes.length): number {
    const { bytes, recordTable, valueTable } = spans
    if (bytes[at] !== OPEN_BRACKET) return -1
    const first = skipSpace(bytes, at + 1)
    this.mayBeNonCanonical = first > at + 1
    if (bytes[first] === CLOSE_BRACKET) return first + 1
    const kernel = (this.#kernel ??= ScanKernel.open(this.#windowBytes))
    if (!kernel) return -1
    let newLayoutsLeft = MAX_NEW_LAYOUTS_PER_SCAN
    let newElementLayoutsLeft = MAX_NEW_LAYOUTS_PER_SCAN
    // true: the first record of the next call is scanned although elements of its lists have unknown layouts
    let mayFirstRecordHaveUnknownElements = false
    spans.layouts = kernel.layouts.layouts
    kernel.load(bytes, first, stop)
    for (;;) {
      const outcome = kernel.scan(valueTable.length, mayFirstRecordHaveUnknownElements)
      kernel.copyTo(recordTable, valueTable)
      this.mayBeNonCanonical ||= kernel.mayBeNonCanonical
      if (outcome === CLOSED) break
      if (outcome === INCOMPLETE) kernel.loadMore()
      else if (outcome === UNKNOWN_ELEMENT)
        mayFirstRecordHaveUnknownElements = newElementLayoutsLeft-- <= 0 || !this.#addLayout(kernel, bytes, outcome)
      else if (
        outcome !== FULL &&
        (outcome !== UNKNOWN_RECORD || newLayoutsLeft-- === 0 || !this.#addLayout(kernel, bytes, outcome))
      )
        return -1
    }
    this.#expectedRecords = recordTable.length
    this.#expectedValues = valueTable.length
    return kernel.stoppedAt
  }

  /**
   * Scans the elements of lists, which all end before `stop`. Returns the number of elements of each list, or undefined if the caller must
   * read the lists with JSON.parse: for example if a value is not a list, or if an element is not an object.
   * @param elements the bytes with the lists; the elements of all lists are appended
   * @param starts the starts of the lists, in their order in the page
   */
  scanLists(elements: RecordSpans, starts: Int32Array, stop: number): Int32Array | undefined {
    const kernel = (this.#kernel ??= ScanKernel.open(this.#windowBytes))
    if (!kernel) return undefined
    const { bytes, recordTable, valueTable } = elements
    elements.layouts = kernel.layouts.layouts
    const counts = new Int32Array(starts.length)
    let newLayoutsLeft = MAX_NEW_LAYOUTS_PER_SCAN
    let list = 0
    if (starts.length > 0) kernel.load(bytes, starts[0]!, stop)
    while (list < starts.length) {
      const outcome = kernel.scanLists(starts, list, valueTable.length)
      kernel.copyTo(recordTable, valueTable)
      const found = kernel.copyListCounts(counts, list)
      list += found
      if (outcome === INCOMPLETE) kernel.loadMore(starts[list])
      else if (outcome === UNKNOWN_ELEMENT || outcome === UNKNOWN_RECORD) {
        if (newLayoutsLeft-- <= 0 || !this.#addLayout(kernel, bytes, outcome)) return undefined
      } else if (outcome !== CLOSED && (outcome !== FULL || found === 0)) return undefined
    }
    return counts
  }

  /** Adds the layout of the object at which the kernel stopped. Returns false if it cannot be added. */
  #addLayout({ layouts, stoppedAt, unknownElementAt }: ScanKernel, bytes: Buffer, outcome: number): boolean {
    return outcome === UNKNOWN_ELEMENT
      ? layouts.addLayout(bytes, unknownElementAt, plainMapping, ELEMENT_ROOT)
      : layouts.addLayout(bytes, stoppedAt, this.#keyMapping, RECORD_ROOT)
  }
}

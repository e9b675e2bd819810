// Rows that stand for all others: the first, and one for every vote that any cell casts, so that what is inferred from them is
// inferred from everything, in the memory of a few rows.
import { ArrayScanner } from '../fastpath/scan/array-scanner.js'
import { RecordSpans, type LayoutRun } from '../fastpath/scan/record-spans.js'
import { plainMapping, type RecordLayout } from '../fastpath/scan/record-layout.js'
import { NESTED, readSpanValue } from '../fastpath/scan/span.js'
import type { Cell } from '../shared/types.js'
import type { SignatureFunction } from './format.js'

/** A column whose cells decide something. */
interface TypeObservation {
  readonly at: number
  readonly getSignature: SignatureFunction
  readonly signatures: Set<string>
  readonly elementKinds: ListElementKinds
}

export class ExampleRowSelector {
  readonly #observations: TypeObservation[] = []
  readonly #scanner = new ArrayScanner(plainMapping)
  #columns = 0
  #isFirstRow = true

  /** Adds a column, with its vote if it has one. */
  addColumn(getSignature: SignatureFunction | undefined): void {
    const at = this.#columns++
    if (getSignature)
      this.#observations.push({
        at,
        getSignature,
        signatures: new Set(),
        elementKinds: new ListElementKinds(this.#scanner),
      })
  }

  /** Whether a row is the first, or casts a vote that no row before it has cast. */
  shouldKeep(cells: readonly Cell[]): boolean {
    return this.#observe(({ at, getSignature, signatures }) => addIfNew(getSignature(cells[at]), signatures))
  }

  /** The same for a record that is still bytes. */
  shouldKeepSpans({ spans, columnSlots }: LayoutRun, at: number): boolean {
    const { bytes, valueTable, valueIndex } = spans
    return this.#observe(({ at: column, getSignature, signatures, elementKinds }) => {
      const slot = columnSlots[column]!
      if (slot < 0) return addIfNew(getSignature(undefined), signatures)
      const span = valueIndex[at]! + slot
      const [start, end, flags] = [valueTable.starts[span]!, valueTable.ends[span]!, valueTable.flags[span]!]
      if (flags === NESTED && elementKinds.isKnown(bytes, start, end)) return false
      return addIfNew(getSignature(readSpanValue(bytes, start, end, flags)), signatures)
    })
  }

  /** Every ballot is asked, since each keeps its own count. */
  #observe(isNewSignature: (observation: TypeObservation) => boolean): boolean {
    const isFirstRow = this.#isFirstRow
    this.#isFirstRow = false
    return this.#observations.filter(isNewSignature).length > 0 || isFirstRow
  }
}

function addIfNew(getSignature: string, signatures: Set<string>): boolean {
  const before = signatures.size
  return signatures.add(getSignature).size > before
}

/** The kinds of elements that the lists of a column had, so that one more of the same need not be parsed to vote. */
class ListElementKinds {
  readonly #scanner: ArrayScanner
  readonly #spans = new RecordSpans()
  readonly #known = new Map<RecordLayout | undefined, Set<string>>()

  constructor(scanner: ArrayScanner) {
    this.#scanner = scanner
  }

  /** Whether all elements of the list from `at` to `end` are like some before; from now on they are. */
  isKnown(bytes: Buffer, at: number, end: number): boolean {
    const spans = this.#spans.reset(bytes)
    if (this.#scanner.scan(at, spans, end) < 0 || this.#scanner.isNonCanonical) return false
    let isKnown = spans.length > 0 || !this.#addIfNew(undefined, '')
    for (let element = 0; element < spans.length; element++)
      if (this.#addIfNew(spans.getLayout(element), getValueKinds(spans, element))) isKnown = false
    return isKnown
  }

  #addIfNew(layout: RecordLayout | undefined, kinds: string): boolean {
    const known = this.#known.get(layout) ?? new Set()
    this.#known.set(layout, known)
    return addIfNew(kinds, known)
  }
}

function getValueKinds(spans: RecordSpans, at: number): string {
  const first = spans.valueIndex[at]!
  return String(spans.valueTable.flags.subarray(first, first + spans.getLayout(at).valueCount))
}

// Selects example rows: the first row, and one row for each distinct type signature in each column. From these few rows the same types are
// inferred as from all rows.
import { ArrayScanner } from '../../fastpath/scan/array-scanner.js'
import { RecordSpans, type PlannedRun } from '../../spans/record-spans.js'
import { plainMapping } from '../../spans/key-mapping.js'
import type { RecordLayout } from '../../spans/record-layout.js'
import { NESTED, readSpanValue } from '../../spans/span.js'
import { memoize } from '../../shared/memoize.js'
import type { Cell } from '../../shared/types.js'
import type { SignatureFunction } from '../format.js'

interface ColumnObservation {
  readonly columnIndex: number
  readonly getSignature: SignatureFunction
  readonly signatures: Set<string>
  /** Most cells have the signature of the cell before. */
  last: string | undefined
  readonly elementKinds: ListElementKinds
}

export class ExampleRowSelector {
  #observations: ColumnObservation[] = []
  readonly #scanner = new ArrayScanner(plainMapping)
  #columnCount = 0
  #isFirstRow = true

  addColumn(getSignature: SignatureFunction | undefined): void {
    const columnIndex = this.#columnCount++
    if (getSignature)
      this.#observations.push({
        columnIndex,
        getSignature,
        signatures: new Set(),
        last: undefined,
        elementKinds: new ListElementKinds(this.#scanner),
      })
  }

  /** True if no row will be kept any more. */
  get isFinished(): boolean {
    return !this.#isFirstRow && this.#observations.length === 0
  }

  shouldKeep(cells: readonly Cell[]): boolean {
    let isNew = this.#takeIsFirstRow()
    for (const observation of this.#observations)
      if (this.#isNewSignature(observation, observation.getSignature(cells[observation.columnIndex]))) isNew = true
    return isNew
  }

  /** The same for a record that is still bytes. A column with OBJECT_SLOT is never observed, because its type is fixed. */
  shouldKeepSpans({ spans, columnSlots }: PlannedRun, record: number): boolean {
    const { bytes, valueTable, valueOffsets } = spans
    const { starts, ends, flags } = valueTable
    let isNew = this.#takeIsFirstRow()
    // no early return, because each column collects its own signatures
    for (const observation of this.#observations) {
      const { columnIndex, getSignature } = observation
      const slot = columnSlots[columnIndex]!
      const span = valueOffsets[record]! + slot
      const signature =
        slot < 0
          ? getSignature(undefined)
          : getSpanSignature(observation, bytes, starts[span]!, ends[span]!, flags[span]!)
      if (signature !== undefined && this.#isNewSignature(observation, signature)) isNew = true
    }
    return isNew
  }

  /** Returns true if the signature is new in the column. After the decisive signature, the column is not observed any more. */
  #isNewSignature(observation: ColumnObservation, signature: string): boolean {
    if (signature === observation.last) return false
    observation.last = signature
    if (signature === observation.getSignature.decisive)
      this.#observations = this.#observations.filter((other) => other !== observation)
    return addIfNew(signature, observation.signatures)
  }

  #takeIsFirstRow(): boolean {
    const isFirstRow = this.#isFirstRow
    this.#isFirstRow = false
    return isFirstRow
  }
}

/** Returns the signature of a value, or undefined for a list whose kinds of elements are known. */
function getSpanSignature(
  { getSignature, elementKinds }: ColumnObservation,
  bytes: Buffer,
  start: number,
  end: number,
  flags: number,
): string | undefined {
  const signature = getSignature.ofSpan?.(bytes, start, end, flags)
  if (signature !== undefined) return signature
  if (flags === NESTED && elementKinds.addAndCheckKnown(bytes, start, end)) return undefined
  return getSignature(readSpanValue(bytes, start, end, flags))
}

function addIfNew<T>(signature: T, signatures: Set<T>): boolean {
  const before = signatures.size
  return signatures.add(signature).size > before
}

/** Remembers the kinds of the elements of lists in a column, so that a list of known kinds need not be parsed. */
class ListElementKinds {
  readonly #scanner: ArrayScanner
  readonly #spans = new RecordSpans()
  readonly #getKnownKinds = memoize<RecordLayout | undefined, Set<string | number>>(() => new Set())

  constructor(scanner: ArrayScanner) {
    this.#scanner = scanner
  }

  /** Returns true if the kinds of all elements of the list from `at` to `end` were known. Remembers the kinds. */
  addAndCheckKnown(bytes: Buffer, at: number, end: number): boolean {
    const spans = this.#spans.reset(bytes)
    if (this.#scanner.scan(at, spans, end) < 0 || this.#scanner.mayBeNonCanonical) return false
    let isKnown = spans.length > 0 || !addIfNew('', this.#getKnownKinds(undefined))
    for (let index = 0; index < spans.length; index++)
      if (addIfNew(getFlagsKey(spans, index), this.#getKnownKinds(spans.getLayout(index)))) isKnown = false
    return isKnown
  }
}

/** Numbers are exact up to this many flags of eight bits. */
const MAX_FLAGS_IN_NUMBER = 6

function getFlagsKey(spans: RecordSpans, index: number): string | number {
  const { flags } = spans.valueTable
  const first = spans.valueOffsets[index]!
  const { valueCount } = spans.getLayout(index)
  if (valueCount > MAX_FLAGS_IN_NUMBER) return String(flags.subarray(first, first + valueCount))
  let key = 0
  for (let span = first; span < first + valueCount; span++) key = key * 256 + flags[span]!
  return key
}

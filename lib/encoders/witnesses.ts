// Rows that stand for all others: the first, and one for every vote that any cell casts, so that what is inferred from them is
// inferred from everything, in the memory of a few rows.
import { ArrayScanner } from '../scan/array-scanner.js'
import { RecordSpans, type SpanRun } from '../scan/record-spans.js'
import { plainLevel, type Shape } from '../scan/shape.js'
import { NESTED, valueOf } from '../scan/span.js'
import type { Cell } from '../types.js'
import type { Vote } from './format.js'

/** A column whose cells decide something. */
interface Ballot {
  readonly at: number
  readonly vote: Vote
  readonly cast: Set<string>
  readonly lists: ListKinds
}

export class Witnesses {
  readonly #ballots: Ballot[] = []
  readonly #scanner = new ArrayScanner(plainLevel)
  #columns = 0
  #isFirst = true

  /** Adds a column, with its vote if it has one. */
  add(vote: Vote | undefined): void {
    const at = this.#columns++
    if (vote) this.#ballots.push({ at, vote, cast: new Set(), lists: new ListKinds(this.#scanner) })
  }

  /** Whether a row is the first, or casts a vote that no row before it has cast. */
  isNeeded(cells: readonly Cell[]): boolean {
    return this.#some(({ at, vote, cast }) => isNew(vote(cells[at]), cast))
  }

  /** The same for a record that is still bytes. */
  isNeededAt({ spans, order }: SpanRun, at: number): boolean {
    const { bytes, table, firsts } = spans
    return this.#some(({ at: column, vote, cast, lists }) => {
      const slot = order[column]!
      if (slot < 0) return isNew(vote(undefined), cast)
      const span = firsts[at]! + slot
      const [start, end, flags] = [table.starts[span]!, table.ends[span]!, table.flags[span]!]
      if (flags === NESTED && lists.isKnown(bytes, start, end)) return false
      return isNew(vote(valueOf(bytes, start, end, flags)), cast)
    })
  }

  /** Every ballot is asked, since each keeps its own count. */
  #some(asks: (ballot: Ballot) => boolean): boolean {
    const isFirst = this.#isFirst
    this.#isFirst = false
    return this.#ballots.filter(asks).length > 0 || isFirst
  }
}

function isNew(vote: string, cast: Set<string>): boolean {
  const before = cast.size
  return cast.add(vote).size > before
}

/** The kinds of elements that the lists of a column had, so that one more of the same need not be parsed to vote. */
class ListKinds {
  readonly #scanner: ArrayScanner
  readonly #spans = new RecordSpans()
  readonly #known = new Map<Shape | undefined, Set<string>>()

  constructor(scanner: ArrayScanner) {
    this.#scanner = scanner
  }

  /** Whether all elements of the list from `at` to `end` are like some before; from now on they are. */
  isKnown(bytes: Buffer, at: number, end: number): boolean {
    const spans = this.#spans.reset(bytes)
    if (this.#scanner.scan(at, spans, end) < 0 || this.#scanner.loose) return false
    let isKnown = spans.length > 0 || !this.#isNew(undefined, '')
    for (let element = 0; element < spans.length; element++)
      if (this.#isNew(spans.shapeOf(element), kindsOf(spans, element))) isKnown = false
    return isKnown
  }

  #isNew(shape: Shape | undefined, kinds: string): boolean {
    const known = this.#known.get(shape) ?? new Set()
    this.#known.set(shape, known)
    return isNew(kinds, known)
  }
}

function kindsOf(spans: RecordSpans, at: number): string {
  const first = spans.firsts[at]!
  return String(spans.table.flags.subarray(first, first + spans.shapeOf(at).width))
}

// Converts records and their spans to the bytes of a frame of the spool and back, so that the records need not be scanned again. Layouts
// stay in memory.
import { memoize } from '../../shared/memoize.js'
import type { RecordLayout } from '../../spans/record-layout.js'
import { RecordSpans, type PlannedRun } from '../../spans/record-spans.js'
import { RecordTable, SpanTable } from '../../spans/span-table.js'

/** The numbers before the tables: the counts of records and values, the index of the first value, the start of the bytes in the page. */
const HEADER_WORDS = 4

export class SpanPacker {
  readonly #layouts: RecordLayout[] = []
  readonly #getLayoutId = memoize((layout: RecordLayout) => this.#layouts.push(layout) - 1)

  /** Returns the bytes of a frame, in several pieces, for runs that follow each other in a page. */
  pack(runs: readonly PlannedRun[]): Uint8Array[] {
    const { spans, from } = runs[0]!
    const { to } = runs.at(-1)!
    const { starts, ends, valueOffsets, flags } = spans.recordTable.slice(from, to)
    const firstValue = valueOffsets[0]!
    const valuesEnd = valueOffsets.at(-1)! + spans.getLayout(to - 1).valueCount
    const { valueTable } = spans
    // if the bytes before the first record are stored too, no number needs an offset
    const start = firstValue === 0 ? 0 : starts[0]!
    const layoutIds = new Int32Array(to - from)
    for (const run of runs) layoutIds.fill(this.#getLayoutId(spans.getLayout(run.from)), run.from - from, run.to - from)
    const words = [
      Int32Array.of(to - from, valuesEnd - firstValue, firstValue, start),
      layoutIds,
      valueOffsets,
      starts,
      ends,
      valueTable.starts.subarray(firstValue, valuesEnd),
      valueTable.ends.subarray(firstValue, valuesEnd),
    ]
    return [
      ...words.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
      flags,
      valueTable.flags.subarray(firstValue, valuesEnd),
      spans.bytes.subarray(start, ends.at(-1)),
    ]
  }

  /** Returns the records from the bytes of {@link pack}. Changes these bytes, and the records use their memory, so call this once. */
  unpack(packed: Buffer): RecordSpans {
    let at = packed.byteOffset
    const takeWords = (count: number) => new Int32Array(packed.buffer, (at += 4 * count) - 4 * count, count)
    const takeFlags = (count: number) => new Uint8Array(packed.buffer, (at += count) - count, count)
    const [recordCount = 0, valueCount = 0, firstValue = 0, start = 0] = takeWords(HEADER_WORDS)
    const recordTable = new RecordTable(0)
    const valueTable = new SpanTable(0)
    recordTable.layoutIds = takeWords(recordCount)
    recordTable.valueOffsets = subtract(takeWords(recordCount), firstValue)
    recordTable.starts = subtract(takeWords(recordCount), start)
    recordTable.ends = subtract(takeWords(recordCount), start)
    valueTable.starts = subtract(takeWords(valueCount), start)
    valueTable.ends = subtract(takeWords(valueCount), start)
    recordTable.flags = takeFlags(recordCount)
    valueTable.flags = takeFlags(valueCount)
    recordTable.length = recordCount
    valueTable.length = valueCount
    const spans = new RecordSpans(packed.subarray(at - packed.byteOffset), recordTable, valueTable)
    spans.layouts = this.#layouts
    return spans
  }
}

/** Subtracts in place. */
function subtract(words: Int32Array, number: number): Int32Array {
  if (number !== 0) for (let index = 0; index < words.length; index++) words[index]! -= number
  return words
}

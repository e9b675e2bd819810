// The base class of the kernels that write text: rows of CSV, or lines of JSON.
import { MAX_BYTES_PER_UTF16_UNIT } from '../../shared/bytes/chunked-output.js'
import type { RecordSpans } from '../../spans/record-spans.js'
import { BlockKernel, type BlockExports } from './block-kernel.js'
import {
  OUTPUT_ADDRESS_OFFSET,
  OUTPUT_BYTES_OFFSET,
  RESULT,
  STOPPED_RECORD_OFFSET,
  STOPPED_VALUE_OFFSET,
} from './kernel/output-memory.js'

/** The limit from which the output is full, so that a small page is one write, and a large page is a few writes. */
const FULL_BYTES = 512 * 1024

export interface OutputExports extends BlockExports {
  /** Sets the record of the block at which {@link putRecords} starts. */
  readonly begin: (record: number) => void
  /** Continues with the records before `to`. Returns 0 if it stopped at a value that the caller must write. */
  readonly putRecords: (to: number) => number
  readonly reserveValue: (maxBytes: number) => number
  /** Continues after a value that the caller has written at the address of {@link reserveValue}. */
  readonly skipWrittenValue: (bytes: number) => void
  readonly clear: () => void
}

export class OutputKernel<E extends OutputExports> extends BlockKernel<E> {
  get #length(): number {
    return this.words[(RESULT + OUTPUT_BYTES_OFFSET) >> 2]!
  }

  get isFull(): boolean {
    return this.#length >= FULL_BYTES
  }

  takeAll(): readonly Buffer[] {
    if (this.#length === 0) return []
    const at = this.words[(RESULT + OUTPUT_ADDRESS_OFFSET) >> 2]!
    const output = Buffer.from(this.bytes.subarray(at, at + this.#length))
    this.exports.clear()
    return [output]
  }

  /**
   * Writes the records from `first` up to, not including, `to`. Yields the output when it is full; the rest stays until {@link takeAll}.
   * @param formatValue returns the text of a value at which the kernel stopped, by its record and its number in the row or the line
   */
  protected *putRecords(
    spans: RecordSpans,
    first: number,
    to: number,
    formatValue: (record: number, value: number) => string,
  ): Generator<Buffer> {
    for (let from = first; from < to;) {
      const end = this.loadBlock(spans, from, to)
      this.exports.begin(from - this.firstRecord)
      while (this.exports.putRecords(end - this.firstRecord) === 0) this.#putStoppedValue(formatValue)
      from = end
      if (this.isFull) yield* this.takeAll()
    }
  }

  #putStoppedValue(formatValue: (record: number, value: number) => string): void {
    const { words } = this
    const record = this.firstRecord + words[(RESULT + STOPPED_RECORD_OFFSET) >> 2]!
    const text = formatValue(record, words[(RESULT + STOPPED_VALUE_OFFSET) >> 2]!)
    const at = this.exports.reserveValue(text.length * MAX_BYTES_PER_UTF16_UNIT)
    this.exports.skipWrittenValue(this.bytes.write(text, at))
  }
}

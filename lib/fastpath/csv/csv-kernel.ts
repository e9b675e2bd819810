// The kernel that writes rows, made of `kernel/` by `npm run kernel`: WebAssembly, with a memory of its own for each file.
import { BlockKernel, type BlockExports } from '../scan/block-kernel.js'
import { instantiate } from '../scan/webassembly.js'
import { MAX_BYTES_PER_UTF16_UNIT } from '../../shared/chunked-output.js'
import { wasm } from './kernel-bytes.js'
import {
  ACTIONS,
  STOPPED_COLUMN_OFFSET,
  ROWS_ADDRESS_OFFSET,
  ROWS_BYTES_OFFSET,
  STOPPED_RECORD_OFFSET,
  RESULT,
} from './kernel/csv-kernel-memory.js'

/** What `kernel/csv-rows-kernel.ts` exports. */
interface CsvExports extends BlockExports {
  readonly setDialect: (delimiterByte: number, isCrlf: boolean, nullBytes: number, isBlankQuoted: boolean) => number
  readonly setColumns: (count: number) => number
  readonly begin: (record: number) => void
  readonly clear: () => void
  readonly putRows: (to: number) => number
  readonly reserveTexts: (maxBytes: number) => number
  readonly putTexts: (isAscii: boolean) => number
  readonly reserveCell: (maxBytes: number) => number
  readonly endCell: (bytes: number) => void
}

/** A dialect as bytes. */
export interface CsvKernelDialect {
  readonly delimiter: number
  readonly hasCrlfLineEnds: boolean
  readonly nullValue: Buffer
  /** A line of one empty cell is `""`. */
  readonly isBlankLineQuoted: boolean
  /** What is done with cells of each flags, see `kernel/csv-kernel-memory.ts`. */
  readonly actions: Uint8Array
}

export class CsvKernel extends BlockKernel<CsvExports> {
  private constructor(
    exports: CsvExports,
    { delimiter, hasCrlfLineEnds, nullValue, isBlankLineQuoted, actions }: CsvKernelDialect,
  ) {
    super(exports)
    const nullAddress = exports.setDialect(delimiter, hasCrlfLineEnds, nullValue.length, isBlankLineQuoted)
    this.bytes.set(nullValue, nullAddress)
    this.bytes.set(actions, ACTIONS)
  }

  /** A kernel of one's own; undefined where the machine has none. */
  static open(bytes: CsvKernelDialect): CsvKernel | undefined {
    const exports = instantiate(wasm) as CsvExports | undefined
    return exports && new CsvKernel(exports, bytes)
  }

  /** The record and column of the cell that {@link putRows} stopped at. */
  get record(): number {
    return this.first + this.words[(RESULT + STOPPED_RECORD_OFFSET) >> 2]!
  }

  get column(): number {
    return this.words[(RESULT + STOPPED_COLUMN_OFFSET) >> 2]!
  }

  /** Bytes of the rows so far. */
  get length(): number {
    return this.words[(RESULT + ROWS_BYTES_OFFSET) >> 2]!
  }

  /** Takes the rows so far. */
  takeRows(): Buffer {
    const at = this.words[(RESULT + ROWS_ADDRESS_OFFSET) >> 2]!
    const rows = Buffer.from(this.bytes.subarray(at, at + this.length))
    this.exports.clear()
    return rows
  }

  /** For each column the number of its value in a record, -1 where it has none. */
  setColumns(columnSlots: Int32Array): void {
    const at = this.exports.setColumns(columnSlots.length)
    this.words.set(columnSlots, at >> 2)
  }

  /** Begins with a record of the block. */
  begin(record: number): void {
    this.exports.begin(record - this.first)
  }

  /** Goes on with the rows of records up to `to`; false where it stopped at a cell whose value is needed. */
  putRows(to: number): boolean {
    return this.exports.putRows(to - this.first) !== 0
  }

  /**
   * Puts a row, given the texts of its cells one after the other.
   * @param lengths of each in UTF-16 units, NULL_TEXT_LENGTH where it has none
   * @returns false where halves of a surrogate pair met between two of them, and the row was not put
   */
  putRow(texts: string, lengths: Int32Array): boolean {
    const at = this.exports.reserveTexts(texts.length * MAX_BYTES_PER_UTF16_UNIT)
    this.setColumns(lengths)
    const bytes = this.bytes.write(texts, at)
    return this.exports.putTexts(bytes === texts.length) !== 0
  }

  /** Puts that cell, as it stands in the file. */
  putCell(text: string): void {
    const at = this.exports.reserveCell(text.length * MAX_BYTES_PER_UTF16_UNIT)
    this.exports.endCell(this.bytes.write(text, at))
  }
}

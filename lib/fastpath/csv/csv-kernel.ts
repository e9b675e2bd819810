// The JavaScript side of the kernel that writes CSV rows. Each CSV file has its own instance and memory.
import { BlockKernel, type BlockExports } from '../common/block-kernel.js'
import { instantiate } from '../common/webassembly.js'
import { MAX_BYTES_PER_UTF16_UNIT } from '../../shared/bytes/chunked-output.js'
import { wasm } from './kernel-bytes.js'
import {
  ACTION_TABLES,
  ACTION_TABLE_BYTES,
  STOPPED_COLUMN_OFFSET,
  ROWS_ADDRESS_OFFSET,
  ROWS_BYTES_OFFSET,
  STOPPED_RECORD_OFFSET,
  RESULT,
} from './kernel/csv-kernel-memory.js'

interface CsvExports extends BlockExports {
  readonly setDialect: (
    delimiterByte: number,
    crlf: boolean,
    nullBytes: number,
    quoteBlankLine: boolean,
    quoteAll: boolean,
  ) => number
  readonly reserveColumnTables: (count: number) => number
  readonly reserveColumnWords: (count: number) => number
  readonly begin: (record: number) => void
  readonly clear: () => void
  readonly putRows: (to: number) => number
  readonly reserveTexts: (maxBytes: number) => number
  readonly putTexts: (rows: number, rowColumns: number, isAscii: boolean) => number
  readonly reserveCell: (maxBytes: number) => number
  readonly endCell: (bytes: number) => void
}

/** A dialect as the kernel needs it: texts are bytes. */
export interface CsvKernelDialect {
  readonly delimiter: number
  readonly hasCrlfLineEnds: boolean
  readonly nullValue: Buffer
  /** True if a row of one empty cell is written as `""`. */
  readonly isBlankLineQuoted: boolean
  readonly isAlwaysQuoted: boolean
  /** The tables of actions: for each value of a cell's flags the action, see `kernel/csv-kernel-memory.ts`. */
  readonly actionTables: readonly Uint8Array[]
}

export class CsvKernel extends BlockKernel<CsvExports> {
  private constructor(
    exports: CsvExports,
    { delimiter, hasCrlfLineEnds, nullValue, isBlankLineQuoted, isAlwaysQuoted, actionTables }: CsvKernelDialect,
  ) {
    super(exports)
    const nullAddress = exports.setDialect(
      delimiter,
      hasCrlfLineEnds,
      nullValue.length,
      isBlankLineQuoted,
      isAlwaysQuoted,
    )
    this.bytes.set(nullValue, nullAddress)
    for (const [index, table] of actionTables.entries())
      this.bytes.set(table, ACTION_TABLES + index * ACTION_TABLE_BYTES)
  }

  static open(dialect: CsvKernelDialect): CsvKernel | undefined {
    const exports = instantiate(wasm) as CsvExports | undefined
    return exports && new CsvKernel(exports, dialect)
  }

  get stoppedRecord(): number {
    return this.firstRecord + this.words[(RESULT + STOPPED_RECORD_OFFSET) >> 2]!
  }

  get stoppedColumn(): number {
    return this.words[(RESULT + STOPPED_COLUMN_OFFSET) >> 2]!
  }

  get length(): number {
    return this.words[(RESULT + ROWS_BYTES_OFFSET) >> 2]!
  }

  takeRows(): Buffer {
    const at = this.words[(RESULT + ROWS_ADDRESS_OFFSET) >> 2]!
    const rows = Buffer.from(this.bytes.subarray(at, at + this.length))
    this.exports.clear()
    return rows
  }

  /**
   * Sets for each column what {@link putRows} reads: a slot, MISSING_SLOT, or another negative number for a cell that the caller writes.
   * A call of {@link putTexts} overwrites the slots, so they must be set again afterwards.
   */
  setColumnSlots(columnSlots: Int32Array): void {
    this.#writeColumnWords(columnSlots)
  }

  setColumnTables(tableNumbers: Uint8Array): void {
    const at = this.exports.reserveColumnTables(tableNumbers.length)
    this.bytes.set(tableNumbers, at)
  }

  /** Sets the record of the block at which {@link putRows} starts. */
  begin(record: number): void {
    this.exports.begin(record - this.firstRecord)
  }

  /** Continues with the rows of the records before `to`. Returns false if it stopped at a cell that the caller must write. */
  putRows(to: number): boolean {
    return this.exports.putRows(to - this.firstRecord) !== 0
  }

  /**
   * Appends rows.
   * @param texts the texts of all cells, joined
   * @param lengths the length of each text in UTF-16 units, NULL_CELL_LENGTH for a null cell
   * @returns the number of appended rows: all, or the rows before the first one with a surrogate pair that is split between two cells
   */
  putTexts(texts: string, lengths: Int32Array, rows: number): number {
    const at = this.exports.reserveTexts(texts.length * MAX_BYTES_PER_UTF16_UNIT)
    this.#writeColumnWords(lengths)
    const bytes = this.bytes.write(texts, at)
    return this.exports.putTexts(rows, lengths.length / rows, bytes === texts.length)
  }

  /** Appends the cell at which {@link putRows} stopped: its text, with quotes if it needs quotes. */
  putCell(text: string): void {
    const at = this.exports.reserveCell(text.length * MAX_BYTES_PER_UTF16_UNIT)
    this.exports.endCell(this.bytes.write(text, at))
  }

  #writeColumnWords(columnWords: Int32Array): void {
    const at = this.exports.reserveColumnWords(columnWords.length)
    this.words.set(columnWords, at >> 2)
  }
}

// The JavaScript side of the kernel that writes CSV rows. Each CSV file has its own instance and memory.
import { OutputKernel, type OutputExports } from '../common/output-kernel.js'
import { instantiate } from '../common/webassembly.js'
import { MAX_BYTES_PER_UTF16_UNIT } from '../../shared/bytes/chunked-output.js'
import { wasm } from './kernel-bytes.js'
import type { RecordSpans } from '../../spans/record-spans.js'
import { ACTION_TABLES, ACTION_TABLE_BYTES } from './kernel/csv-kernel-memory.js'

interface CsvExports extends OutputExports {
  readonly setDialect: (
    delimiterByte: number,
    crlf: boolean,
    nullBytes: number,
    quoteBlankLine: boolean,
    quoteAll: boolean,
  ) => number
  readonly reserveActionTableNumbers: (count: number) => number
  readonly reserveCellWords: (rows: number, rowColumns: number) => number
  readonly reserveTexts: (maxBytes: number) => number
  readonly putTexts: (rows: number, isAscii: boolean) => number
}

/** A dialect as the kernel needs it: texts are bytes. */
export interface CsvKernelDialect {
  readonly delimiter: number
  readonly crlf: boolean
  readonly nullValue: Buffer
  /** True if a row of one empty cell is written as `""`. */
  readonly quoteBlankLine: boolean
  readonly quoteAll: boolean
  /** The tables of actions: for each value of a cell's flags the action, see `kernel/csv-kernel-memory.ts`. */
  readonly actionTables: readonly Uint8Array[]
}

export class CsvKernel extends OutputKernel<CsvExports> {
  private constructor(
    exports: CsvExports,
    { delimiter, crlf, nullValue, quoteBlankLine, quoteAll, actionTables }: CsvKernelDialect,
  ) {
    super(exports)
    const nullAddress = exports.setDialect(delimiter, crlf, nullValue.length, quoteBlankLine, quoteAll)
    this.bytes.set(nullValue, nullAddress)
    for (const [index, table] of actionTables.entries())
      this.bytes.set(table, ACTION_TABLES + index * ACTION_TABLE_BYTES)
  }

  static open(dialect: CsvKernelDialect): CsvKernel | undefined {
    const exports = instantiate(wasm) as CsvExports | undefined
    return exports && new CsvKernel(exports, dialect)
  }

  setActionTableNumbers(tableNumbers: Uint8Array): void {
    const at = this.exports.reserveActionTableNumbers(tableNumbers.length)
    this.bytes.set(tableNumbers, at)
  }

  /**
   * Appends the rows of records from `from` up to, not including, `to`. Yields them when the output is full.
   * @param columnSlots for each column a slot, MISSING_SLOT, or another negative number for a cell that `formatCell` returns
   * @param formatCell returns the text of a cell that the kernel cannot write, with quotes if it needs quotes
   */
  putRows(
    spans: RecordSpans,
    from: number,
    to: number,
    columnSlots: Int32Array,
    formatCell: (record: number, column: number) => string,
  ): Generator<Buffer> {
    this.#writeCellWords(columnSlots, 1)
    return this.putRecords(spans, from, to, formatCell)
  }

  /**
   * Appends rows.
   * @param texts the texts of all cells, joined
   * @param lengths the length of each text in UTF-16 units, NULL_CELL_LENGTH for a null cell
   * @returns the number of appended rows: all, or the rows before the first one with a surrogate pair that is split between two cells
   */
  putTexts(texts: string, lengths: Int32Array, rows: number): number {
    const at = this.exports.reserveTexts(texts.length * MAX_BYTES_PER_UTF16_UNIT)
    this.#writeCellWords(lengths, rows)
    const bytes = this.bytes.write(texts, at)
    return this.exports.putTexts(rows, bytes === texts.length)
  }

  #writeCellWords(cellWords: Int32Array, rows: number): void {
    const at = this.exports.reserveCellWords(rows, cellWords.length / rows)
    this.words.set(cellWords, at >> 2)
  }
}

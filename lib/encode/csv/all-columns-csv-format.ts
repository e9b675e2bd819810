// CSV with `columns: 'all'`: new columns may appear up to the last row. Each row is encoded once, with the columns known so far, and is
// kept in a spool. When all columns are known, the rows are read back, and shorter rows get null cells at the end.
import { LF, QUOTE, SPACE, TAB } from '../../shared/ascii.js'
import { freeMemory, fillsArrayBuffer } from '../../shared/bytes/free-memory.js'
import type { Column } from '../../schema/column.js'
import type { RecordOrRow } from '../../shared/types.js'
import type { PlannedRun } from '../../spans/record-spans.js'
import { checkHasColumns } from '../column-options.js'
import type { Emit, Format } from '../format.js'
import { Spool } from '../spool/spool.js'
import { RowFormatter } from './rows/row-formatter.js'
import { createRowWriter } from './rows/create-row-writer.js'
import type { RowWriter } from './rows/row-writer.js'
import type { Dialect } from './dialect.js'

export class AllColumnsCsvFormat implements Format {
  readonly #emit: Emit
  readonly #dialect: Dialect
  readonly #formatter: RowFormatter
  #writer!: RowWriter
  readonly #spool = new Spool()
  /** Replaced, not changed, when columns are added: a row writer keeps what it has found out about a list. */
  #columns: readonly Column[] = []

  constructor(emit: Emit, dialect: Dialect) {
    this.#emit = emit
    this.#dialect = dialect
    this.#formatter = new RowFormatter(dialect, true)
  }

  open(columns: readonly Column[]): void {
    this.#writer = createRowWriter(this.#formatter)
    this.#columns = columns
  }

  async addColumns(columns: readonly Column[]): Promise<void> {
    await this.#spoolChunks(this.#writer.takePending())
    this.#columns = [...this.#columns, ...columns]
  }

  encode(rows: readonly RecordOrRow[], firstRowNumber: number): Promise<void> {
    return this.#spoolChunks(this.#writer.write(rows, this.#columns, firstRowNumber))
  }

  encodeSpans(runs: readonly PlannedRun[], firstRowNumber: number): Promise<void> {
    return this.#spoolChunks(this.#writer.writeSpans(runs, this.#columns, firstRowNumber))
  }

  async #spoolChunks(chunks: Iterable<Buffer>): Promise<void> {
    for (const chunk of chunks) {
      await this.#spool.write(this.#columns.length, chunk)
      if (fillsArrayBuffer(chunk)) freeMemory([chunk])
    }
  }

  async close(): Promise<void> {
    await this.#spoolChunks(this.#writer.takePending())
    checkHasColumns('toCsv', this.#columns)
    await this.#emit(this.#formatter.formatHeader(this.#columns))
    const columnCount = this.#columns.length
    for await (const { tag, bytes } of this.#spool.readFrames()) {
      if (tag === columnCount && columnCount > 1) await this.#emit(bytes)
      else {
        await this.#emit(padRows(bytes, this.#createNullCells(tag), this.#dialect.eol.length, columnCount === 1))
        freeMemory([bytes])
      }
    }
  }

  dispose(): Promise<void> {
    return this.#spool.dispose()
  }

  #createNullCells(count: number): Buffer {
    const { delimiter, nullValue } = this.#dialect
    const cells = (delimiter + nullValue).repeat(this.#columns.length - count)
    return Buffer.from(count === 0 ? cells.slice(delimiter.length) : cells)
  }
}

/** Appends cells to every row. With one column, quotes blank lines. A line break inside quotes does not end a row. */
function padRows(bytes: Buffer, cells: Buffer, eolLength: number, hasOneColumn: boolean): Buffer {
  const rowEnds = findRowEnds(bytes)
  const padded = Buffer.allocUnsafeSlow(bytes.length + rowEnds.length * (cells.length + (hasOneColumn ? 2 : 0)))
  let length = 0
  let from = 0
  for (const rowEnd of rowEnds) {
    const lineEnd = rowEnd - eolLength
    const lineStart = length
    length += bytes.copy(padded, length, from, lineEnd)
    for (const byte of cells) padded[length++] = byte
    if (hasOneColumn && isBlank(padded, lineStart, length)) {
      padded.copyWithin(lineStart + 1, lineStart, length)
      padded[lineStart] = padded[length + 1] = QUOTE
      length += 2
    }
    for (from = lineEnd; from < rowEnd; from++) padded[length++] = bytes[from]!
  }
  return padded.subarray(0, length)
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== SPACE && bytes[at] !== TAB) return false
  return true
}

/** Returns the index after each row. */
function findRowEnds(bytes: Buffer): readonly number[] {
  const rowEnds: number[] = []
  let isInQuotes = false
  let quote = findQuote(bytes, 0)
  for (let lineFeed = bytes.indexOf(LF); lineFeed >= 0; lineFeed = bytes.indexOf(LF, lineFeed + 1)) {
    for (; quote < lineFeed; quote = findQuote(bytes, quote + 1)) isInQuotes = !isInQuotes
    if (!isInQuotes) rowEnds.push(lineFeed + 1)
  }
  return rowEnds
}

/** The number of bytes that a loop compares in the time of one call of `indexOf`. */
const BYTES_BEFORE_INDEX_OF = 32

/** Returns the index of the next quote, or the number of bytes if there is none. */
function findQuote(bytes: Buffer, from: number): number {
  const near = Math.min(from + BYTES_BEFORE_INDEX_OF, bytes.length)
  for (let at = from; at < near; at++) if (bytes[at] === QUOTE) return at
  const far = bytes.indexOf(QUOTE, near)
  return far < 0 ? bytes.length : far
}

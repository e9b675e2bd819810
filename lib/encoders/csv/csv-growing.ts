// CSV whose columns grow to the last row. Rows are encoded once, under the columns of their time, and wait in a spool; when
// the header is known, those that came before a column get its empty cells at their end.
import type { Column } from '../../rows/column.js'
import type { Row } from '../../types.js'
import type { SpanRun } from '../../scan/record-spans.js'
import type { Emit, Format } from '../format.js'
import { Spool } from '../spool.js'
import { CsvRows } from './csv-rows.js'
import { csvWriter, type CsvWriter } from './csv-writer.js'
import type { Dialect } from './dialect.js'

const QUOTE = 34
const LF = 10
const EMPTY_CELL = Buffer.from('""')

export class CsvGrowing implements Format {
  readonly #emit: Emit
  readonly #dialect: Dialect
  readonly #csv: CsvRows
  /** Opened with the file. */
  #writer!: CsvWriter
  readonly #spool = new Spool()
  readonly #columns: Column[] = []

  constructor(emit: Emit, dialect: Dialect) {
    this.#emit = emit
    this.#dialect = dialect
    this.#csv = new CsvRows(dialect, true)
  }

  open(columns: readonly Column[]): void {
    this.#writer = csvWriter(this.#csv)
    this.#columns.push(...columns)
  }

  async append(columns: readonly Column[]): Promise<void> {
    await this.#setAside(this.#writer.rest())
    this.#columns.push(...columns)
  }

  encode(rows: readonly Row[], first: number): Promise<void> {
    return this.#setAside(this.#writer.write(rows, this.#columns, first))
  }

  encodeSpans(runs: readonly SpanRun[], first: number): Promise<void> {
    return this.#setAside(this.#writer.writeSpans(runs, this.#columns, first))
  }

  async #setAside(chunks: Iterable<Buffer>): Promise<void> {
    for (const chunk of chunks) await this.#spool.write(this.#columns.length, chunk)
  }

  async close(): Promise<void> {
    await this.#setAside(this.#writer.rest())
    await this.#emit(this.#csv.opening(this.#columns))
    const all = this.#columns.length
    if (all === 0) return
    for await (const { tag, bytes } of this.#spool.frames())
      await this.#emit(
        tag === all && all > 1 ? bytes : completed(bytes, this.#cellsAfter(tag), this.#dialect.eol.length),
      )
  }

  dispose(): Promise<void> {
    return this.#spool.dispose()
  }

  /** The empty cells of a row that was written under so many columns. */
  #cellsAfter(count: number): Buffer {
    const { delimiter, nullValue } = this.#dialect
    const cells = (delimiter + nullValue).repeat(this.#columns.length - count)
    return Buffer.from(count === 0 ? cells.slice(delimiter.length) : cells)
  }
}

/** Every row of the bytes with more cells at its end, none of them blank; a line break inside quotes ends none. */
function completed(bytes: Buffer, cells: Buffer, eolLength: number): Buffer {
  const parts: Buffer[] = []
  let from = 0
  let inQuotes = false
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) inQuotes = !inQuotes
    if (bytes[at] !== LF || inQuotes) continue
    const end = at + 1 - eolLength
    const isBlank = end === from && cells.length === 0
    parts.push(bytes.subarray(from, end), isBlank ? EMPTY_CELL : cells, bytes.subarray(end, at + 1))
    from = at + 1
  }
  return Buffer.concat(parts)
}

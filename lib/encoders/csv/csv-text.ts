// The common dialects of CSV, a batch of rows at a time.
import type { Column } from '../../rows/column.js'
import type { SpanRun } from '../../scan/record-spans.js'
import type { Row } from '../../types.js'
import type { Emit, Format } from '../format.js'
import { CsvRows } from './csv-rows.js'
import { csvWriter, type CsvWriter } from './csv-writer.js'
import type { Dialect } from './dialect.js'

/** CSV under columns that are known before the first row. */
export class CsvText implements Format {
  readonly #emit: Emit
  readonly #csv: CsvRows
  /** Opened with the file. */
  #writer!: CsvWriter
  #columns: readonly Column[] = []

  constructor(emit: Emit, dialect: Dialect) {
    this.#emit = emit
    this.#csv = new CsvRows(dialect)
  }

  async open(columns: readonly Column[]): Promise<void> {
    this.#columns = columns
    this.#writer = csvWriter(this.#csv)
    await this.#emit(this.#csv.opening(columns))
  }

  async encode(rows: readonly Row[], first: number): Promise<void> {
    if (this.#columns.length > 0) await this.#emitAll(this.#writer.write(rows, this.#columns, first))
  }

  async encodeSpans(runs: readonly SpanRun[], first: number): Promise<void> {
    if (this.#columns.length > 0) await this.#emitAll(this.#writer.writeSpans(runs, this.#columns, first))
  }

  async flush(): Promise<void> {
    await this.#emitAll(this.#writer.rest())
  }

  close(): Promise<void> {
    return this.flush()
  }

  async #emitAll(chunks: Iterable<Buffer>): Promise<void> {
    for (const chunk of chunks) await this.#emit(chunk)
  }
}

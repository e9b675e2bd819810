// The common dialects of CSV, a batch of rows at a time.
import type { Column } from '../../rows/column.js'
import type { Row } from '../../types.js'
import type { SpanRun } from '../../scan/record-spans.js'
import { bytesOf } from '../chunks.js'
import type { Emit, Format } from '../format.js'
import { CsvRows } from './csv-rows.js'
import { CsvSpans } from './csv-spans.js'
import type { Dialect } from './dialect.js'

/** CSV under columns that are known before the first row. */
export class CsvText implements Format {
  readonly #emit: Emit
  readonly #csv: CsvRows
  readonly encodeSpans: Format['encodeSpans']
  #columns: readonly Column[] = []

  constructor(emit: Emit, dialect: Dialect) {
    this.#emit = emit
    this.#csv = new CsvRows(dialect)
    if (CsvSpans.fits(dialect)) this.encodeSpans = this.#encodeSpansBy(new CsvSpans(dialect, this.#csv))
  }

  async open(columns: readonly Column[]): Promise<void> {
    this.#columns = columns
    await this.#emit(this.#csv.opening(columns))
  }

  async encode(rows: readonly Row[], first: number): Promise<void> {
    if (this.#columns.length === 0) return
    for (const chunk of bytesOf(this.#csv.lines(rows, this.#columns, first))) await this.#emit(chunk)
  }

  #encodeSpansBy(spans: CsvSpans): (runs: readonly SpanRun[], first: number) => Promise<void> {
    return async (runs, first) => {
      if (this.#columns.length === 0) return
      for (const chunk of spans.chunks(runs, this.#columns, first)) await this.#emit(chunk)
    }
  }

  close(): void {
    // CSV has no footer
  }
}

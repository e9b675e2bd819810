import type { Column } from '../../schema/column.js'
import type { PlannedRun } from '../../spans/record-spans.js'
import type { RecordOrRow } from '../../shared/types.js'
import { checkHasColumns } from '../column-options.js'
import type { Emit, Format } from '../format.js'
import { RowFormatter } from './rows/row-formatter.js'
import { createRowWriter } from './rows/create-row-writer.js'
import type { RowWriter } from './rows/row-writer.js'
import type { Dialect } from './dialect.js'

/** CSV whose columns are known before the first row. */
export class CsvFormat implements Format {
  readonly #emit: Emit
  readonly #formatter: RowFormatter
  #writer!: RowWriter
  #columns: readonly Column[] = []

  constructor(emit: Emit, dialect: Dialect) {
    this.#emit = emit
    this.#formatter = new RowFormatter(dialect)
  }

  async open(columns: readonly Column[]): Promise<void> {
    checkHasColumns('toCsv', columns)
    this.#columns = columns
    this.#writer = createRowWriter(this.#formatter)
    await this.#emit(this.#formatter.formatHeader(columns))
  }

  async encode(rows: readonly RecordOrRow[], firstRowNumber: number): Promise<void> {
    await this.#emitAll(this.#writer.write(rows, this.#columns, firstRowNumber))
  }

  async encodeSpans(runs: readonly PlannedRun[], firstRowNumber: number): Promise<void> {
    await this.#emitAll(this.#writer.writeSpans(runs, this.#columns, firstRowNumber))
  }

  async flush(): Promise<void> {
    await this.#emitAll(this.#writer.takePending())
  }

  close(): Promise<void> {
    return this.flush()
  }

  async #emitAll(chunks: Iterable<Buffer>): Promise<void> {
    for (const chunk of chunks) await this.#emit(chunk)
  }
}

// Formats rows as text and converts the text to bytes. Supports every dialect and needs no WebAssembly.
import type { Column } from '../../../schema/column.js'
import type { PlannedRun } from '../../../spans/record-spans.js'
import type { RecordOrRow } from '../../../shared/types.js'
import { ChunkedOutput } from '../../../shared/bytes/chunked-output.js'
import type { RowFormatter } from './row-formatter.js'
import type { RowWriter } from './row-writer.js'

export class JsRowWriter implements RowWriter {
  readonly #formatter: RowFormatter
  readonly #output = new ChunkedOutput()

  constructor(formatter: RowFormatter) {
    this.#formatter = formatter
  }

  *write(rows: readonly RecordOrRow[], columns: readonly Column[], firstRowNumber: number): Generator<Buffer> {
    for (const [index, row] of rows.entries()) {
      this.#output.add(this.#formatter.formatRow(row, columns, firstRowNumber + index))
      yield* this.#output.takeFullChunks()
    }
  }

  *writeSpans(runs: readonly PlannedRun[], columns: readonly Column[], firstRowNumber: number): Generator<Buffer> {
    let rowNumber = firstRowNumber
    for (const { spans, from, to } of runs) {
      yield* this.write(spans.getRecords(from, to), columns, rowNumber)
      rowNumber += to - from
    }
  }

  takePending(): readonly Buffer[] {
    return this.#output.takeAll()
  }
}

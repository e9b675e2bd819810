// Rows as text, and then as bytes: for every dialect, and where there is no WebAssembly.
import type { Column } from '../../rows/column.js'
import type { SpanRun } from '../../scan/record-spans.js'
import type { Row } from '../../types.js'
import { Chunks } from '../chunks.js'
import type { CsvRows } from './csv-rows.js'
import type { CsvWriter } from './csv-writer.js'

export class TextWriter implements CsvWriter {
  readonly #csv: CsvRows
  readonly #chunks = new Chunks()

  constructor(csv: CsvRows) {
    this.#csv = csv
  }

  *write(rows: readonly Row[], columns: readonly Column[], first: number): Generator<Buffer> {
    for (const [at, row] of rows.entries()) {
      this.#chunks.add(this.#csv.line(row, columns, first + at))
      yield* this.#chunks.takeFull()
    }
  }

  *writeSpans(runs: readonly SpanRun[], columns: readonly Column[], first: number): Generator<Buffer> {
    let number = first
    for (const { spans, from, to } of runs) {
      yield* this.write(spans.records(from, to), columns, number)
      number += to - from
    }
  }

  rest(): readonly Buffer[] {
    return this.#chunks.takeAll()
  }
}

// Rows of CSV from the bytes their values came in. A cell that is not plain is made as every other: by CsvRows, of its value.
import type { Column } from '../../rows/column.js'
import type { SpanRun } from '../../scan/record-spans.js'
import { ESCAPED, LOOSE, NESTED, NULL, valueOf } from '../../scan/span.js'
import { bytesOf } from '../chunks.js'
import { CsvKernel, type CsvBytes } from './csv-kernel.js'
import type { CsvRows } from './csv-rows.js'
import type { Dialect } from './dialect.js'
import { BY_VALUE, CHECKED, EMPTY, ESCAPED_TEXT, JSON_TEXT, QUOTED } from './kernel/memory.js'

/** Bytes of rows from which they are handed on. */
const LARGE = 256 * 1024

/** Writes runs of records in dialects whose delimiter is one byte. */
export class CsvSpans {
  readonly #csv: CsvRows
  readonly #bytes: CsvBytes
  /** Opened for the first rows, since records that are objects need none; null where there is none to be had. */
  #kernel: CsvKernel | null | undefined

  /** @param grows as for {@link CsvRows} */
  constructor(dialect: Dialect, csv: CsvRows, grows = false) {
    this.#csv = csv
    this.#bytes = {
      delimiter: dialect.delimiter.charCodeAt(0),
      endsWithCrlf: dialect.eol === '\r\n',
      nullValue: Buffer.from(dialect.nullValue),
      isGuarded: dialect.formulaGuard,
      blankIsVisible: !grows,
      actions: Uint8Array.from({ length: 256 }, (_, flags) => actionOf(flags, dialect)),
    }
  }

  /** Whether rows of a dialect can be written from bytes. */
  static fits({ delimiter }: Dialect): boolean {
    return delimiter.length === 1 && delimiter <= '\x7f'
  }

  /** The rows of the runs, in chunks. */
  *chunks(runs: readonly SpanRun[], columns: readonly Column[], first: number): Generator<Buffer> {
    if (this.#kernel === undefined) this.#kernel = CsvKernel.open(this.#bytes) ?? null
    const kernel = this.#kernel
    let number = first
    for (const run of runs) {
      const { spans, from, to } = run
      if (kernel) yield* this.#blocks(kernel, run, columns, number - from)
      else yield* bytesOf(this.#csv.lines(spans.records(from, to), columns, number))
      number += to - from
    }
    if (kernel && kernel.length > 0) yield kernel.take()
  }

  /** @param offset what makes the number of a record of its place */
  *#blocks(kernel: CsvKernel, run: SpanRun, columns: readonly Column[], offset: number): Generator<Buffer> {
    const { spans, to, order } = run
    kernel.setColumns(order)
    for (let from = run.from; from < to;) {
      const end = kernel.show(spans, from, to)
      this.#putRows(kernel, { spans, from, to: end, order }, columns, offset)
      from = end
      if (kernel.length >= LARGE) yield kernel.take()
    }
  }

  #putRows(kernel: CsvKernel, { spans, from, to, order }: SpanRun, columns: readonly Column[], offset: number): void {
    const { bytes, firsts, table } = spans
    kernel.begin(from)
    while (!kernel.putRows(to)) {
      const { record, column } = kernel
      const span = firsts[record]! + order[column]!
      const value = valueOf(bytes, table.starts[span]!, table.ends[span]!, table.flags[span]!)
      kernel.putCell(this.#csv.cell(value, columns[column]!, record + offset))
    }
  }
}

/** What the dialect does with cells of these flags. */
function actionOf(flags: number, { quoteAll }: Dialect): number {
  if (flags === NULL) return EMPTY
  if ((flags & ESCAPED) !== 0) return ESCAPED_TEXT
  if ((flags & LOOSE) !== 0) return BY_VALUE
  if ((flags & NESTED) !== 0) return JSON_TEXT
  return quoteAll ? QUOTED : CHECKED
}

// Rows of CSV from the bytes their values came in. A cell that is not plain is made as every other: by CsvRows, of its value.
import type { Column } from '../../rows/column.js'
import type { RecordSpans, SpanRun } from '../../scan/record-spans.js'
import { ESCAPED, LOOSE, NESTED, NULL, valueOf } from '../../scan/span.js'
import { CsvKernel, type CsvBytes } from './csv-kernel.js'
import type { CsvRows } from './csv-rows.js'
import type { Dialect } from './dialect.js'
import { BY_VALUE, CHECKED, EMPTY, ESCAPED_TEXT, JSON_TEXT, QUOTED } from './kernel/memory.js'

/** Bytes of records that are encoded at a time. */
const BLOCK = 256 * 1024

/** Writes runs of records in dialects whose delimiter is one byte. */
export class CsvSpans {
  readonly #csv: CsvRows
  readonly #bytes: CsvBytes
  /** Opened for the first rows, since records that are objects need none. */
  #kernel: CsvKernel | undefined

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
    const kernel = (this.#kernel ??= new CsvKernel(this.#bytes))
    let number = first
    for (const { spans, from, to, order } of runs) {
      kernel.setColumns(order)
      for (let start = from; start < to;) {
        const end = endOfBlock(spans, start, to)
        yield this.#rows(kernel, { spans, from: start, to: end, order }, columns, number - start)
        number += end - start
        start = end
      }
    }
  }

  /** @param offset what makes the number of a record of its place */
  #rows(kernel: CsvKernel, { spans, from, to, order }: SpanRun, columns: readonly Column[], offset: number): Buffer {
    const { bytes, firsts, table } = spans
    kernel.show(spans, from, to)
    kernel.exports.begin()
    while (!kernel.putRows(to)) {
      const { record, column } = kernel
      const span = firsts[record]! + order[column]!
      const value = valueOf(bytes, table.starts[span]!, table.ends[span]!, table.flags[span]!)
      kernel.putCell(this.#csv.cell(value, columns[column]!, record + offset))
    }
    return kernel.rows
  }
}

/** One record at least. */
function endOfBlock({ starts, ends }: RecordSpans, from: number, to: number): number {
  let end = from + 1
  while (end < to && ends[end]! - starts[from]! <= BLOCK) end++
  return end
}

/** What the dialect does with cells of these flags. */
function actionOf(flags: number, { quoteAll }: Dialect): number {
  if (flags === NULL) return EMPTY
  if ((flags & ESCAPED) !== 0) return ESCAPED_TEXT
  if ((flags & LOOSE) !== 0) return BY_VALUE
  if ((flags & NESTED) !== 0) return JSON_TEXT
  return quoteAll ? QUOTED : CHECKED
}

// Rows as bytes by way of the kernel: of spans the bytes of their values, of records the texts of their cells.
import type { Column } from '../../rows/column.js'
import type { SpanRun } from '../../scan/record-spans.js'
import { ESCAPED, LOOSE, NESTED, NULL } from '../../scan/span.js'
import type { Row } from '../../types.js'
import { CsvKernel } from './csv-kernel.js'
import type { CsvRows } from './csv-rows.js'
import type { CsvWriter } from './csv-writer.js'
import type { Dialect } from './dialect.js'
import { BY_VALUE, CHECKED, EMPTY, ESCAPED_TEXT, JSON_TEXT, NO_TEXT, QUOTED } from './kernel/memory.js'

/** Bytes of rows from which they are handed on: a write of its own for a small page, two or three for a large one. */
const LARGE = 512 * 1024

/** Writes in dialects whose delimiter is one byte. */
export class KernelWriter implements CsvWriter {
  readonly #kernel: CsvKernel
  readonly #csv: CsvRows
  /** Of the texts of a row's cells, in UTF-16 units. */
  #lengths = new Int32Array(0)

  private constructor(kernel: CsvKernel, csv: CsvRows) {
    this.#kernel = kernel
    this.#csv = csv
  }

  /**
   * A writer with a kernel of its own; undefined where the dialect is none of the kernel's, or where there is no WebAssembly.
   */
  static open(csv: CsvRows): KernelWriter | undefined {
    const { dialect, grows } = csv
    const { delimiter, eol, nullValue } = dialect
    if (delimiter.length > 1 || delimiter > '\x7f' || changesTexts(dialect)) return undefined
    const kernel = CsvKernel.open({
      delimiter: delimiter.charCodeAt(0),
      endsWithCrlf: eol === '\r\n',
      nullValue: Buffer.from(nullValue),
      blankIsVisible: !grows,
      actions: Uint8Array.from({ length: 256 }, (_, flags) => actionOf(flags, dialect)),
    })
    return kernel && new KernelWriter(kernel, csv)
  }

  *write(rows: readonly Row[], columns: readonly Column[], first: number): Generator<Buffer> {
    if (this.#lengths.length !== columns.length) this.#lengths = new Int32Array(columns.length)
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at]!
      const texts = this.#textsOf(row, columns, first + at)
      if (texts.length <= LARGE && this.#kernel.putRow(texts, this.#lengths)) {
        if (this.#kernel.length >= LARGE) yield this.#kernel.take()
      } else {
        yield* this.rest()
        yield Buffer.from(this.#csv.line(row, columns, first + at))
      }
    }
  }

  *writeSpans(runs: readonly SpanRun[], columns: readonly Column[], first: number): Generator<Buffer> {
    let number = first
    for (const run of runs) {
      yield* this.#blocks(run, columns, number - run.from)
      number += run.to - run.from
    }
  }

  *rest(): Generator<Buffer> {
    if (this.#kernel.length > 0) yield this.#kernel.take()
  }

  /** The texts of a row's cells, one after the other; how long each is belongs to `#lengths`. */
  #textsOf(row: Row, columns: readonly Column[], number: number): string {
    const lengths = this.#lengths
    let texts = ''
    for (let at = 0; at < columns.length; at++) {
      const column = columns[at]!
      const text = this.#csv.text(row, column, number)
      lengths[at] = text === null ? NO_TEXT : text.length
      if (text !== null) texts += text
    }
    return texts
  }

  /** @param offset what makes the number of a record of its place */
  *#blocks(run: SpanRun, columns: readonly Column[], offset: number): Generator<Buffer> {
    const kernel = this.#kernel
    const { spans, to, order } = run
    kernel.setColumns(order)
    for (let from = run.from; from < to;) {
      const end = kernel.show(spans, from, to)
      this.#putSpans({ spans, from, to: end, order }, columns, offset)
      from = end
      if (kernel.length >= LARGE) yield kernel.take()
    }
  }

  /** A cell that is not plain is made as every other: by CsvRows, of its value. */
  #putSpans({ spans, from, to, order }: SpanRun, columns: readonly Column[], offset: number): void {
    const kernel = this.#kernel
    kernel.begin(from)
    while (!kernel.putRows(to)) {
      const { record, column } = kernel
      const slot = order[column]!
      const digits = spans.digits(record, slot)
      const text = digits ?? this.#csv.textOf(spans.value(record, slot), columns[column]!, record + offset)
      kernel.putCell(this.#csv.cell(text))
    }
  }
}

/** Whether cells are more than their text and quotes. */
const changesTexts = ({ formulaGuard, emptyAsNull, lineBreaks }: Dialect) =>
  formulaGuard || emptyAsNull || lineBreaks !== 'keep'

/** The action of the dialect for cells of these flags. */
function actionOf(flags: number, { quoteAll }: Dialect): number {
  if (flags === NULL) return EMPTY
  if ((flags & ESCAPED) !== 0) return ESCAPED_TEXT
  if ((flags & LOOSE) !== 0) return BY_VALUE
  if ((flags & NESTED) !== 0) return JSON_TEXT
  return quoteAll ? QUOTED : CHECKED
}

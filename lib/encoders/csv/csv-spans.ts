// Rows of CSV from the bytes their values came in. A cell that is not plain is made as every other: by CsvRows, of its value.
import type { Column } from '../../rows/column.js'
import type { RecordSpans, SpanRun } from '../../scan/record-spans.js'
import { ESCAPED, LOOSE, MARKED, NESTED, NULL, TEXT, valueOf } from '../../scan/span.js'
import { Chunks, WIDEST } from '../chunks.js'
import type { CsvRows } from './csv-rows.js'
import type { Dialect } from './dialect.js'

const QUOTE = 34

/** What is done with a cell. */
const COPY = 0
const QUOTED = 1
/** It is quoted if it holds the delimiter. */
const CHECKED = 2
/** It is JSON text: quoted if it holds a quote, and then those are doubled. */
const JSON_TEXT = 3
const EMPTY = 4
const BY_VALUE = 5

/** Delimiters that spans are marked for, and the one that no plain text can hold. */
const delimiters: readonly string[] = [',', ';', '|', '\t']

/** How a formula can begin: with `=`, `+`, `-`, `@`, or the first byte of their full-width forms. */
const formulaStarts: readonly number[] = [61, 43, 45, 64, 0xef]

/** Writes runs of records in dialects whose delimiter is one of the usual. */
export class CsvSpans {
  readonly #csv: CsvRows
  readonly #delimiter: number
  readonly #eol: Buffer
  readonly #nullValue: Buffer
  readonly #actions: Uint8Array
  readonly #isGuarded: boolean
  readonly #blankIsVisible: boolean
  readonly #out = new Chunks()

  /** @param grows as for {@link CsvRows} */
  constructor(dialect: Dialect, csv: CsvRows, grows = false) {
    this.#csv = csv
    this.#delimiter = dialect.delimiter.charCodeAt(0)
    this.#eol = Buffer.from(dialect.eol)
    this.#nullValue = Buffer.from(dialect.nullValue)
    this.#actions = Uint8Array.from({ length: 256 }, (_, flags) => actionOf(flags, dialect))
    this.#isGuarded = dialect.formulaGuard
    this.#blankIsVisible = !grows
  }

  /** Whether rows of a dialect can be written from bytes. */
  static fits({ delimiter }: Dialect): boolean {
    return delimiters.includes(delimiter)
  }

  /** The rows of the runs, in chunks. */
  chunks(runs: readonly SpanRun[], columns: readonly Column[], first: number): readonly Buffer[] {
    let number = first
    for (const { spans, from, to, order } of runs)
      for (let at = from; at < to; at++) this.#row(spans, at, order, columns, number++)
    return this.#out.takeAll()
  }

  #row(spans: RecordSpans, at: number, order: Int32Array, columns: readonly Column[], number: number): void {
    const { bytes, table, firsts } = spans
    const { starts, ends, flags } = table
    const first = firsts[at]!
    const most = this.#mostBytes(spans, at, order.length)
    this.#out.reserve(most)
    let out = this.#out.bytes
    let end = this.#out.end
    const from = end
    for (let column = 0; column < order.length; column++) {
      if (column > 0) out[end++] = this.#delimiter
      const slot = order[column]!
      if (slot < 0) {
        end = this.#empty(out, end)
        continue
      }
      const [start, stop, flag] = [starts[first + slot]!, ends[first + slot]!, flags[first + slot]!]
      const next = this.#plain(flag, bytes, start, stop, out, end)
      if (next >= 0) end = next
      else {
        const text = this.#csv.cell(valueOf(bytes, start, stop, flag), columns[column]!, number)
        out = this.#roomFor(text.length * WIDEST + most, end)
        end += out.write(text, end)
      }
    }
    this.#endRow(out, from, end, order.length)
  }

  /** Writes a cell and returns where it ends; -1 where that takes its value. */
  #plain(flag: number, bytes: Buffer, start: number, stop: number, out: Buffer, end: number): number {
    const action = this.#actions[flag]!
    if (action === EMPTY) return this.#empty(out, end)
    if (action === BY_VALUE || this.#isSuspect(bytes, start, stop, flag)) return -1
    if (action === JSON_TEXT) return jsonText(bytes, start, stop, out, end)
    if (action === QUOTED || (action === CHECKED && holds(bytes, start, stop, this.#delimiter))) {
      out[end] = QUOTE
      const closing = copied(bytes, start, stop, out, end + 1)
      out[closing] = QUOTE
      return closing + 1
    }
    return copied(bytes, start, stop, out, end)
  }

  /** A text that may read as null, or begin a formula. */
  #isSuspect(bytes: Buffer, start: number, stop: number, flag: number): boolean {
    if (this.#nullValue.length > 0 && stop - start === this.#nullValue.length) return true
    return this.#isGuarded && (flag & TEXT) !== 0 && formulaStarts.includes(bytes[start]!)
  }

  #empty(out: Buffer, end: number): number {
    return this.#nullValue.length === 0 ? end : end + this.#nullValue.copy(out, end)
  }

  /** At most every quote is doubled, and around each cell there are two quotes and a delimiter. */
  #mostBytes({ starts, ends }: RecordSpans, at: number, columns: number): number {
    return 2 * (ends[at]! - starts[at]!) + columns * (this.#nullValue.length + 3) + this.#eol.length
  }

  /** The chunk at hand, longer if it must be; rarely, since values seldom have more bytes than what they came in. */
  #roomFor(length: number, end: number): Buffer {
    if (end + length <= this.#out.bytes.length) return this.#out.bytes
    const longer = Buffer.allocUnsafe(end + 2 * length)
    this.#out.bytes.copy(longer, 0, 0, end)
    this.#out.bytes = longer
    return longer
  }

  #endRow(out: Buffer, from: number, end: number, columns: number): void {
    let stop = end
    // a line of one empty cell would be blank, and readers skip blank lines
    if (stop === from && columns === 1 && this.#blankIsVisible) stop += out.write('""', stop)
    for (let at = 0; at < this.#eol.length; at++) out[stop++] = this.#eol[at]!
    this.#out.end = stop
  }
}

/** What the dialect does with cells of these flags. */
function actionOf(flags: number, { delimiter, quoteAll }: Dialect): number {
  if (flags === NULL) return EMPTY
  if ((flags & (ESCAPED | LOOSE)) !== 0) return BY_VALUE
  if ((flags & NESTED) !== 0) return JSON_TEXT
  if (quoteAll) return QUOTED
  return (flags & MARKED) !== 0 && delimiter !== '\t' ? CHECKED : COPY
}

function copied(bytes: Buffer, start: number, stop: number, out: Buffer, end: number): number {
  let to = end
  for (let at = start; at < stop; at++) out[to++] = bytes[at]!
  return to
}

function holds(bytes: Buffer, start: number, stop: number, byte: number): boolean {
  let at = start
  while (at < stop && bytes[at] !== byte) at++
  return at < stop
}

/** JSON text in quotes, -1 where it has none of its own and so may need none around it. */
function jsonText(bytes: Buffer, start: number, stop: number, out: Buffer, end: number): number {
  let to = end
  out[to++] = QUOTE
  for (let at = start; at < stop; at++) {
    const byte = bytes[at]!
    out[to++] = byte
    if (byte === QUOTE) out[to++] = QUOTE
  }
  if (to - end === stop - start + 1) return -1
  out[to++] = QUOTE
  return to
}

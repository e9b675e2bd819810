// Rows of CSV from the bytes their values came in. A cell that is not plain is made as every other: by CsvRows, of its value.
import type { Column } from '../../rows/column.js'
import type { RecordSpans, SpanRun } from '../../scan/record-spans.js'
import { ESCAPED, LOOSE, NESTED, NULL, TEXT, valueOf } from '../../scan/span.js'
import { unescaped } from '../../scan/unescape.js'
import { copied, copiedWithout, fourOf } from '../../scan/words.js'
import { Chunks, WIDEST } from '../chunks.js'
import type { CsvRows } from './csv-rows.js'
import type { Dialect } from './dialect.js'

const [LF, CR, QUOTE] = [10, 13, 34]

/** What is done with a cell. */
const QUOTED = 0
/** It is quoted if it holds the delimiter. */
const CHECKED = 1
/** It is JSON text, full of quotes. */
const JSON_TEXT = 2
/** It is text with escapes; most often those are quotes and line breaks. */
const ESCAPED_TEXT = 3
const EMPTY = 4
const BY_VALUE = 5

/** How a formula can begin: with `=`, `+`, `-`, `@`, or the first byte of their full-width forms. */
const formulaStarts: readonly number[] = [61, 43, 45, 64, 0xef]

/** Writes runs of records in dialects whose delimiter is one byte. */
export class CsvSpans {
  readonly #csv: CsvRows
  readonly #delimiter: number
  readonly #delimiters: number
  readonly #eol: Buffer
  readonly #nullValue: Buffer
  readonly #actions: Uint8Array
  readonly #isGuarded: boolean
  readonly #blankIsVisible: boolean
  /** 1 for each byte that has to stand in quotes. */
  readonly #special = new Uint8Array(256)
  readonly #out = new Chunks()
  /** Holds a text without its escapes. */
  #text = Buffer.alloc(0)

  /** @param grows as for {@link CsvRows} */
  constructor(dialect: Dialect, csv: CsvRows, grows = false) {
    this.#csv = csv
    this.#delimiter = dialect.delimiter.charCodeAt(0)
    this.#delimiters = fourOf(this.#delimiter)
    for (const byte of [this.#delimiter, QUOTE, LF, CR]) this.#special[byte] = 1
    this.#eol = Buffer.from(dialect.eol)
    this.#nullValue = Buffer.from(dialect.nullValue)
    this.#actions = Uint8Array.from({ length: 256 }, (_, flags) => actionOf(flags, dialect))
    this.#isGuarded = dialect.formulaGuard
    this.#blankIsVisible = !grows
  }

  /** Whether rows of a dialect can be written from bytes. */
  static fits({ delimiter }: Dialect): boolean {
    return delimiter.length === 1 && delimiter <= '\x7f'
  }

  /** The rows of the runs, in chunks. */
  chunks(runs: readonly SpanRun[], columns: readonly Column[], first: number): readonly Buffer[] {
    let number = first
    for (const { spans, from, to, order } of runs)
      for (let at = from; at < to; at++) this.#row(spans, at, order, columns, number++)
    return this.#out.takeAll()
  }

  #row(spans: RecordSpans, at: number, order: Int32Array, columns: readonly Column[], number: number): void {
    const { bytes, view, table, firsts } = spans
    const { starts, ends, flags } = table
    const chunk = this.#out
    const first = firsts[at]!
    const most = this.#mostBytes(spans, at, order.length)
    chunk.reserve(most)
    const from = chunk.end
    let end = from
    for (let column = 0; column < order.length; column++) {
      if (column > 0) chunk.bytes[end++] = this.#delimiter
      const slot = order[column]!
      if (slot < 0) {
        end = this.#empty(chunk.bytes, end)
        continue
      }
      const [start, stop, flag] = [starts[first + slot]!, ends[first + slot]!, flags[first + slot]!]
      const next = this.#plain(flag, bytes, view, start, stop, end)
      if (next >= 0) end = next
      else {
        const text = this.#csv.cell(valueOf(bytes, start, stop, flag), columns[column]!, number)
        chunk.extend(text.length * WIDEST + most, end)
        end += chunk.bytes.write(text, end)
      }
    }
    this.#endRow(chunk.bytes, from, end, order.length)
  }

  /** Writes a cell and returns where it ends; -1 where that takes its value. */
  #plain(flag: number, bytes: Buffer, view: DataView, start: number, stop: number, end: number): number {
    const out = this.#out
    const action = this.#actions[flag]!
    if (action === EMPTY) return this.#empty(out.bytes, end)
    if (action === BY_VALUE || this.#isSuspect(bytes, start, stop, flag)) return -1
    if (action === JSON_TEXT) return jsonText(bytes, start, stop, out.bytes, end)
    if (action === ESCAPED_TEXT) return this.#escaped(bytes, start, stop, end)
    if (action === CHECKED) {
      const next = copiedWithout(this.#delimiters, view, start, stop, out.view, end)
      if (next >= 0) return next
    }
    out.bytes[end] = QUOTE
    const closing = copied(view, start, stop, out.view, end + 1)
    out.bytes[closing] = QUOTE
    return closing + 1
  }

  /** Writes what a text with escapes stands for; -1 where that may need no quotes, read as null or begin a formula. */
  #escaped(bytes: Buffer, start: number, stop: number, end: number): number {
    if (this.#isGuarded || this.#nullValue.length > 0) return -1
    if (this.#text.length < stop - start) this.#text = Buffer.allocUnsafeSlow(2 * (stop - start))
    const length = unescaped(bytes, start, stop, this.#text, 0)
    if (length < 0) return -1
    const next = doubled(this.#text, 0, length, this.#out.bytes, end)
    return next - end > length + 2 || this.#mustBeQuoted(this.#text, length) ? next : -1
  }

  #mustBeQuoted(bytes: Buffer, length: number): boolean {
    for (let at = 0; at < length; at++) if (this.#special[bytes[at]!] === 1) return true
    return false
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

  #endRow(out: Buffer, from: number, end: number, columns: number): void {
    let stop = end
    // a line of one empty cell would be blank, and readers skip blank lines
    if (stop === from && columns === 1 && this.#blankIsVisible) stop += out.write('""', stop)
    for (let at = 0; at < this.#eol.length; at++) out[stop++] = this.#eol[at]!
    this.#out.end = stop
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

/** JSON text in quotes, -1 where it has none of its own and so may need none around it. */
function jsonText(bytes: Buffer, start: number, stop: number, out: Buffer, end: number): number {
  const next = doubled(bytes, start, stop, out, end)
  return next - end > stop - start + 2 ? next : -1
}

/** Writes bytes in quotes, their own doubled; returns where that ends. */
function doubled(bytes: Buffer, start: number, stop: number, out: Buffer, end: number): number {
  let to = end
  out[to++] = QUOTE
  for (let at = start; at < stop; at++) {
    const byte = bytes[at]!
    out[to++] = byte
    if (byte === QUOTE) out[to++] = QUOTE
  }
  out[to++] = QUOTE
  return to
}

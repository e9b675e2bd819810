// toNdjson(): one JSON text per line, records verbatim. Source of the form: https://github.com/ndjson/ndjson-spec
import { ExportError } from '../errors.js'
import { stringifyJson } from '../json.js'
import { optional, resolveOptions, type Rules } from '../options.js'
import { filterRecord } from '../rows/filter-record.js'
import { rowsOf } from '../rows/flatten.js'
import { alikeNames, alikeWarnings, ofFields } from '../rows/alike-names.js'
import { strictRule, type Strict } from '../rows/given-names.js'
import { RecordNames } from '../rows/record-names.js'
import { selectionOf, selectionRules, type FlattenOptions, type Selection } from '../rows/selection.js'
import type { RecordSpans } from '../scan/record-spans.js'
import type { Shape } from '../scan/shape.js'
import type { Row } from '../types.js'
import { Chunks } from './chunks.js'
import { EncoderStream, newStats, type Encoder, type EncoderStats, type RecordSink, type Warn } from './encoder.js'
import type { Emit } from './format.js'
import { NameCheck } from './name-check.js'

const LF = 10

const WHERE = 'toNdjson'

/** Options of {@link toNdjson}. */
export interface NdjsonOptions extends Pick<FlattenOptions, 'pick' | 'omit'> {
  /**
   * A name in `pick` or `omit` that no record has is a `warning` event at the end; with `true` it is `ERR_UNMATCHED_NAME`
   * instead, with `'omit'` only a name in `omit` is. With `true`, names that differ only in case are `ERR_COLUMN_COLLISION`.
   * @default false
   */
  strict?: boolean | 'omit' | undefined
}

const rules: Rules<NdjsonOptions> = { ...selectionRules, strict: optional(strictRule, false) }

/**
 * Encodes records as newline-delimited JSON, each as it came, numbers with all their digits. U+2028, U+2029 and U+0085 are
 * written as escapes, because some readers end a line there. `pick` and `omit` leave fields out by the names that their
 * columns have in CSV: `variable:amount` is `variables.amount`.
 *
 * @throws OptionError for a bad option. The stream fails with `ERR_ENCODE` for what JSON cannot hold.
 * @example await pipeline(exportStream({ … }), toNdjson(), createGzip(), createWriteStream('instances.ndjson.gz'))
 */
export function toNdjson(options: NdjsonOptions = {}): Encoder {
  const { strict = false, ...names } = resolveOptions<NdjsonOptions>(WHERE, options, rules)
  const selection = selectionOf(WHERE, names)
  const stats = newStats()
  return new EncoderStream(WHERE, stats, (emit, { warn }) => {
    const lines = new Ndjson(emit, stats, strict, warn)
    if (selection.given.length === 0) return lines
    const names = new NameCheck({ where: WHERE, strict, given: selection.given }, stats, warn)
    return new FilteredNdjson(lines, selection, names)
  })
}

/** Records without what the selection leaves out; so they are needed as objects. */
class FilteredNdjson implements RecordSink {
  readonly #lines: Ndjson
  readonly #selection: Selection
  readonly #names: NameCheck
  #isEmpty = true

  constructor(lines: Ndjson, selection: Selection, names: NameCheck) {
    this.#lines = lines
    this.#selection = selection
    this.#names = names
  }

  take(records: readonly Row[]): Promise<void> {
    if (this.#names.isOpen) for (const row of records.flatMap(rowsOf)) this.#names.look(row)
    const kept = records.map((record) => filterRecord(record, this.#selection))
    this.#isEmpty &&= kept.every((record) => Object.keys(record).length === 0)
    return this.#lines.take(kept)
  }

  flush(): Promise<void> {
    return this.#lines.flush()
  }

  end(): Promise<void> {
    this.#names.finish(this.#isEmpty)
    return this.#lines.end()
  }
}

class Ndjson implements RecordSink {
  readonly #emit: Emit
  readonly #stats: EncoderStats
  readonly #strict: Strict
  readonly #warn: Warn
  readonly #out = new Chunks()
  readonly #names = new RecordNames()
  readonly #shapes = new Set<Shape>()

  constructor(emit: Emit, stats: EncoderStats, strict: Strict, warn: Warn) {
    this.#emit = emit
    this.#stats = stats
    this.#strict = strict
    this.#warn = warn
  }

  async take(records: readonly Row[]): Promise<void> {
    for (const record of records) {
      this.#names.look(record)
      this.#out.add(`${this.#line(record)}\n`)
      this.#stats.rows++
      for (const chunk of this.#out.takeFull()) await this.#emit(chunk)
    }
  }

  /** The bytes of a record are its line, unless JSON.stringify would write it in another way. */
  async takeSpans(records: RecordSpans, isShared: boolean): Promise<void> {
    const out = this.#out
    this.#lookAt(records)
    for (let at = 0, to = 0; at < records.length; at = to) {
      to = endOfRun(records, at)
      if (to > at) await this.#putRun(linesOf(records, at, to, isShared))
      else out.add(`${this.#line(records.record(to++))}\n`)
      this.#stats.rows += to - at
      for (const chunk of out.takeFull()) await this.#emit(chunk)
    }
  }

  async flush(): Promise<void> {
    for (const chunk of this.#out.takeAll()) await this.#emit(chunk)
  }

  async end(): Promise<void> {
    await this.flush()
    this.#stats.alikeColumns = alikeNames(this.#names.all)
    for (const warning of alikeWarnings(WHERE, this.#stats.alikeColumns, this.#strict, ofFields)) this.#warn(warning)
  }

  /** Records of one shape have the same names. */
  #lookAt(records: RecordSpans): void {
    for (const { shape } of records.stretches()) {
      if (this.#shapes.has(shape)) continue
      this.#shapes.add(shape)
      this.#names.add(shape.columns)
    }
  }

  /** Many records leave in one chunk; a few wait for more, since every chunk is a write. */
  async #putRun(lines: Buffer): Promise<void> {
    if (lines.length < MIN_WRITE_BYTES) this.#out.addBytes(lines)
    else {
      await this.flush()
      await this.#emit(lines)
    }
  }

  #line(record: Row): string {
    try {
      return escaped(stringifyJson(record))
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new ExportError('ERR_ENCODE', `${WHERE}: record ${this.#stats.rows + 1}: ${reason}`, { cause })
    }
  }
}

/** Bytes that are handed on at a time, if a record has not more. */
const MAX_RUN_BYTES = 1024 * 1024
const MIN_WRITE_BYTES = 64 * 1024

/** The end of the run of records from `at` on whose bytes are their lines, and that have one byte between them. */
function endOfRun(records: RecordSpans, at: number): number {
  const { starts, ends, length } = records
  let to = at
  while (
    to < length &&
    !records.isLoose(to) &&
    (to === at || (starts[to] === ends[to - 1]! + 1 && ends[to]! - starts[at]! < MAX_RUN_BYTES))
  )
    to++
  return to
}

/**
 * Records as lines. A chunk belongs to its receiver, so it is in the memory of the page only if no other encoder reads that page,
 * and else a copy.
 */
function linesOf({ bytes, starts, ends }: RecordSpans, from: number, to: number, isShared: boolean): Buffer {
  const start = starts[from]!
  const place = bytes.subarray(start, ends[to - 1]! + 1)
  const lines = isShared ? Buffer.from(place) : place
  // what stands behind each record, `,` or `]`
  for (let at = from; at < to; at++) lines[ends[at]! - start] = LF
  return separatorBytes.some((separator) => lines.includes(separator)) ? Buffer.from(escaped(lines.toString())) : lines
}

/** Characters that JSON allows in a text, and that some readers take for the end of a line. Source: Unicode, chapter 5.8. */
const separators = ['\u2028', '\u2029', '\u0085']
const separatorBytes = separators.map((separator) => Buffer.from(separator))

/** JSON with these characters as escapes, which is the same value. */
function escaped(json: string): string {
  if (!separators.some((separator) => json.includes(separator))) return json
  return json.replace(/[\u2028\u2029\u0085]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

// toNdjson(): one JSON text per line, records verbatim. Source of the form: https://github.com/ndjson/ndjson-spec
import { ExportError } from '../../shared/errors.js'
import { stringifyJson } from '../../shared/json.js'
import { optional, resolveOptions, type Rules } from '../../shared/options.js'
import { filterRecord } from '../../schema/filter-record.js'
import { expandRecord } from '../../schema/flatten.js'
import { groupAlikeNames, createColumnCaseWarnings, fieldWording } from '../../schema/alike-names.js'
import { strictRule, type StrictMode } from '../../schema/name-matcher.js'
import { RecordNames } from '../../schema/record-names.js'
import { createSelection, selectionRules, type FlattenOptions, type Selection } from '../../schema/selection.js'
import type { RecordSpans } from '../../fastpath/scan/record-spans.js'
import type { RecordLayout } from '../../fastpath/scan/record-layout.js'
import type { Row } from '../../shared/types.js'
import { ChunkedOutput } from '../../shared/chunked-output.js'
import { EncoderStream, createStats, type Encoder, type EncoderStats, type RecordSink, type Warn } from '../encoder.js'
import type { Emit } from '../format.js'
import { NameCheck } from '../name-check.js'

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
  const selection = createSelection(WHERE, names)
  const stats = createStats()
  return new EncoderStream(WHERE, stats, (emit, { warn }) => {
    const lines = new NdjsonSink(emit, stats, strict, warn)
    if (selection.optionNames.length === 0) return lines
    const names = new NameCheck({ where: WHERE, strict, optionNames: selection.optionNames }, stats, warn)
    return new FilteredNdjsonSink(lines, selection, names)
  })
}

/** Records without what the selection leaves out; so they are needed as objects. */
class FilteredNdjsonSink implements RecordSink {
  readonly #ndjsonSink: NdjsonSink
  readonly #selection: Selection
  readonly #names: NameCheck
  #isEmpty = true

  constructor(lines: NdjsonSink, selection: Selection, names: NameCheck) {
    this.#ndjsonSink = lines
    this.#selection = selection
    this.#names = names
  }

  writeRecords(records: readonly Row[]): Promise<void> {
    if (this.#names.hasUnmatchedNames) for (const row of records.flatMap(expandRecord)) this.#names.matchRecord(row)
    const filteredRecords = records.map((record) => filterRecord(record, this.#selection))
    this.#isEmpty &&= filteredRecords.every((record) => Object.keys(record).length === 0)
    return this.#ndjsonSink.writeRecords(filteredRecords)
  }

  flush(): Promise<void> {
    return this.#ndjsonSink.flush()
  }

  end(): Promise<void> {
    this.#names.finish(this.#isEmpty)
    return this.#ndjsonSink.end()
  }
}

class NdjsonSink implements RecordSink {
  readonly #emit: Emit
  readonly #stats: EncoderStats
  readonly #strict: StrictMode
  readonly #warn: Warn
  readonly #output = new ChunkedOutput()
  readonly #names = new RecordNames()
  readonly #layouts = new Set<RecordLayout>()

  constructor(emit: Emit, stats: EncoderStats, strict: StrictMode, warn: Warn) {
    this.#emit = emit
    this.#stats = stats
    this.#strict = strict
    this.#warn = warn
  }

  async writeRecords(records: readonly Row[]): Promise<void> {
    for (const record of records) {
      this.#names.addRecord(record)
      this.#output.add(`${this.#formatLine(record)}\n`)
      this.#stats.rows++
      for (const chunk of this.#output.takeFullChunks()) await this.#emit(chunk)
    }
  }

  /** The bytes of a record are its line, unless JSON.stringify would write it in another way. */
  async writeSpans(records: RecordSpans, isShared: boolean): Promise<void> {
    const output = this.#output
    this.#addLayoutNames(records)
    for (let index = 0, to = 0; index < records.length; index = to) {
      to = findRunEnd(records, index)
      if (to > index) await this.#emitLines(extractLines(records, index, to, isShared))
      else output.add(`${this.#formatLine(records.getRecord(to++))}\n`)
      this.#stats.rows += to - index
      for (const chunk of output.takeFullChunks()) await this.#emit(chunk)
    }
  }

  async flush(): Promise<void> {
    for (const chunk of this.#output.takeAll()) await this.#emit(chunk)
  }

  async end(): Promise<void> {
    await this.flush()
    this.#stats.alikeColumns = groupAlikeNames(this.#names.all)
    for (const warning of createColumnCaseWarnings(WHERE, this.#stats.alikeColumns, this.#strict, fieldWording))
      this.#warn(warning)
  }

  /** Records of one shape have the same names. */
  #addLayoutNames(records: RecordSpans): void {
    for (const { layout } of records.listLayoutRuns()) {
      if (this.#layouts.has(layout)) continue
      this.#layouts.add(layout)
      this.#names.addNames(layout.columns)
    }
  }

  /** Many records leave in one chunk; a few wait for more, since every chunk is a write. */
  async #emitLines(lines: Buffer): Promise<void> {
    if (lines.length < MIN_WRITE_BYTES) this.#output.addBytes(lines)
    else {
      await this.flush()
      await this.#emit(lines)
    }
  }

  #formatLine(record: Row): string {
    try {
      return escapeSeparators(stringifyJson(record))
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
function findRunEnd(records: RecordSpans, index: number): number {
  const { starts, ends, length } = records
  let to = index
  while (
    to < length &&
    !records.isNonCanonical(to) &&
    (to === index || (starts[to] === ends[to - 1]! + 1 && ends[to]! - starts[index]! < MAX_RUN_BYTES))
  )
    to++
  return to
}

/**
 * Records as lines. A chunk belongs to its receiver, so it is in the memory of the page only if no other encoder reads that page,
 * and else a copy.
 */
function extractLines({ bytes, starts, ends }: RecordSpans, from: number, to: number, isShared: boolean): Buffer {
  const start = starts[from]!
  const region = bytes.subarray(start, ends[to - 1]! + 1)
  const lines = isShared ? Buffer.from(region) : region
  // what stands behind each record, `,` or `]`
  for (let index = from; index < to; index++) lines[ends[index]! - start] = LF
  return separatorBytes.some((separator) => lines.includes(separator))
    ? Buffer.from(escapeSeparators(lines.toString()))
    : lines
}

/** Characters that JSON allows in a text, and that some readers take for the end of a line. Source: Unicode, chapter 5.8. */
const separators = ['\u2028', '\u2029', '\u0085']
const separatorBytes = separators.map((separator) => Buffer.from(separator))

/** JSON with these characters as escapes, which is the same value. */
function escapeSeparators(json: string): string {
  if (!separators.some((separator) => json.includes(separator))) return json
  return json.replace(/[\u2028\u2029\u0085]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

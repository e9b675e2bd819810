// toNdjson(): each record as one line of JSON. Source: https://github.com/ndjson/ndjson-spec
import { LF } from '../../shared/ascii.js'
import { ExportError } from '../../shared/errors.js'
import { stringifyJson } from '../../shared/json/json.js'
import * as rule from '../../shared/options.js'
import { filterRecord } from '../../schema/rows/filter-record.js'
import { iterateCells } from '../../schema/rows/flatten.js'
import { isNestedField } from '../../shared/reports/nested-fields.js'
import { expandRecord } from '../../schema/rows/group-rows.js'
import { groupAlikeNames, createAlikeNamesWarnings, fieldWording } from '../../schema/names/alike-names.js'
import { strictRule, type StrictMode } from '../../schema/names/name-matcher.js'
import { RecordNames } from '../../schema/names/record-names.js'
import { createSelection, selectionRules, type FlattenOptions, type Selection } from '../../schema/selection.js'
import { JsonKernel } from '../../fastpath/json/json-kernel.js'
import { createJsonTemplate, type JsonTemplate } from '../../fastpath/json/json-template.js'
import type { RecordSpans } from '../../spans/record-spans.js'
import type { RecordLayout } from '../../spans/record-layout.js'
import type { RecordOrRow } from '../../shared/types.js'
import { ChunkedOutput } from '../../shared/bytes/chunked-output.js'
import { createStats, type Encoder, type EncoderStats } from '../encoder.js'
import { EncoderStream } from '../encoder-stream.js'
import type { RecordEncoder, EncoderContext, Warn } from '../record-encoder.js'
import type { Emit } from '../format.js'
import { NameCheck } from '../name-check.js'

const WHERE = 'toNdjson'

/** Options of {@link toNdjson}. */
export interface NdjsonOptions extends Pick<FlattenOptions, 'pick' | 'omit'> {
  /**
   * With `false`, the encoder emits a `warning` event at the end for a name in `pick` or `omit` that no record has, and for names of fields
   * that differ only in case, blanks or Unicode form. With `true` it fails with `ERR_UNMATCHED_NAME` or `ERR_COLUMN_COLLISION`. With
   * `'omit'` it fails only for names in `omit` that no record has.
   * @default false
   */
  strict?: boolean | 'omit' | undefined
}

const rules: rule.Rules<NdjsonOptions> = { ...selectionRules, strict: rule.withDefault(strictRule, false) }

/**
 * Encodes records as newline-delimited JSON. The records do not change, and numbers keep all their digits. U+2028, U+2029 and
 * U+0085 are written as escapes, because some readers end a line there. `pick` and `omit` select fields by the names of their
 * columns in CSV: `variable:amount` is `variables.amount`.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with `ERR_ENCODE` for a value that JSON cannot hold, with
 * `ERR_UNMATCHED_NAME` if no record has a selected field, and with `strict` as that option says.
 * @example await pipeline(exportStream({ … }), toNdjson(), createGzip(), createWriteStream('instances.ndjson.gz'))
 */
export function toNdjson(options: NdjsonOptions = {}): Encoder {
  const { strict = false, ...names } = rule.resolveOptions<NdjsonOptions>(WHERE, options, rules)
  const selection = createSelection(WHERE, names)
  const stats = createStats()
  return new EncoderStream(WHERE, stats, (emit, { warn, isPartOfTable }) => {
    const ndjsonEncoder = new NdjsonEncoder(emit, stats, strict, warn)
    if (selection.optionNames.length === 0) return ndjsonEncoder
    const nameCheck = new NameCheck({ where: WHERE, strict, optionNames: selection.optionNames }, stats, warn)
    return new FilteredNdjsonEncoder(ndjsonEncoder, selection, nameCheck, isPartOfTable)
  })
}

class FilteredNdjsonEncoder implements RecordEncoder {
  readonly #ndjsonEncoder: NdjsonEncoder
  readonly #selection: Selection
  readonly #nameCheck: NameCheck
  readonly #isPartOfTable: EncoderContext['isPartOfTable']
  readonly #filteredByLayout = new Map<RecordLayout, RecordOrRow>()
  #isSelectionEmpty = true

  constructor(
    ndjsonEncoder: NdjsonEncoder,
    selection: Selection,
    nameCheck: NameCheck,
    isPartOfTable: EncoderContext['isPartOfTable'],
  ) {
    this.#ndjsonEncoder = ndjsonEncoder
    this.#selection = selection
    this.#nameCheck = nameCheck
    this.#isPartOfTable = isPartOfTable
  }

  async writeRecords(records: readonly RecordOrRow[]): Promise<void> {
    if (this.#nameCheck.hasUnmatchedNames)
      for (const row of records.flatMap(expandRecord)) this.#nameCheck.matchRecord(row)
    this.#isSelectionEmpty &&= !records.some((record) => expandRecord(record).some((row) => this.#hasColumn(row)))
    await this.#ndjsonEncoder.writeRecords(records.map((record) => filterRecord(record, this.#selection)))
  }

  /**
   * Filters the record of slots of each layout once. Writes all records of the call as objects if there is no kernel, if a record may be
   * a group of a hyper-map report, or if no selected column was found yet and a record has a nested field that is no object: whether this
   * field is a column depends on its value.
   */
  async writeSpans(records: RecordSpans): Promise<void> {
    const runs = records.listLayoutRuns()
    const dependsOnValues = (layout: RecordLayout) =>
      layout.canBeGroup ||
      (this.#isSelectionEmpty && layout.columnIds.some((id) => id !== undefined && isNestedField(id)))
    if (!this.#ndjsonEncoder.hasKernel || runs.some(({ layout }) => dependsOnValues(layout)))
      return this.writeRecords(records.getRecords())
    await this.#ndjsonEncoder.writeLines(
      records,
      runs.map((run) => ({ ...run, slotRecord: this.#filterLayout(run.layout) })),
    )
  }

  #filterLayout(layout: RecordLayout): RecordOrRow {
    const known = this.#filteredByLayout.get(layout)
    if (known) return known
    this.#nameCheck.matchRecord(layout.slotRecord)
    const filtered = filterRecord(layout.slotRecord, this.#selection)
    this.#isSelectionEmpty &&= !this.#hasColumn(layout.slotRecord)
    this.#filteredByLayout.set(layout, filtered)
    return filtered
  }

  /** Returns true if the row has a selected column. An empty nested field has none, although it is in the line. */
  #hasColumn(row: RecordOrRow): boolean {
    for (const [id] of iterateCells(row)) if (this.#selection.isSelected(id)) return true
    return false
  }

  flush(): Promise<void> {
    return this.#ndjsonEncoder.flush()
  }

  end(): Promise<void> {
    if (!this.#isPartOfTable()) this.#nameCheck.finish(this.#isSelectionEmpty)
    return this.#ndjsonEncoder.end()
  }
}

interface SlotRecordRun {
  readonly from: number
  readonly to: number
  readonly slotRecord: RecordOrRow
}

class NdjsonEncoder implements RecordEncoder {
  readonly #emit: Emit
  readonly #stats: EncoderStats
  readonly #strict: StrictMode
  readonly #warn: Warn
  readonly #output = new ChunkedOutput()
  readonly #recordNames = new RecordNames()
  readonly #layouts = new Set<RecordLayout>()
  #kernel: JsonKernel | undefined
  readonly #templates = new Map<RecordOrRow, JsonTemplate>()
  keptPart: RecordEncoder['keptPart']

  constructor(emit: Emit, stats: EncoderStats, strict: StrictMode, warn: Warn) {
    this.#emit = emit
    this.#stats = stats
    this.#strict = strict
    this.#warn = warn
  }

  async writeRecords(records: readonly RecordOrRow[]): Promise<void> {
    for (const record of records) {
      this.#recordNames.addRecord(record)
      this.#output.add(`${this.#formatLine(record)}\n`)
      this.#stats.rows++
      for (const chunk of this.#output.takeFullChunks()) await this.#emit(chunk)
    }
  }

  /** Copies each record as its line. Reads a record that is not canonical JSON as an object. Made rows have no bytes that can be copied. */
  async writeSpans(records: RecordSpans, isShared: boolean): Promise<void> {
    const output = this.#output
    const runs = records.listLayoutRuns()
    if (runs.some(({ layout }) => layout.isMade)) {
      if (!this.hasKernel) return this.writeRecords(records.getRecords())
      return this.writeLines(
        records,
        runs.map((run) => ({ ...run, slotRecord: run.layout.slotRecord })),
      )
    }
    this.#addLayoutNames(records)
    if (!isShared) this.keptPart = 'bytes'
    for (let index = 0, to = 0; index < records.length; index = to) {
      to = findRegionEnd(records, index)
      if (to > index) await this.#emitLines(extractLines(records, index, to, isShared))
      else output.add(`${this.#formatLine(records.getRecord(to++))}\n`)
      this.#stats.rows += to - index
      for (const chunk of output.takeFullChunks()) await this.#emit(chunk)
    }
  }

  /** False if the fast path is off or unavailable. Then {@link writeLines} must not be called. */
  get hasKernel(): boolean {
    this.#kernel ??= JsonKernel.open()
    return this.#kernel !== undefined
  }

  async writeLines(records: RecordSpans, runs: readonly SlotRecordRun[]): Promise<void> {
    const templateRuns = runs.map(({ from, to, slotRecord }) => ({ from, to, template: this.#getTemplate(slotRecord) }))
    for (const lines of this.#kernel!.writeLines(records, templateRuns))
      await this.#emitLines(hasSeparators(lines) ? Buffer.from(escapeSeparators(lines.toString())) : lines)
    this.#stats.rows += records.length
  }

  #getTemplate(slotRecord: RecordOrRow): JsonTemplate {
    const known = this.#templates.get(slotRecord)
    if (known) return known
    this.#recordNames.addRecord(slotRecord)
    const template = createJsonTemplate(slotRecord)
    this.#templates.set(slotRecord, template)
    return template
  }

  async flush(): Promise<void> {
    for (const chunk of this.#output.takeAll()) await this.#emit(chunk)
  }

  async end(): Promise<void> {
    await this.flush()
    this.#stats.alikeColumns = groupAlikeNames(this.#recordNames.all)
    for (const warning of createAlikeNamesWarnings(WHERE, this.#stats.alikeColumns, this.#strict, fieldWording))
      this.#warn(warning)
  }

  #addLayoutNames(records: RecordSpans): void {
    for (const { layout } of records.listLayoutRuns()) {
      if (this.#layouts.has(layout)) continue
      this.#layouts.add(layout)
      this.#recordNames.addRecord(layout.slotRecord)
    }
  }

  /** Emits many lines at once, and holds a few lines, because every chunk is a write. */
  async #emitLines(lines: Buffer): Promise<void> {
    if (lines.length < MIN_WRITE_BYTES) this.#output.addBytes(lines)
    else {
      await this.flush()
      await this.#emit(lines)
    }
  }

  #formatLine(record: RecordOrRow): string {
    try {
      return escapeSeparators(stringifyJson(record))
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new ExportError('ERR_ENCODE', `${WHERE}: record ${this.#stats.rows + 1}: ${reason}`, { cause })
    }
  }
}

/** The limit for the bytes of a region. A longer record is a region of its own. */
const MAX_REGION_BYTES = 1024 * 1024
/** Fewer bytes wait in the output until it is full or flushed. */
const MIN_WRITE_BYTES = 64 * 1024

/** Returns the end of the region that starts at `index`: canonical records, with one byte between each two. The region may be empty. */
function findRegionEnd(records: RecordSpans, index: number): number {
  const { starts, ends, length } = records
  let to = index
  while (
    to < length &&
    !records.isNonCanonical(to) &&
    (to === index || (starts[to] === ends[to - 1]! + 1 && ends[to]! - starts[index]! < MAX_REGION_BYTES))
  )
    to++
  return to
}

/**
 * Returns records as lines: LF replaces the byte after each record, in the page itself, or in a copy if another encoder reads the page.
 */
function extractLines({ bytes, starts, ends }: RecordSpans, from: number, to: number, isShared: boolean): Buffer {
  const start = starts[from]!
  const region = bytes.subarray(start, ends[to - 1]! + 1)
  const lines = isShared ? Buffer.from(region) : region
  for (let index = from; index < to; index++) lines[ends[index]! - start] = LF
  return hasSeparators(lines) ? Buffer.from(escapeSeparators(lines.toString())) : lines
}

/** Characters that JSON allows in a text and at which some readers end a line. Source: Unicode, chapter 5.8. */
const separators = ['\u2028', '\u2029', '\u0085']
const separatorBytes = separators.map((separator) => Buffer.from(separator))

const hasSeparators = (lines: Buffer) => separatorBytes.some((separator) => lines.includes(separator))

/** Writes {@link separators} as escapes, which do not change the value. */
function escapeSeparators(json: string): string {
  if (!separators.some((separator) => json.includes(separator))) return json
  return json.replace(/[\u2028\u2029\u0085]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

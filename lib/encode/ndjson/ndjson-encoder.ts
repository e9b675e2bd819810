// Encodes all fields of records, or only the fields that a record of slots names, as lines.
import { ExportError } from '../../shared/errors.js'
import { stringifyJson } from '../../shared/json/json.js'
import { groupAlikeNames, createAlikeNamesWarnings, fieldWording } from '../../schema/names/alike-names.js'
import type { StrictMode } from '../../schema/names/name-matcher.js'
import { RecordNames } from '../../schema/names/record-names.js'
import { JsonKernel } from '../../fastpath/json/json-kernel.js'
import { createJsonTemplate, type JsonTemplate } from '../../fastpath/json/json-template.js'
import type { RecordRun, RecordSpans } from '../../spans/record-spans.js'
import type { RecordLayout } from '../../spans/record-layout.js'
import type { RecordOrRow } from '../../shared/types.js'
import { ChunkedOutput } from '../../shared/bytes/chunked-output.js'
import type { EncoderStats } from '../encoder.js'
import type { RecordEncoder, Warn } from '../record-encoder.js'
import type { Emit } from '../format.js'
import { escapeLines, escapeSeparators, extractLines, findRegionEnd } from './ndjson-lines.js'

/** Fewer bytes than this are not emitted alone: they are copied into the output, which is emitted when it is full or flushed. */
const MIN_WRITE_BYTES = 64 * 1024

interface SlotRecordRun extends RecordRun {
  readonly slotRecord: RecordOrRow
}

export class NdjsonEncoder implements RecordEncoder {
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
    for (const lines of this.#kernel!.writeLines(records, templateRuns)) await this.#emitLines(escapeLines(lines))
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
    for (const warning of createAlikeNamesWarnings('toNdjson', this.#stats.alikeColumns, this.#strict, fieldWording))
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
      throw new ExportError('ERR_ENCODE', `toNdjson: record ${this.#stats.rows + 1}: ${reason}`, { cause })
    }
  }
}

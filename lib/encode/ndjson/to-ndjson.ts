// toNdjson(): each record as one line of JSON. Source: https://github.com/ndjson/ndjson-spec
import * as rule from '../../shared/options.js'
import { filterRecord } from '../../schema/rows/filter-record.js'
import { iterateCells } from '../../schema/rows/flatten.js'
import { isNestedField } from '../../shared/reports/nested-fields.js'
import { expandRecords } from '../../schema/rows/group-rows.js'
import { strictRule } from '../../schema/names/name-matcher.js'
import { createSelection, selectionRules, type FlattenOptions, type Selection } from '../../schema/selection.js'
import type { RecordSpans } from '../../spans/record-spans.js'
import type { RecordLayout } from '../../spans/record-layout.js'
import type { RecordOrRow } from '../../shared/types.js'
import { createStats, type Encoder } from '../encoder.js'
import { EncoderStream } from '../encoder-stream.js'
import type { RecordEncoder, EncoderContext } from '../record-encoder.js'
import { NameCheck } from '../name-check.js'
import { NdjsonEncoder } from './ndjson-encoder.js'

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
    if (selection.namesInOptions.length === 0) return ndjsonEncoder
    const nameCheck = new NameCheck({ where: WHERE, strict, namesInOptions: selection.namesInOptions }, stats, warn)
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
    if (this.#nameCheck.hasUnmatchedNames) for (const row of expandRecords(records)) this.#nameCheck.matchRecord(row)
    this.#isSelectionEmpty &&= !expandRecords(records).some((row) => this.#hasColumn(row))
    await this.#ndjsonEncoder.writeRecords(records.map((record) => filterRecord(record, this.#selection)))
  }

  /**
   * Filters the record of slots of each layout once. Writes all records of the call as objects in three cases:
   * - There is no kernel.
   * - A record may be a group of a hyper-map report.
   * - No selected column was found yet, and a record has a nested field that is not an object: its value decides whether it is a column.
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

import { randomUUID } from 'node:crypto'
import { getSourceName } from '../schema/column-schema.js'
import { expandRecord } from '../schema/rows/group-rows.js'
import { iterateCells } from '../schema/rows/flatten.js'
import { ExportError } from '../shared/errors.js'
import { definitionFields } from '../shared/reports/definitions.js'
import type { ExportRecord, ReportKind } from '../shared/types.js'
import { listChanges } from './changes/list-changes.js'
import type { LoadChange } from './changes/load-changes.js'
import { toFoundLoad, type FoundLoad } from './find-last-load.js'
import { LoadDatabase, type EarlierState } from './load-database.js'
import { createExtractionListeners } from './load-events.js'
import { createExportOptions, resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from './load-options.js'
import type { LoadFile } from './load-input.js'
import { createFullExtraction, type Extraction } from './extract/extraction.js'
import type { LoadRecords } from './extract/load-files.js'
import { createLoadFolder } from './extract/load-folder.js'
import { LoadFileWriter } from './extract/load-file-writer.js'
import { describeIgnoredTypes, reconcileTable } from './columns/reconcile-table.js'
import type { RecordedColumn, RecordedSchema } from './history/recorded-schema.js'
import { throwIfSuspicious } from './changes/suspicious-load.js'
import { toStorableText } from './storable-text.js'
import { formatTableName } from './table-name.js'

/** Options of {@link compareReport}: the options of the load to compare with. `source.maxRecords` is the size of the sample. */
export type CompareOptions = Omit<
  LoadOptions,
  'deleteMissing' | 'since' | 'sortedBy' | 'lookback' | 'dryRun' | 'keepFiles'
>

/** The changes that a load would make. */
export interface LoadComparison {
  /** The table with its schema: `main.orders`. */
  readonly table: string
  /** The last complete load of the table; undefined if there is none. */
  readonly last: FoundLoad | undefined
  /** The kind of the report. */
  readonly kind: ReportKind
  /** Records of the report, as the server counts them. */
  readonly total: number
  /** Records that were read. */
  readonly sample: number
  /**
   * The differences from the last complete load, columns of the table that get another type, and shortened names. A sample does not
   * show which columns have become empty.
   */
  readonly changes: readonly LoadChange[]
  /** The error with which the load would fail; undefined if the sample shows none. */
  readonly problem:
    | {
        /** The code of the error. */
        readonly code: string
        /** Its message. */
        readonly message: string
      }
    | undefined
}

/** The records of the sample if `source.maxRecords` is not given. */
const SAMPLE_RECORDS = 1000

/**
 * Compares a report with the last complete load of a table: what would change, and whether a load would fail. Reads only
 * the first records of the report, and does not change the database. The event table is not compared.
 *
 * @throws OptionError for a bad option. Otherwise rejects with an {@link ExportError} of the export or of an encoder, or with
 * `ERR_DESTINATION`, `ERR_DESTINATION_BUSY` or `ERR_FILE`.
 * @example const { changes, problem } = await compareReport({ source, into: duckdb('warehouse.duckdb'), table: 'orders' })
 */
export async function compareReport(options: CompareOptions): Promise<LoadComparison> {
  const resolved = resolveLoadOptions(options, 'compareReport')
  const database = new LoadDatabase(resolved, 'compareReport')
  database.throwIfAborted()
  const { table, events, mode, source, onEvent } = resolved
  const state = await database.readState({ table, events, mode }, source.reportId)
  const exportOptions = { maxRecords: SAMPLE_RECORDS, ...createExportOptions(resolved) }
  const extraction = createFullExtraction(exportOptions, createExtractionListeners(onEvent))
  const { records, found } = collectFacts(extraction.records)
  const id = randomUUID()
  const folder = await createLoadFolder(undefined, id, 'compareReport')
  try {
    onEvent({ type: 'extract', stats: extraction.stats })
    const writer = new LoadFileWriter(resolved, id, state)
    const [recordFile] = await writer.write(extraction, records, folder.path)
    return new Comparer(resolved, state, extraction, found).compare(recordFile!, writer)
  } finally {
    await folder.remove()
  }
}

interface RecordFacts {
  /** The ids of the definitions. */
  readonly definitions: Set<string>
  /** The sources of the columns that have a value that is not null and not `''`. */
  readonly filled: Set<string>
}

/** Returns the records, and the facts that are found while they are read. */
function collectFacts(source: LoadRecords): { records: LoadRecords; found: RecordFacts } {
  const { definitions, filled }: RecordFacts = { definitions: new Set(), filled: new Set() }
  async function* readRecords(): AsyncGenerator<ExportRecord, undefined> {
    for await (const record of source as AsyncIterable<ExportRecord>) {
      for (const field of definitionFields) if (typeof record[field] === 'string') definitions.add(record[field])
      const cells = expandRecord(record).flatMap((row) => [...iterateCells(row)])
      for (const [source, cell] of cells) if (cell !== null && cell !== '') filled.add(toStorableText(source))
      yield record
    }
  }
  return { records: readRecords(), found: { definitions, filled } }
}

class Comparer {
  readonly #options: ResolvedLoadOptions
  readonly #state: EarlierState
  readonly #extraction: Extraction
  readonly #found: RecordFacts

  constructor(options: ResolvedLoadOptions, state: EarlierState, extraction: Extraction, found: RecordFacts) {
    this.#options = options
    this.#state = state
    this.#extraction = extraction
    this.#found = found
  }

  compare(recordFile: LoadFile, writer: LoadFileWriter): LoadComparison {
    const { lastComplete, tableState } = this.#state
    const { kind, stats } = this.#extraction
    let changes: readonly LoadChange[] = []
    const problem = getProblem(() => {
      changes = this.#listChanges(recordFile)
      // a name that a sample lacks may be in a later record
      if (stats.complete) writer.throwIfUnmatched()
      const rows = stats.complete ? recordFile.rows : stats.total!
      const { table } = tableState
      throwIfSuspicious({ options: this.#options, table, kind: kind!, stats, rows }, this.#state)
    })
    return {
      table: formatTableName(tableState.table),
      last: lastComplete && toFoundLoad(lastComplete),
      kind: kind!,
      total: stats.total!,
      sample: stats.records,
      changes,
      problem,
    }
  }

  #listChanges(recordFile: LoadFile): LoadChange[] {
    const { newest, lastComplete, tableState } = this.#state
    const options = this.#options
    const newestColumns = newest?.schema.columns ?? []
    const table = { file: recordFile, tableState, isEventTable: false, newestColumns }
    const filledRows = recordFile.schema.map((column) => Number(this.#found.filled.has(getSourceName(column))))
    const recordTable = reconcileTable({ options, isPartial: true }, table, filledRows)
    for (const message of describeIgnoredTypes(recordTable, options.into.dialect))
      options.onEvent({ type: 'warning', message })
    const { kind, stats } = this.#extraction
    const before = lastComplete?.schema
    const schema = this.#createSchema(before, recordTable.columnsToRecord)
    const vanished = kind === 'empty' ? [] : this.#listVanished(before?.columns ?? [], recordFile)
    return listChanges([recordTable], options, this.#state, { schema, total: stats.total! }, vanished)
  }

  /** Returns the schema that a load would record. A definition that the sample lacks may still exist. */
  #createSchema(before: RecordedSchema | undefined, columns: readonly RecordedColumn[]): RecordedSchema {
    const { kind, stats } = this.#extraction
    const definitions = before?.definitions
    const known = stats.complete || !definitions ? [] : definitions
    return {
      kind: kind === 'empty' && before ? before.kind : kind!,
      columns,
      ...(definitions && kind !== 'empty'
        ? { definitions: [...new Set([...known, ...this.#found.definitions])].sort() }
        : {}),
    }
  }

  #listVanished(before: readonly RecordedColumn[], { schema }: LoadFile): LoadChange[] {
    const sources = new Set([...schema.map(getSourceName), ...(this.#options.columns ?? [])])
    const { complete, records } = this.#extraction.stats
    const place = complete ? 'the report no longer has' : `none of the first ${records} records has`
    return before
      .filter(({ source, hasVanished }) => !hasVanished && !sources.has(source))
      .map(({ source }) => ({ kind: 'column-vanished', subject: source, message: `${place} the column ${source}` }))
  }
}

function getProblem(work: () => void): LoadComparison['problem'] {
  try {
    work()
    return undefined
  } catch (error) {
    if (!(error instanceof ExportError)) throw error
    return { code: error.code, message: error.message }
  }
}

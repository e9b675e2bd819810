// The content of a receipt. The command creates most of it, and `atomicFile` or `toDataset` adds the facts about the file.
import { VERSION, type ColumnSchema, type DatasetWarning, type Encoder, type ExportStream } from '../../index.js'
import { formats, type FormatName } from './formats.js'
import type { Target } from './targets.js'

/** The content of a receipt of the command. `--json` prints it too. */
export interface CommandReceipt {
  readonly reportId: string
  readonly kind: string | undefined
  readonly format: FormatName
  readonly gzip: boolean
  readonly rows: number
  /** The number of events in XES or OCEL, whose rows are process instances; undefined for other formats. */
  readonly eventCount: number | undefined
  readonly records: number
  readonly total: number | undefined
  readonly complete: boolean
  /** Null for a format without columns. */
  readonly columns: number | null
  readonly lateColumns: number
  readonly droppedCells: number
  /** Groups of columns with similar names; undefined if there are none. */
  readonly alikeColumns: readonly (readonly string[])[] | undefined
  /** For each column whose name in the file is not its prefixed name: the name in the file, by the prefixed name. Undefined without one. */
  readonly names: Readonly<Record<string, string>> | undefined
  readonly duplicates: number
  readonly retries: number
  readonly restarts: number
  readonly message: string | undefined
  readonly startedAt: Date | undefined
  readonly version: string
  readonly schema: readonly ColumnSchema[] | undefined
  readonly unmatched: readonly object[]
  /** Added when the file is written; missing for stdout and devices. A dataset has a `sha256` for each of its files instead. */
  readonly bytes?: number
  readonly sha256?: string
  readonly finishedAt?: Date
}

export function createCommandReceipt(
  source: ExportStream,
  reportId: string,
  { format, gzip }: Target,
  encoder: Pick<Encoder, 'stats'>,
  warnings: readonly DatasetWarning[],
): CommandReceipt {
  const { records, total, complete, duplicates, retries, restarts, startedAt, message } = source.stats
  const { rows, eventCount, columns, lateColumns, droppedCells, alikeColumns, columnNames, schema } = encoder.stats
  return {
    reportId,
    kind: source.kind,
    format,
    gzip,
    rows,
    eventCount,
    records,
    total,
    complete,
    columns: formats[format].hasColumns ? columns : null,
    lateColumns,
    droppedCells,
    alikeColumns: alikeColumns.length > 0 ? alikeColumns : undefined,
    names: Object.keys(columnNames).length > 0 ? columnNames : undefined,
    duplicates,
    retries,
    restarts,
    message,
    startedAt,
    version: VERSION,
    schema,
    unmatched: warnings.flatMap((warning) =>
      warning.code === 'WARN_UNMATCHED_NAME'
        ? [{ option: warning.option, name: warning.name, nearest: warning.nearest }]
        : [],
    ),
  }
}

// The content of a receipt. The command creates most of it, and `atomicFile` or `toDataset` adds the facts about the file.
import { VERSION, type DatasetWarning, type Encoder, type ExportStream } from '../../index.js'
import { formats } from '../flags/formats.js'
import type { Target } from './target.js'

/**
 * Returns the content of a receipt, which `--json` prints too. Fields without a value are undefined. When a file is written, `bytes`,
 * `sha256` and `finishedAt` are added; a dataset has a `sha256` for each of its files instead.
 */
export function createCommandReceipt(
  source: ExportStream,
  reportId: string,
  { format, gzip }: Target,
  encoder: Pick<Encoder, 'stats'>,
  warnings: readonly DatasetWarning[],
): Record<string, unknown> {
  const { records, total, complete, duplicates, retries, restarts, startedAt, message } = source.stats
  const { rows, eventCount, columns, lateColumns, droppedCells, alikeColumns, columnNames, schema } = encoder.stats
  return {
    reportId,
    kind: source.kind,
    format,
    gzip,
    rows,
    /** The number of events in XES or OCEL, whose rows are process instances; undefined for other formats. */
    eventCount,
    records,
    total,
    complete,
    /** Null for a format without columns. */
    columns: formats[format].hasColumns ? columns : null,
    lateColumns,
    droppedCells,
    /** Groups of columns with similar names. */
    alikeColumns: alikeColumns.length > 0 ? alikeColumns : undefined,
    /** For each column whose name in the file is not its prefixed name: the name in the file, by the prefixed name. */
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

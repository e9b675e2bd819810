// The outcome of an export: the content of its receipts, and one line of text.
import { readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { VERSION, type Encoder, type EncoderWarning, type ExportStream, type RowTransform } from '../index.js'
import type { Target } from './targets.js'
import { bytes, count, counted, duration } from './words.js'

/** The outcome of a report as `--json` prints it: its receipts, or the reason why there are none. */
export type Outcome = Readonly<Record<string, unknown>>

/** One file that an export makes. */
export interface Part {
  readonly target: Target
  readonly encoder: Encoder
  /** Stands between the export and the encoder. */
  readonly toRows: readonly RowTransform[]
  readonly facts: () => Record<string, unknown>
}

/** A file, and what its receipt says once it is written. */
export function partOf(
  source: ExportStream,
  reportId: string,
  target: Target,
  encoder: Encoder,
  toRows: readonly RowTransform[] = [],
): Part {
  const warnings: EncoderWarning[] = []
  encoder.on('warning', (warning) => warnings.push(warning))
  for (const rows of toRows) rows.on('warning', (warning) => warnings.push(warning))
  return {
    target,
    encoder,
    toRows,
    facts: () => ({ ...factsOf(source, reportId, target, encoder), ...namesIn(warnings) }),
  }
}

const namesIn = (warnings: readonly EncoderWarning[]) => ({
  unmatched: warnings.flatMap((warning) =>
    warning.code === 'WARN_UNMATCHED_NAME'
      ? [{ option: warning.option, name: warning.name, nearest: warning.nearest }]
      : [],
  ),
})

/** The content of a receipt, without the facts that only the file knows. */
function factsOf(source: ExportStream, reportId: string, { format, gzip }: Target, encoder: Encoder) {
  const { records, total, complete, duplicates, retries, restarts, startedAt, message } = source.stats
  const { rows, columns, lateColumns, droppedCells, alikeColumns, columnNames, schema } = encoder.stats
  return {
    reportId,
    kind: source.kind,
    format,
    gzip,
    rows,
    records,
    total,
    complete,
    columns: format === 'ndjson' ? null : columns,
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
  }
}

/** The content of the receipts; for stdout and devices, the content that they would have. An event log may be the only part. */
export async function outcomeOf([first, events]: readonly Part[]): Promise<Outcome> {
  return { ...(await receiptOf(first!)), ...(events ? { events: await receiptOf(events) } : {}) }
}

async function receiptOf({ target: { path, inFolder }, facts }: Part): Promise<Outcome> {
  if (path === undefined) return facts()
  const file = await realpath(path)
  const receipt = inFolder ? join(dirname(file), '_receipts', `${basename(file)}.json`) : `${file}.json`
  const text = await readFile(receipt, 'utf8').catch(() => undefined)
  return { file: path, ...(text === undefined ? facts() : { receipt, ...(JSON.parse(text) as Outcome) }) }
}

/** `20,000 rows, 33 columns, 5.2 MB in 2.1 s`. */
export function doneText({ rows, columns, bytes: size, complete, total, events, ...times }: Outcome): string {
  const { rows: eventRows } = (events ?? {}) as Outcome
  return [
    counted(rows as number, 'row'),
    ...(columns === null ? [] : [counted(columns as number, 'column')]),
    ...(size === undefined ? [] : [`${bytes(size as number)} in ${duration(secondsOf(times))}`]),
    ...(complete === true ? [] : [`stopped by --max-records, of ${count(total as number)} in all`]),
    ...(eventRows === undefined
      ? []
      : [eventRows === 0 ? 'no events in this report' : counted(eventRows as number, 'event')]),
  ].join(', ')
}

const secondsOf = ({ startedAt, finishedAt }: Outcome) =>
  (Date.parse(finishedAt as string) - Date.parse(startedAt as string)) / 1000

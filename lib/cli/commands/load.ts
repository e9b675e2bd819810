// `optimize-export load`: loads a report into a table of a database, in one transaction.
import { loadReport, reportIdOf, type Load } from '../../index.js'
import { createConnection, type Connection } from '../connection.js'
import type { Context } from '../context.js'
import { getStrict } from '../encoders.js'
import { exit } from '../exit-codes.js'
import { formatCount, formatDuration, pluralize } from '../format-text.js'
import { LoadProgress } from '../load-progress.js'
import { readLoadOptions } from '../read-load-options.js'
import type { Settings } from '../settings.js'
import { sourceFlags } from '../source-flags.js'
import { UsageError } from '../usage-error.js'

/** Loads the report that the settings name. */
export async function runLoad(context: Context): Promise<number> {
  const { settings, printJson } = context
  const connection = await createConnection(settings)
  const load = await loadTable(getReportId(settings), connection, context)
  if (settings.get('json') === true) printJson(load)
  return exit.complete
}

/** Loads a report and shows the progress and the result. */
export async function loadTable(
  reportId: string,
  connection: Connection,
  { settings, progress, signal }: Context,
): Promise<Load> {
  const options = readLoadOptions(settings)
  const { into, table } = options
  const display = new LoadProgress(table, progress, Number(settings.get('maxRecords') ?? Infinity))
  try {
    const load = await loadReport({
      ...options,
      source: { ...settings.options(sourceFlags), ...connection, reportId },
      strict: getStrict(settings),
      onEvent: display.onEvent,
      signal,
    })
    progress.note(`${into.label}: ${formatLoad(load)}`)
    return load
  } finally {
    display.stop()
  }
}

function getReportId(settings: Settings): string {
  const reports = settings.get('report')
  if (Array.isArray(reports) && reports.length === 1 && typeof reports[0] === 'string') return reportIdOf(reports[0])
  throw new UsageError('nothing to load: give one --report ID')
}

/** `main.orders: 300 rows, 300 inserted, 120 deleted, 300 in the table, 900 events, in 2.1 s`. */
function formatLoad(load: Load): string {
  const { table, rows, inserted, updated, deleted, events, total, complete, changes, startedAt, finishedAt, dryRun } =
    load
  const parts = [
    pluralize(rows, 'row'),
    `${formatCount(inserted)} inserted`,
    ...(updated > 0 ? [`${formatCount(updated)} updated`] : []),
    ...(deleted > 0 ? [`${formatCount(deleted)} deleted`] : []),
    `${formatCount(total)} in the table`,
    ...(events === undefined ? [] : [pluralize(events, 'event')]),
    ...(changes.length > 0 ? [pluralize(changes.length, 'change')] : []),
    ...(complete ? [] : ['stopped by --max-records']),
    `in ${formatDuration((finishedAt.getTime() - startedAt.getTime()) / 1000)}`,
  ]
  return `${table}: ${parts.join(', ')}${dryRun ? '; rolled back because of --dry-run' : ''}`
}

import { exportStream, loadReport, type Load } from '../../index.js'
import { resolveLoadOptions } from '../../load/load-options.js'
import type { ServerAccess } from '../access/server-access.js'
import type { Context } from '../context.js'
import { describeEarlyEnd } from '../output/early-end.js'
import { formatCount, formatDuration, pluralize } from '../output/format-text.js'
import { LoadProgress } from '../progress/load-progress.js'
import { readLoadOptions } from './read-load-options.js'
import type { Settings } from '../settings.js'
import { readMaxRecords, readSourceOptions } from '../source/source-options.js'

/** Loads a report, and shows progress and result. Without a label, they begin with the name of the table and of the database. */
export async function loadTable(
  reportId: string,
  access: ServerAccess,
  { settings, progress, signal, onEvent }: Context,
  label?: string,
): Promise<Load> {
  const options = createLoadOptions(reportId, access, settings)
  const { into, table } = options
  const loadProgress = new LoadProgress(label ?? table, progress, readMaxRecords(settings), onEvent)
  try {
    const load = await loadReport({ ...options, onEvent: loadProgress.handle, signal })
    progress.note(`${label ?? into.label}: ${formatLoad(load)}`)
    return load
  } finally {
    loadProgress.stop()
  }
}

/** Checks the options of a load. Throws an OptionError or a UsageError; sends no request. */
export function checkLoad(reportId: string, access: ServerAccess, settings: Settings): void {
  const options = createLoadOptions(reportId, access, settings)
  exportStream(options.source).destroy()
  resolveLoadOptions(options, 'loadReport')
}

const createLoadOptions = (reportId: string, access: ServerAccess, settings: Settings) => ({
  ...readLoadOptions(settings),
  source: { ...readSourceOptions(settings), ...access, reportId },
})

/** `main.orders: 300 rows, 300 inserted, 120 deleted, 300 in the table, 900 events, in 2.1 s`. */
function formatLoad(load: Load): string {
  const { table, rows, inserted, updated, deleted, events, total, changes, startedAt, finishedAt, dryRun, stats } = load
  const earlyEnd = describeEarlyEnd(stats)
  const parts = [
    pluralize(rows, 'row'),
    `${formatCount(inserted)} inserted`,
    ...(updated > 0 ? [`${formatCount(updated)} updated`] : []),
    ...(deleted > 0 ? [`${formatCount(deleted)} deleted`] : []),
    `${formatCount(total)} in the table`,
    ...(events === undefined ? [] : [pluralize(events, 'event')]),
    ...(changes.length > 0 ? [pluralize(changes.length, 'change')] : []),
    ...(earlyEnd === undefined ? [] : [earlyEnd]),
    `in ${formatDuration((finishedAt.getTime() - startedAt.getTime()) / 1000)}`,
  ]
  return `${table}: ${parts.join(', ')}${dryRun ? '; rolled back because of --dry-run' : ''}`
}

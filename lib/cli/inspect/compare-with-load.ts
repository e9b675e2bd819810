// `inspect --compare`: what a load would change in its table, as far as the first records show.
import { compareReport, type LoadComparison } from '../../index.js'
import type { ServerAccess } from '../access/server-access.js'
import type { Context } from '../context.js'
import { optionsWithoutEffect } from '../flags/inspect-flags.js'
import { pluralize } from '../output/format-text.js'
import { LoadProgress } from '../progress/load-progress.js'
import { readLoadOptions } from '../load/read-load-options.js'
import { readSampleOptions } from '../source/source-options.js'

export interface PrintableComparison {
  readonly comparison: LoadComparison
  readonly lines: readonly string[]
}

export async function compareWithLoad(
  reportId: string,
  access: ServerAccess,
  { settings, progress, signal }: Context,
): Promise<PrintableComparison> {
  const options = readLoadOptions(settings)
  const display = new LoadProgress(options.table, progress, Infinity)
  try {
    const comparison = await compareReport({
      ...options,
      ...optionsWithoutEffect,
      source: { ...readSampleOptions(settings), ...access, reportId },
      onEvent: display.handle,
      signal,
    })
    return { comparison, lines: formatComparison(comparison) }
  } finally {
    display.stop()
  }
}

function formatComparison({ table, last, total, changes, problem }: LoadComparison): string[] {
  const lastLoad =
    last &&
    `the load of ${last.finishedAt.toISOString()}, after which the table had ${pluralize(last.rowsInTable, 'row')}`
  return [
    '',
    `compared  ${table} with ${lastLoad ?? 'nothing, because it has no complete load'}`,
    ...(last ? [`total     the report has ${pluralize(total, 'record')} now`] : []),
    ...changes.map(({ message }) => `changed   ${message}`),
    ...(last && changes.length === 0 ? ['changed   nothing, as far as these records show'] : []),
    ...(problem ? [`a load would fail: ${problem.message} (${problem.code})`] : []),
  ]
}

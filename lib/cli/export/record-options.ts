// The options of the encoder of the records.
import { readFileSync } from 'node:fs'
import { UsageError } from '../errors/usage-error.js'
import { getReason } from '../../shared/system-errors.js'
import { columnFlags } from '../flags/column-flags.js'
import { readSelection } from '../read-selection.js'
import type { Settings } from '../settings.js'
import { recordOnlyGroups, throwIfNotForFormat } from './format-errors.js'
import { flagGroupsOfFormats, formats } from '../flags/formats.js'
import type { Target } from './target.js'

/**
 * Returns the options. A file has all columns by default, because it appears only when the export is complete. stdout has the columns of a
 * sample, because its reader waits for the first row. `--late-columns` and `--types-from` imply a sample too.
 */
export function createRecordOptions(settings: Settings, { format, path }: Target): Record<string, unknown> {
  const options = settings.options(columnFlags, ...flagGroupsOfFormats)
  const hasAllColumns = path !== undefined && options['lateColumns'] === undefined && options['typesFrom'] === undefined
  if (formats[format].hasColumns) options['columns'] ??= hasAllColumns ? 'all' : 'sample'
  settings.checkWord('naming')
  if (formats[format].makesEvents && options['types'] !== undefined)
    throw settings.createError(
      'types',
      `is only for the columns of --fields in ${format}; write the log with --events FILE instead of --out`,
    )
  if (options['typesFrom'] !== undefined) options['typesFrom'] = getEarlierReceipt(settings)
  if (options['eventSheet'] === true && settings.get('fields') !== undefined) options['fields'] = settings.get('fields')
  throwIfNotForFormat(settings, format, [...recordOnlyGroups, ...flagGroupsOfFormats])
  const { strict, ...selection } = readSelection(settings)
  return { ...selection, ...options, strict: formats[format].makesEvents ? strict === true : strict }
}

const earlierReceipts = new WeakMap<Settings, unknown>()

/** Returns the content of the receipt that `--types-from` names. The receipt is read once, because the export may replace it. */
function getEarlierReceipt(settings: Settings): unknown {
  if (!earlierReceipts.has(settings))
    earlierReceipts.set(settings, readEarlierReceipt(settings.text('typesFrom')!, settings))
  return earlierReceipts.get(settings)
}

function readEarlierReceipt(path: string, settings: Settings): unknown {
  const createUsageError = (problem: string) =>
    new UsageError(`${settings.describeSetting('typesFrom')} ${path}: ${problem}`, { setting: 'typesFrom' })
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    throw createUsageError(`could not be read: ${getReason(error)}`)
  }
  try {
    return JSON.parse(content) as unknown
  } catch {
    throw createUsageError('expected the JSON of a receipt')
  }
}

// The options of the encoder of the records.
import { readFileSync } from 'node:fs'
import { UsageError } from '../errors/usage-error.js'
import { columnFlags } from '../flags/encoder-flags.js'
import { readSelection } from '../read-selection.js'
import type { Settings } from '../settings.js'
import { recordOnlyGroups, throwIfNotForFormat } from './format-errors.js'
import { flagGroupsOfFormats, formats } from '../flags/formats.js'
import type { Target } from './target.js'

export function createRecordOptions(settings: Settings, { format, path }: Target): Record<string, unknown> {
  const options = settings.options(columnFlags, ...flagGroupsOfFormats)
  const isAll = path !== undefined && options['lateColumns'] === undefined && options['typesFrom'] === undefined
  if (formats[format].hasColumns) options['columns'] ??= isAll ? 'all' : 'sample'
  settings.checkWord('naming')
  if (formats[format].makesEvents && options['types'] !== undefined)
    throw settings.createError(
      'types',
      `is only for the columns of --fields in ${format}; write the log with --events FILE instead of --out`,
    )
  if (options['typesFrom'] !== undefined) options['typesFrom'] = getTypesFrom(settings)
  if (options['eventSheet'] === true && settings.get('fields') !== undefined) options['fields'] = settings.get('fields')
  throwIfNotForFormat(settings, format, [...recordOnlyGroups, ...flagGroupsOfFormats])
  const { strict, ...selection } = readSelection(settings)
  return { ...selection, ...options, strict: formats[format].makesEvents ? strict === true : strict }
}

const receipts = new WeakMap<Settings, unknown>()

/** Returns the content of the receipt that `--types-from` names. The receipt is read once, because the export may replace it. */
function getTypesFrom(settings: Settings): unknown {
  if (!receipts.has(settings)) receipts.set(settings, readTypesFrom(settings.text('typesFrom')!, settings))
  return receipts.get(settings)
}

function readTypesFrom(path: string, settings: Settings): unknown {
  const createUsageError = (problem: string) =>
    new UsageError(`${settings.describeSetting('typesFrom')} ${path}: ${problem}`, { setting: 'typesFrom' })
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    throw createUsageError(`could not be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  try {
    return JSON.parse(content) as unknown
  } catch {
    throw createUsageError('expected the JSON of a receipt')
  }
}

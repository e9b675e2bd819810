// The targets of each report of an export: one for its records and one for its event log.
import { createHash } from 'node:crypto'
import { findRealPath, listClaimedPaths } from '../../files/claimed-paths.js'
import { UsageError } from '../errors/usage-error.js'
import { datasetFlags } from '../flags/dataset-flags.js'
import { eventFlags } from '../flags/event-flags.js'
import { findFormatOfFile, formats, readFormat, type FormatName } from '../flags/formats.js'
import type { Settings } from '../settings.js'
import { createTarget, type Target } from './target.js'

export interface ReportTargets {
  readonly records: Target | undefined
  readonly events: Target | undefined
}

/** Returns the paths of files and datasets; stdout has none. */
export const listPaths = ({ records, events }: ReportTargets): readonly string[] =>
  [records?.path, events?.path].filter((path) => path !== undefined)

/** Returns the targets of each report from `--out`, `--events`, `--format` and `--gzip`. Several reports or a collection need a folder. */
export function createReportTargets(
  settings: Settings,
  reportIds: readonly string[],
  hasSeveralReports: boolean,
): readonly ReportTargets[] {
  checkFlags(settings, hasSeveralReports)
  const recordFormat = readFormat(settings, 'format')
  const eventFormat = readFormat(settings, 'events.format')
  const isDataset = findDatasetFlag(settings) !== undefined
  const create = (setting: 'out' | 'events', name: string, format: FormatName | undefined) => {
    const given = settings.text(setting)
    if (given === undefined) return undefined
    const formatOfFile = format ?? findFormatOfFile(given)
    // --gzip is for both files; events in a format with its own compression are written without it
    const isGzipOff = setting === 'events' && formatOfFile && formats[formatOfFile].isCompressed
    const gzip = settings.get('gzip') === true && !isGzipOff
    return createTarget({ settings, setting, given, name, hasSeveralReports, format, gzip, isDataset })
  }
  const all = reportIds.map((reportId) => {
    const name = encodeURIComponent(reportId)
    const records = create('out', name, recordFormat)
    const formatInFolder = hasSeveralReports ? (records?.format ?? recordFormat) : undefined
    const targets = { records, events: create('events', `${name}.events`, eventFormat ?? formatInFolder) }
    checkTargets(targets, settings)
    return targets
  })
  return makeNamesDistinct(all, reportIds)
}

function checkFlags(settings: Settings, hasSeveralReports: boolean): void {
  const [out, events] = [settings.text('out'), settings.text('events')]
  const outName = settings.describeSetting('out')
  if (out === undefined && events === undefined)
    throw new UsageError(`missing ${outName}: give ${outName} FILE, ${outName} FOLDER, or ${outName} - for stdout`, {
      setting: 'out',
      reason: 'missing',
    })
  for (const setting of ['out', 'events'])
    if (settings.text(setting) === '')
      throw settings.createError(setting, 'expected a file, a folder or an address, got ""')
  if (events === '-') throw settings.createError('events', 'expected a file; only --out can be -')
  if (events === undefined) throwIfEventFlag(settings)
  if (out === '-' && hasSeveralReports)
    throw settings.createError('out', 'expected a folder for several reports, got -')
  const datasetFlag = findDatasetFlag(settings)
  if (datasetFlag && out !== undefined && events !== undefined)
    throw settings.createError(
      datasetFlag.name,
      'expected --out or --events, got both; export the other one with a second command',
    )
}

/** Throws a UsageError for a flag of the event log, because there is none. A second sheet of events has `--fields` too. */
function throwIfEventFlag(settings: Settings): void {
  const hasEventSheet = settings.get('eventSheet') === true
  const flag = eventFlags.flags.find(
    ({ name }) => settings.get(name) !== undefined && !(hasEventSheet && name === 'fields'),
  )
  if (!flag) return
  const alternative = flag.name === 'fields' ? ' or --event-sheet' : ''
  throw settings.createError(flag.name, `needs --events FILE${alternative}`)
}

const findDatasetFlag = (settings: Settings) =>
  datasetFlags.flags.find(({ name }) => settings.get(name) !== undefined && settings.get(name) !== false)

function checkTargets({ records, events }: ReportTargets, settings: Settings): void {
  for (const target of [records, events])
    if (target?.gzip && formats[target.format].isCompressed)
      throw settings.createError(
        'gzip',
        target.format === 'parquet'
          ? 'a Parquet file is compressed internally; use --codec gzip'
          : `${target.format} is compressed already`,
        'not applicable',
      )
  if (!records?.path || !events?.path) return
  const paths = [records, events].flatMap(({ path, receiptPlace }) =>
    listClaimedPaths(findRealPath(path!), receiptPlace),
  )
  if (new Set(paths).size === paths.length) return
  const [out, eventsName, eventSheet] = ['out', 'events', 'eventSheet'].map((name) => settings.describeSetting(name))
  const remedy = records.format === 'xlsx' ? `; for two sheets of one workbook use ${eventSheet!}` : ''
  throw new UsageError(`${out!} and ${eventsName!}: expected two files, got one${remedy}`, { setting: 'events' })
}

/**
 * Renames files and datasets that would have the same name: `Sales` and `sales` if the file system ignores case, or the events of the
 * report `a` and the records of the report `a.events`. Each gets a hash in its name, which is the same in every run.
 */
function makeNamesDistinct(all: readonly ReportTargets[], reportIds: readonly string[]): readonly ReportTargets[] {
  const useCounts = new Map<string, number>()
  const toKey = (path: string) => path.normalize('NFC').toLowerCase()
  for (const key of all.flatMap(listPaths).map(toKey)) useCounts.set(key, (useCounts.get(key) ?? 0) + 1)
  const renameIfShared = (target: Target | undefined, role: string) => {
    if (target?.path === undefined || useCounts.get(toKey(target.path)) === 1) return target
    const hash = createHash('sha256').update(role).digest('hex').slice(0, 8)
    return { ...target, path: target.path.replace(/(\.[a-z]+(\.gz)?|\/)$/, `~${hash}$1`) }
  }
  return all.map(({ records, events }, index) => ({
    records: renameIfShared(records, `records ${reportIds[index]!}`),
    events: renameIfShared(events, `events ${reportIds[index]!}`),
  }))
}

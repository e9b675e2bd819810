import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { addCompressedExtension, removeCompressedExtension } from '../../encode/compression.js'
import { getReason } from '../../files/failure-reason.js'
import { createFolder, type RemoveEmptyFolders } from '../../files/local/disk.js'
import { getReceiptPath } from '../../files/receipt.js'
import { datasetFormats } from '../../shared/dataset-formats.js'
import { ExportError } from '../../shared/errors.js'
import { datasetFlags } from '../flags/dataset-flags.js'
import { eventFlags } from '../flags/event-flags.js'
import { joinWithOr } from '../output/format-text.js'
import { extensions, findFormat, namesOfFormats, formats, type FormatName } from '../flags/formats.js'
import type { Settings } from '../settings.js'
import { isStoreAddress } from '../files/stores.js'
import { statsAt } from '../files/file-stats.js'
import { UsageError } from '../errors/usage-error.js'

export interface Target {
  /** The path of a file, or of the folder of a dataset; undefined for stdout. */
  readonly path: string | undefined
  readonly format: FormatName
  readonly gzip: boolean
  /** True if the user gave a folder. Then the receipt of a file is in `_receipts/`, because programs may read every file of the folder. */
  readonly isInFolder: boolean
  readonly isDataset?: boolean
}

export interface Targets {
  readonly records: Target | undefined
  readonly events: Target | undefined
}

/** Returns the paths of files and datasets; stdout has none. */
export const listPaths = ({ records, events }: Targets): readonly string[] =>
  [records?.path, events?.path].filter((path) => path !== undefined)

/** Returns the targets of each report from `--out`, `--events`, `--format` and `--gzip`. Several reports or a collection need a folder. */
export function createTargets(
  settings: Settings,
  reportIds: readonly string[],
  needsFolder: boolean,
): readonly Targets[] {
  const out = settings.text('out')
  const events = settings.text('events')
  if (out === undefined && events === undefined)
    throw new UsageError('missing --out: give --out FILE, --out FOLDER, or --out - for stdout', {
      setting: 'out',
      reason: 'missing',
    })
  for (const setting of ['out', 'events'])
    if (settings.text(setting) === '')
      throw settings.createError(setting, 'expected a file, a folder or an address, got ""')
  if (events === '-') throw settings.createError('events', 'expected a file; only --out can be -')
  const allowedWithoutEventFile = settings.get('eventSheet') === true ? ['events', 'fields'] : ['events']
  const eventFlag = eventFlags.flags.find(
    ({ name }) => !allowedWithoutEventFile.includes(name) && settings.get(name) !== undefined,
  )
  if (events === undefined && eventFlag)
    throw settings.createError(
      eventFlag.name,
      eventFlag.name === 'fields' ? 'needs --events FILE or --event-sheet' : 'needs --events FILE',
    )
  if (out === '-' && needsFolder) throw settings.createError('out', 'expected a folder for several reports, got -')
  const format = getFormat(settings, 'format')
  const eventFormat = getFormat(settings, 'events.format')
  const gzip = settings.get('gzip') === true
  const datasetFlag = findDatasetFlag(settings)
  const isDataset = datasetFlag !== undefined
  if (datasetFlag !== undefined && out !== undefined && events !== undefined)
    throw settings.createError(
      datasetFlag,
      'expected --out or --events, got both; export the other one with a second command',
    )
  const createReportTargets = (reportId: string) => {
    const recordSpec = { setting: 'out', reportId, needsFolder, format, gzip, isDataset }
    const records = out === undefined ? undefined : createTarget(out, '', recordSpec)
    const eventSpec = {
      ...recordSpec,
      setting: 'events',
      format: eventFormat ?? (needsFolder ? (records?.format ?? format) : undefined),
      gzip: gzip && !/\.(parquet|xlsx)$/i.test(events ?? ''),
    }
    const eventLog = events === undefined ? undefined : createTarget(events, '.events', eventSpec)
    const targets = { records, events: eventLog }
    checkTargets(targets, settings)
    return { reportId, targets }
  }
  return makeNamesDistinct(reportIds.map(createReportTargets))
}

/**
 * Renames files and datasets that would have the same name: `Sales` and `sales` if the file system ignores case, or the events of the
 * report `a` and the records of the report `a.events`. Each gets a hash in its name, which is the same in every run.
 */
function makeNamesDistinct(all: readonly { readonly reportId: string; readonly targets: Targets }[]): Targets[] {
  const useCounts = new Map<string, number>()
  const toKey = ({ path = '' }: Target) => path.normalize('NFC').toLowerCase()
  for (const { targets } of all)
    for (const target of [targets.records, targets.events])
      if (target) useCounts.set(toKey(target), (useCounts.get(toKey(target)) ?? 0) + 1)
  const renameIfShared = (target: Target | undefined, role: string) => {
    if (target?.path === undefined || useCounts.get(toKey(target)) === 1) return target
    const hash = createHash('sha256').update(role).digest('hex').slice(0, 8)
    return { ...target, path: target.path.replace(/(\.[a-z]+(\.gz)?|\/)$/, `~${hash}$1`) }
  }
  return all.map(({ reportId, targets: { records, events } }) => ({
    records: renameIfShared(records, `records ${reportId}`),
    events: renameIfShared(events, `events ${reportId}`),
  }))
}

export function getFormat(settings: Settings, name: string): FormatName | undefined {
  const given = settings.text(name)
  if (given === undefined) return undefined
  const format = namesOfFormats.find((known) => known === given) ?? findFormat(given)
  if (format) return format
  throw settings.createError(name, `expected ${joinWithOr(namesOfFormats)}, got ${JSON.stringify(given)}`)
}

interface TargetSpec {
  readonly setting: string
  readonly reportId: string
  readonly needsFolder: boolean
  readonly format: FormatName | undefined
  readonly gzip: boolean
  readonly isDataset: boolean
}

const findDatasetFlag = (settings: Settings) =>
  datasetFlags.flags.find(({ name }) => settings.get(name) !== undefined && settings.get(name) !== false)?.name

function createDatasetTarget(path: string, suffix: string, spec: TargetSpec): Target {
  const { setting, reportId, needsFolder, format = 'parquet', gzip } = spec
  if (path === '-' || !(needsFolder || isFolder(path)))
    throw new UsageError(`${path}: expected a folder for a dataset, such as ${path === '-' ? 'orders' : path}/`, {
      setting,
    })
  if (!datasetFormats.some((known) => known === format))
    throw new UsageError(`--format: expected ${joinWithOr(datasetFormats)} for a dataset, got ${format}`, {
      setting: 'format',
    })
  const folder = path.replace(/[/\\]*$/, '/')
  const reportFolder = needsFolder ? `${folder}${encodeURIComponent(reportId)}${suffix}/` : folder
  const folderPath = isStoreAddress(path) ? reportFolder : `${resolve(reportFolder)}/`
  return { path: folderPath, format, gzip, isInFolder: true, isDataset: true }
}

function createTarget(path: string, suffix: string, spec: TargetSpec): Target {
  const { setting, reportId, needsFolder, gzip } = spec
  if (spec.isDataset) return createDatasetTarget(path, suffix, spec)
  if (path === '-') return { path: undefined, format: spec.format ?? 'csv', gzip, isInFolder: false }
  if (needsFolder && isStoreAddress(path) && !isFolder(path))
    throw new UsageError(`${path}: expected an address that ends with / for several reports`, { setting })
  if (needsFolder || isFolder(path)) {
    checkFolderName(path, spec)
    const format = spec.format ?? 'csv'
    const fileName = `${encodeURIComponent(reportId)}${suffix}.${formats[format].extensions[0]}`
    const name = addCompressedExtension(fileName, gzip)
    const filePath = isStoreAddress(path) ? `${path}${name}` : resolve(join(path, name))
    return { path: filePath, format, gzip, isInFolder: true }
  }
  const uncompressedPath = removeCompressedExtension(path)
  const extension = /\.([^.]+)$/.exec(uncompressedPath ?? path)?.[1] ?? ''
  const format = spec.format ?? findFormat(extension.toLowerCase())
  if (!format)
    throw new UsageError(
      `${path}: expected a name that ends with ${joinWithOr(extensions.map((extension) => `.${extension}`))}, or --format`,
      { setting },
    )
  const fullPath = isStoreAddress(path) ? path : resolve(path)
  return { path: fullPath, format, gzip: gzip || uncompressedPath !== undefined, isInFolder: false }
}

/** Throws a UsageError for a folder whose name ends like a file of a format, because the files in it may have another format. */
function checkFolderName(path: string, { setting, needsFolder }: TargetSpec): void {
  const [, stem, extension] = /^(.*)\.([^./\\]+)$/s.exec(removeCompressedExtension(path) ?? path) ?? []
  const format = extension === undefined ? undefined : findFormat(extension.toLowerCase())
  if (!format) return
  const problem = needsFolder
    ? 'expected a folder for several reports, got the name of a file'
    : 'it is a folder, and has the name of a file'
  const formatFlag = setting === 'out' ? '--format' : '--events-format'
  throw new UsageError(`${path}: ${problem}; use --${setting} ${stem!}/ ${formatFlag} ${format}`, { setting })
}

/** Returns true if the path of `--out` or `--events` is a folder. A path that ends with a slash need not exist. */
const isFolder = (path: string) => /[/\\]$/.test(path) || statsAt(path)?.isDirectory() === true

export async function createFolders(settings: Settings, needsFolder: boolean): Promise<RemoveEmptyFolders> {
  const removals: RemoveEmptyFolders[] = []
  for (const path of [settings.text('out'), settings.text('events')])
    if (path !== undefined && path !== '-' && !isStoreAddress(path) && (needsFolder || isFolder(path)))
      removals.push(await createOutputFolder(path))
  return async () => {
    for (const removeIfEmpty of removals) await removeIfEmpty()
  }
}

/** Creates the folder of an output. Rejects with `ERR_FILE`. */
export function createOutputFolder(folder: string): Promise<RemoveEmptyFolders> {
  return createFolder(folder).catch((cause: unknown) => {
    throw new ExportError('ERR_FILE', `folder ${folder}: cannot be created: ${getReason(cause)}`, { cause })
  })
}

function checkTargets({ records, events }: Targets, settings: Settings): void {
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
  const paths = [records, events].flatMap(({ path, isInFolder }) => [
    path,
    getReceiptPath(path!, isInFolder ? 'folder' : 'beside'),
  ])
  if (new Set(paths).size === paths.length) return
  const remedy = records.format === 'xlsx' ? '; for two sheets of one workbook use --event-sheet' : ''
  throw new UsageError(`--out and --events: expected two files, got one${remedy}`)
}

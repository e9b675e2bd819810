// One target of an export, which `--out` or `--events` names: a file, a dataset or stdout.
import { join, resolve } from 'node:path'
import { addCompressedExtension, removeCompressedExtension } from '../../encode/gzip-files.js'
import { datasetFormats } from '../../shared/dataset-formats.js'
import { UsageError } from '../errors/usage-error.js'
import { isStoreAddress } from '../files/stores.js'
import { extensions, findFormatOfFile, formats, type FormatName } from '../flags/formats.js'
import { joinWithOr } from '../output/format-text.js'
import type { Settings } from '../settings.js'
import { isFolder } from './output-folders.js'

export interface Target {
  /** The path of a file, or of the folder of a dataset; undefined for stdout. */
  readonly path: string | undefined
  readonly format: FormatName
  readonly gzip: boolean
  /** `'folder'` if the user gave a folder: the receipt of a file is in `_receipts/`, because programs may read every file of the folder. */
  readonly receiptPlace: 'beside' | 'folder'
  readonly isDataset?: boolean
}

export interface TargetSpec {
  readonly settings: Settings
  readonly setting: 'out' | 'events'
  /** The value of the setting. */
  readonly given: string
  /** The name of the file or of the dataset in a folder, without an extension. */
  readonly name: string
  /** True for several reports or a collection. Then the target must be a folder. */
  readonly hasSeveralReports: boolean
  readonly format: FormatName | undefined
  readonly gzip: boolean
  readonly isDataset: boolean
}

export function createTarget(spec: TargetSpec): Target {
  const { given, hasSeveralReports, isDataset, format = 'csv', gzip } = spec
  if (isDataset) return createDatasetTarget(spec)
  if (given === '-') return { path: undefined, format, gzip, receiptPlace: 'beside' }
  return hasSeveralReports || isFolder(given) ? createFolderTarget(spec) : createFileTarget(spec)
}

/** The settings of the format of the records and of the events. */
const formatSettings = { out: 'format', events: 'events.format' } as const

function createDatasetTarget({
  settings,
  setting,
  given,
  name,
  hasSeveralReports,
  format = 'parquet',
  gzip,
}: TargetSpec): Target {
  if (given === '-' || !(hasSeveralReports || isFolder(given)))
    throw new UsageError(`${given}: expected a folder for a dataset, such as ${given === '-' ? 'orders' : given}/`, {
      setting,
    })
  if (!datasetFormats.some((known) => known === format))
    throw settings.createError(
      formatSettings[setting],
      `expected ${joinWithOr(datasetFormats)} for a dataset, got ${format}`,
    )
  const folder = given.replace(/[/\\]*$/, '/')
  const reportFolder = hasSeveralReports ? `${folder}${name}/` : folder
  const path = isStoreAddress(given) ? reportFolder : `${resolve(reportFolder)}/`
  return { path, format, gzip, receiptPlace: 'folder', isDataset: true }
}

function createFolderTarget(spec: TargetSpec): Target {
  const { setting, given, name, format = 'csv', gzip } = spec
  if (isStoreAddress(given) && !isFolder(given))
    throw new UsageError(`${given}: expected an address that ends with / for several reports`, { setting })
  checkFolderName(spec)
  const fileName = addCompressedExtension(`${name}.${formats[format].extensions[0]}`, gzip)
  const path = isStoreAddress(given) ? `${given}${fileName}` : resolve(join(given, fileName))
  return { path, format, gzip, receiptPlace: 'folder' }
}

/** Throws a UsageError for a folder whose name ends like a file of a format, because the files in it may have another format. */
function checkFolderName({ settings, setting, given, hasSeveralReports }: TargetSpec): void {
  const path = removeCompressedExtension(given) ?? given
  const format = findFormatOfFile(path)
  if (!format) return
  const problem = hasSeveralReports
    ? 'expected a folder for several reports, got the name of a file'
    : 'the name of a folder must not end like a file'
  const stem = path.replace(/\.[^.]+$/, '')
  const [name, formatName] = [setting, formatSettings[setting]].map((option) => settings.describeSetting(option))
  throw new UsageError(`${given}: ${problem}; use ${name!} ${stem}/ and ${formatName!} ${format}`, { setting })
}

function createFileTarget({ settings, setting, given, gzip, ...spec }: TargetSpec): Target {
  const uncompressedPath = removeCompressedExtension(given)
  const format = spec.format ?? findFormatOfFile(uncompressedPath ?? given)
  if (!format)
    throw new UsageError(
      `${given}: expected a name that ends with ${joinWithOr(extensions.map((known) => `.${known}`))}, or ${settings.describeSetting(formatSettings[setting])}`,
      { setting },
    )
  const path = isStoreAddress(given) ? given : resolve(given)
  return { path, format, gzip: gzip || uncompressedPath !== undefined, receiptPlace: 'beside' }
}

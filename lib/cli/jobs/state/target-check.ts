import { findLastLoad } from '../../../index.js'
import { pickFileFacts } from '../../../files/file-facts.js'
import { MANIFEST_NAME } from '../../../shared/manifest-name.js'
import { createReadableFiles, readJsonObject, readReceipt, type ReadableFiles } from '../../files/readable-files.js'
import { readLoadOptions } from '../../load/read-load-options.js'
import type { Progress } from '../../progress/progress.js'
import type { Settings } from '../../settings.js'
import type { DatasetFingerprint, FileFingerprint, JobSuccess } from './state-file.js'

/**
 * Resolves to true if the target is as the success left it: its receipts and sizes, or the newest row of `_optimize_loads` and the event
 * table. A target that cannot be read counts as changed.
 */
export async function isTargetUnchanged(
  settings: Settings,
  success: JobSuccess,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  const files = createReadableFiles(settings, progress)
  if (success.files)
    return (await Promise.all(success.files.map((file) => isFileUnchanged(file, files)))).every((isSame) => isSame)
  if (success.dataset) return isDatasetUnchanged(success.dataset, files)
  if (success.loadId === undefined) return false
  const { into, table, events } = readLoadOptions(settings)
  const last = await findLastLoad({ into, table, events: events?.table, signal }).catch(() => undefined)
  return last?.id === success.loadId
}

/** Compares the size of the file and the hash in its receipt. It does not read the file, which may be large. */
async function isFileUnchanged({ path, bytes, sha256 }: FileFingerprint, files: ReadableFiles): Promise<boolean> {
  if ((await files.getSize(path)) !== bytes) return false
  return pickFileFacts(await readReceipt(path, files))?.sha256 === sha256
}

/** Compares the run in the manifest, and the sizes of the files that the manifest lists. */
async function isDatasetUnchanged(
  { manifest: path, runId }: DatasetFingerprint,
  files: ReadableFiles,
): Promise<boolean> {
  const { run, files: parts = [] } = ((await readJsonObject(path, files)) ?? {}) as DatasetContent
  if (run?.id !== runId) return false
  const folder = path.slice(0, -MANIFEST_NAME.length)
  const sizes = await Promise.all(parts.map((part) => files.getSize(`${folder}${part.path}`)))
  return parts.every(({ bytes }, index) => sizes[index] === bytes)
}

interface DatasetContent {
  readonly run?: { readonly id: string }
  readonly files?: readonly { readonly path: string; readonly bytes: number }[]
}

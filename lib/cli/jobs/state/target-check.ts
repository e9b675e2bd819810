// Checks whether the target of an earlier success is unchanged.
import { readFile, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { getReceiptPath } from '../../../files/receipt.js'
import { findLastLoad } from '../../../index.js'
import { MANIFEST_NAME } from '../../../shared/manifest-name.js'
import type { Progress } from '../../progress/progress.js'
import { readLoadOptions } from '../../load/read-load-options.js'
import type { Settings } from '../../settings.js'
import { createStore, isStoreAddress } from '../../export/stores.js'
import type { DatasetFingerprint, FileFingerprint, JobSuccess } from './job-state.js'
import type { PlannedJob } from '../file/plan-jobs.js'

/** Files on the local disk or in a store. */
export interface ReadableFiles {
  /** Returns the bytes of a file, or `undefined` if there is none. */
  getSize(path: string): Promise<number | undefined>
  /** Returns the text of a file, or `undefined` if there is none. */
  readText(path: string): Promise<string | undefined>
}

const localFiles: ReadableFiles = {
  getSize: (path) => stat(path).then(({ size }) => size),
  readText: (path) => readFile(path, 'utf8'),
}

/** Returns a reader of local files and of objects in the store of these settings. A file that cannot be read counts as missing. */
export function createReadableFiles(settings: Settings, progress: Progress): ReadableFiles {
  let store: ReadableFiles | undefined
  const find = (path: string) =>
    isStoreAddress(path) ? (store ??= createStore(path, settings, progress)!) : localFiles
  return {
    getSize: (path) =>
      find(path)
        .getSize(path)
        .catch(() => undefined),
    readText: (path) =>
      find(path)
        .readText(path)
        .catch(() => undefined),
  }
}

/** Returns true if the files or the table of a success exist as the job left them. */
export async function isTargetUnchanged(
  job: Pick<PlannedJob, 'settings' | 'settingsHash'>,
  success: JobSuccess,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  if (success.settingsHash !== job.settingsHash) return false
  const files = createReadableFiles(job.settings, progress)
  if (success.files)
    return (await Promise.all(success.files.map((file) => isFileUnchanged(file, files)))).every((isSame) => isSame)
  if (success.dataset) return isDatasetUnchanged(success.dataset, files)
  if (success.loadId === undefined) return false
  const { into, table } = readLoadOptions(job.settings)
  const last = await findLastLoad({ into, table, signal }).catch(() => undefined)
  return last?.id === success.loadId
}

/** Compares the size of the file and the hash in its receipt. It does not read the file, which may be large. */
async function isFileUnchanged({ path, bytes, sha256 }: FileFingerprint, files: ReadableFiles): Promise<boolean> {
  if ((await files.getSize(path)) !== bytes) return false
  const receipt = await readReceipt(path, files)
  return receipt?.['sha256'] === sha256
}

/** Compares the run in the manifest, and the sizes of its files. */
async function isDatasetUnchanged(
  { manifest: path, runId }: DatasetFingerprint,
  files: ReadableFiles,
): Promise<boolean> {
  const { run, files: parts = [] } = (parseObject((await files.readText(path)) ?? '') ?? {}) as DatasetContent
  if (run?.id !== runId) return false
  const folder = path.slice(0, -MANIFEST_NAME.length)
  const sizes = await Promise.all(parts.map((part) => files.getSize(`${folder}${part.path}`)))
  return parts.every(({ bytes }, index) => sizes[index] === bytes)
}

/** The fields of a manifest that a check reads. */
interface DatasetContent {
  readonly run?: { readonly id: string }
  readonly files?: readonly { readonly path: string; readonly bytes: number }[]
}

/** Returns the receipt of a file, beside it or in the folder of receipts, or the manifest of a dataset; undefined if there is none. */
export async function readReceipt(
  path: string,
  files: ReadableFiles,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const paths = isStoreAddress(path) ? posix : undefined
  const receiptPaths = path.endsWith('/')
    ? [`${path}${MANIFEST_NAME}`]
    : [getReceiptPath(path, 'beside', paths), getReceiptPath(path, 'folder', paths)]
  for (const receiptPath of receiptPaths) {
    const text = await files.readText(receiptPath)
    const receipt = text === undefined ? undefined : parseObject(text)
    if (receipt) return receipt
  }
  return undefined
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>> | null
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

import { readFile, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { getReceiptPath } from '../../files/receipt.js'
import type { ObjectStore } from '../../stores/s3/index.js'
import { MANIFEST_NAME } from '../../shared/manifest-name.js'
import type { Progress } from '../progress/progress.js'
import type { Settings } from '../settings.js'
import { createStore, isStoreAddress } from './stores.js'

/** Reads files on the disk and in stores by their paths. Resolves to undefined for a file that cannot be read or does not exist. */
export type ReadableFiles = Pick<ObjectStore, 'getSize' | 'readText'>

const localFiles = {
  getSize: (path: string) => stat(path).then(({ size }) => size),
  readText: (path: string) => readFile(path, 'utf8'),
}

/** Returns a reader of local files and of objects in stores; each kind of store, such as `s3:`, is created once. */
export function createReadableFiles(settings: Settings, progress: Progress): ReadableFiles {
  const stores: Record<string, ReadableFiles> = {}
  const find = (path: string) =>
    isStoreAddress(path) ? (stores[path.split('/')[0]!] ??= createStore(path, settings, progress)!) : localFiles
  const ignore = () => undefined
  return {
    getSize: (path) => find(path).getSize(path).catch(ignore),
    readText: (path) => find(path).readText(path).catch(ignore),
  }
}

/**
 * Returns the receipt of a file, beside it or in the folder of receipts; for a path that ends in `/`, the manifest of the dataset.
 * Undefined if there is none.
 */
export async function readReceipt(
  path: string,
  files: ReadableFiles,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const paths = isStoreAddress(path) ? posix : undefined
  const receiptPaths = path.endsWith('/')
    ? [`${path}${MANIFEST_NAME}`]
    : [getReceiptPath(path, 'beside', paths), getReceiptPath(path, 'folder', paths)]
  for (const receiptPath of receiptPaths) {
    const receipt = await readJsonObject(receiptPath, files)
    if (receipt) return receipt
  }
  return undefined
}

/** Returns undefined if the file cannot be read or is not a JSON object. */
export async function readJsonObject(
  path: string,
  files: ReadableFiles,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await files.readText(path)
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>> | null
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

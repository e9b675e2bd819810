import * as localPaths from 'node:path'
import { disk } from './local/disk.js'

/** The content of a receipt: anything that JSON can hold. */
export type ReceiptContent = Readonly<Record<string, unknown>>

/** `beside`: `<file>.json`. `folder`: `_receipts/<name>.json` in the folder of the file, for readers of the whole folder. */
export type ReceiptPlace = 'beside' | 'folder'

/**
 * Returns the path of the receipt of a file.
 * @param paths `posix` for keys of an object store
 */
export function getReceiptPath(
  path: string,
  place: ReceiptPlace,
  paths: Pick<typeof localPaths, 'basename' | 'dirname' | 'join'> = localPaths,
): string {
  if (place === 'beside') return `${path}.json`
  return paths.join(paths.dirname(path), '_receipts', `${paths.basename(path)}.json`)
}

/** Returns a receipt: the content, and the facts about the file. */
export const createReceipt = (
  content: ReceiptContent,
  file: { readonly bytes: number; readonly sha256: string },
): ReceiptContent => ({ ...content, ...file, finishedAt: new Date() })

export const formatReceipt = (receipt: ReceiptContent) => `${JSON.stringify(receipt, null, 2)}\n`

/** Returns true if the file is a receipt; false if it is some other JSON file. */
export async function isReceipt(path: string): Promise<boolean> {
  try {
    const { sha256, finishedAt } = JSON.parse(await disk.readFile(path, 'utf8')) as ReceiptContent
    return typeof sha256 === 'string' && typeof finishedAt === 'string'
  } catch {
    return false
  }
}

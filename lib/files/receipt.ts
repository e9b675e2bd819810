import * as localPaths from 'node:path'
import { describeType } from '../shared/describe-value.js'

/** The content of a receipt: anything that JSON can hold. */
export type ReceiptContent = Readonly<Record<string, unknown>>

/** `beside`: `<file>.json`. `folder`: `_receipts/<name>.json` in the folder of the file, for readers of the whole folder. */
export type ReceiptPlace = 'beside' | 'folder'

/** Returns the other place, in which an earlier export may have left its receipt. */
export const getOtherPlace = (place: ReceiptPlace): ReceiptPlace => (place === 'beside' ? 'folder' : 'beside')

/**
 * Returns the path of the receipt of a file.
 * @param paths `posix` for the key or the address of an object
 */
export function getReceiptPath(
  path: string,
  place: ReceiptPlace,
  paths: Pick<typeof localPaths, 'basename' | 'sep'> = localPaths,
): string {
  if (place === 'beside') return `${path}.json`
  const name = paths.basename(path)
  // dirname() and join() would change the two slashes of an address
  return `${path.slice(0, -name.length)}_receipts${paths.sep}${name}.json`
}

/** The facts about the bytes of a file, which its receipt has. */
export interface FileFacts {
  readonly bytes: number
  readonly sha256: string
}

/** Adds the facts of the file to what the option `receipt` returned. Throws if that is not an object, such as the promise of one. */
export function createReceipt(content: ReceiptContent, file: FileFacts): ReceiptContent {
  const type = describeType(content)
  if (type !== 'an object') throw new Error(`receipt: expected an object, got ${type}`)
  return { ...content, ...file, finishedAt: new Date() }
}

/** Returns the facts that a receipt has; undefined if it is missing, or is no receipt of a file. */
export const readFileFacts = ({ bytes, sha256 }: ReceiptContent = {}): FileFacts | undefined =>
  typeof bytes === 'number' && typeof sha256 === 'string' ? { bytes, sha256 } : undefined

export const formatReceipt = (receipt: ReceiptContent) => `${JSON.stringify(receipt, null, 2)}\n`

export function isReceipt(text: string): boolean {
  try {
    const { sha256, finishedAt } = JSON.parse(text) as ReceiptContent
    return typeof sha256 === 'string' && typeof finishedAt === 'string'
  } catch {
    return false
  }
}

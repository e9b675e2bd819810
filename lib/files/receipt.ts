// The path, the text and the marks of a receipt.
import { basename, dirname, join } from 'node:path'
import { disk } from './disk.js'

/** The content of a receipt: anything that JSON can hold. */
export type ReceiptContent = Readonly<Record<string, unknown>>

/** `beside`: `<file>.json`. `folder`: `_receipts/<name>.json` in the folder of the file, for readers of the whole folder. */
export type ReceiptPlace = 'beside' | 'folder'

/** The path of the receipt of a file. */
export const getReceiptPath = (path: string, place: ReceiptPlace) =>
  place === 'beside' ? `${path}.json` : join(dirname(path), '_receipts', `${basename(path)}.json`)

export const formatReceipt = (content: ReceiptContent) =>
  `${JSON.stringify({ ...content, finishedAt: new Date() }, null, 2)}\n`

/** Whether the file is a receipt that an export wrote, and no other JSON file that happens to have this name. */
export async function isReceipt(path: string): Promise<boolean> {
  try {
    const { sha256, finishedAt } = JSON.parse(await disk.readFile(path, 'utf8')) as ReceiptContent
    return typeof sha256 === 'string' && typeof finishedAt === 'string'
  } catch {
    return false
  }
}

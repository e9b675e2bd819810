import * as localPaths from 'node:path'

/** The content of a receipt: anything that JSON can hold. */
export type ReceiptContent = Readonly<Record<string, unknown>>

/**
 * Returns the path of the receipt of a file.
 * @param paths `posix` for the key or the address of an object
 */
export function getReceiptPath(
  path: string,
  place: 'beside' | 'folder',
  paths: Pick<typeof localPaths, 'basename' | 'sep'> = localPaths,
): string {
  if (place === 'beside') return `${path}.json`
  const name = paths.basename(path)
  // dirname() and join() would change the two slashes of an address
  return `${path.slice(0, -name.length)}_receipts${paths.sep}${name}.json`
}

export function isReceipt(text: string): boolean {
  try {
    const { sha256, finishedAt } = JSON.parse(text) as ReceiptContent
    return typeof sha256 === 'string' && typeof finishedAt === 'string'
  } catch {
    return false
  }
}

// The paths that a file claims for itself, to find files of which one would replace another one or its receipt.
import { isAbsolute, posix, resolve, sep } from 'node:path'
import { disk } from './local/disk.js'
import { getReceiptPath } from './receipt.js'

/** Returns the path of a file, of its part folder and of its receipt, if it has one. An object has no part folder. */
export function listClaimedPaths(path: string, receiptPlace: 'beside' | 'folder' | undefined): readonly string[] {
  const isLocal = isAbsolute(path)
  return [
    path,
    ...(isLocal ? [`${path}.part`] : []),
    ...(receiptPlace ? [getReceiptPath(path, receiptPlace, isLocal ? undefined : posix)] : []),
  ]
}

/** Resolves the links in the part of an absolute path that exists. Returns the address of an object as it is. */
export const findRealPath = (path: string) =>
  isAbsolute(path)
    ? resolve(path)
        .split(sep)
        .reduce((parent, name) => resolveLink(`${parent}${sep}${name}`))
    : path

function resolveLink(path: string): string {
  try {
    return disk.realpathSync(path)
  } catch {
    return path
  }
}

// The version of this package and how it is installed. The version is a constant, so that a bundle needs no package.json.
import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'

/** The version of this package; a test compares it with package.json. */
export const VERSION = '0.1.0'

/** Returns the `created_by` text of a Parquet file. It has a version, because readers otherwise ignore the bounds of text columns. */
export const formatCreatedBy = (engine: string): string => `optimize-export version ${VERSION} (build ${engine})`

/** Returns true if a folder of this package is in a global installation: no `package.json` is beside the `node_modules` around it. */
export function isInstalledGlobally(folder: string): boolean {
  const index = folder.indexOf(`${sep}node_modules${sep}`)
  return index >= 0 && !existsSync(join(folder.slice(0, index), 'package.json'))
}

// The folders in which files and datasets are written.
import { getReason } from '../../shared/system-errors.js'
import { createFolder, type RemoveEmptyFolders } from '../../files/local/disk.js'
import { ExportError } from '../../shared/errors.js'
import { statsAt } from '../files/file-stats.js'
import { isStoreAddress } from '../files/stores.js'
import type { Settings } from '../settings.js'

/** Returns true if the path of `--out` or `--events` is a folder. A path that ends with a slash need not exist. */
export const isFolder = (path: string) => /[/\\]$/.test(path) || statsAt(path)?.isDirectory() === true

/** Creates the folders that the user gave as `--out` or `--events`. */
export async function createFolders(settings: Settings, hasSeveralReports: boolean): Promise<RemoveEmptyFolders> {
  const removals: RemoveEmptyFolders[] = []
  for (const path of [settings.text('out'), settings.text('events')])
    if (path !== undefined && path !== '-' && !isStoreAddress(path) && (hasSeveralReports || isFolder(path)))
      removals.push(await createOutputFolder(path))
  return async () => {
    for (const removeIfEmpty of removals) await removeIfEmpty()
  }
}

/** Creates the folder of an output. Rejects with `ERR_FILE`. */
export function createOutputFolder(folder: string): Promise<RemoveEmptyFolders> {
  return createFolder(folder).catch((cause: unknown) => {
    throw new ExportError('ERR_FILE', `folder ${folder}: cannot be created: ${getReason(cause)}`, { cause })
  })
}

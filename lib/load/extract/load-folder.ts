// The folder for load files. A killed process leaves a temporary folder, which is removed before the next one is created.
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { getReason } from '../../shared/system-errors.js'
import { createFolder } from '../../files/local/disk.js'
import { createOwner, isAlive, parseOwner } from '../../files/local/owner.js'
import { ExportError } from '../../shared/errors.js'

const FOLDER_PREFIX = 'optimize-export-load-'
const REMOVED_SUFFIX = '.removed'
const OWNER_FILE = 'owner'

export interface LoadFolder {
  readonly path: string
  /** Does nothing if the user wants to keep the files. Never rejects: a later load removes the files that could not be removed. */
  remove(): Promise<void>
}

/**
 * Creates the folder. If it is temporary, first removes the temporary folders of killed processes.
 * @param keptIn the folder in which the user wants to keep the files; if undefined, the folder is temporary
 */
export async function createLoadFolder(keptIn: string | undefined, loadId: string, where: string): Promise<LoadFolder> {
  if (keptIn !== undefined) {
    const path = join(resolve(keptIn), loadId)
    await attempt(where, path, () => createFolder(path))
    return { path, remove: () => Promise.resolve() }
  }
  await removeAbandonedFolders()
  const path = join(tmpdir(), `${FOLDER_PREFIX}${randomUUID()}`)
  await attempt(where, path, async () => {
    await mkdir(path, { mode: 0o700 })
    await writeFile(join(path, OWNER_FILE), JSON.stringify(await createOwner()))
  })
  return { path, remove: () => removeFolder(path) }
}

async function attempt(where: string, path: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    const message = `${where}: cannot create the folder ${path} for the files of the load: ${getReason(cause)}`
    throw new ExportError('ERR_FILE', message, { cause })
  }
}

async function removeAbandonedFolders(): Promise<void> {
  const names = await readdir(tmpdir()).catch((): string[] => [])
  for (const name of names.filter((name) => name.startsWith(FOLDER_PREFIX))) {
    const path = join(tmpdir(), name)
    const owner = parseOwner(await readFile(join(path, OWNER_FILE), 'utf8').catch(() => ''))
    // another load may be creating a folder that has no owner yet
    if (name.endsWith(REMOVED_SUFFIX) || (owner && (await isAlive(owner)) === false)) await removeFolder(path)
  }
}

/**
 * Renames the folder first, so that a later load finds it by its name even without its owner. In a folder that cannot be renamed the owner
 * is removed last: as long as another file is left, a later load finds the folder when this process has ended.
 */
async function removeFolder(path: string): Promise<void> {
  const renamed = path.endsWith(REMOVED_SUFFIX) ? path : `${path}${REMOVED_SUFFIX}`
  const remove = (target: string) => rm(target, { recursive: true, force: true })
  const removeOwnerLast = async () => {
    const others = (await readdir(path)).filter((name) => name !== OWNER_FILE)
    const ends = await Promise.allSettled(others.map((name) => remove(join(path, name))))
    if (ends.every(({ status }) => status === 'fulfilled')) await remove(path)
  }
  await rename(path, renamed)
    .then(() => remove(renamed), removeOwnerLast)
    .catch(() => undefined)
}

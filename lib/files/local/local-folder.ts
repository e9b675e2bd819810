// The folder of a dataset on the local disk. Its files are written into a staging folder and moved into place by renames. The lock
// is a part folder, as for a single file.
import { randomUUID } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HandleSink } from '../byte-sink.js'
import type { DatasetFile, DatasetFolder } from '../dataset-folder.js'
import { createFolder, disk, ignoreMissing, syncFolders, writeNewFile, type RemoveEmptyFolders } from './disk.js'
import { PartFolder } from './part-folder.js'

/** The name of the lock, without `.part`. Readers of a whole folder skip names that begin with `_`. */
const LOCK_NAME = '_dataset'
const STAGING_PREFIX = '_staging-'
const STAGED_NAME = /^\d+\.part$/

export class LocalFolder implements DatasetFolder {
  readonly #root: string
  readonly #lock: PartFolder
  readonly #removeIfEmpty: RemoveEmptyFolders
  readonly #staging: string
  #stagedCount = 0

  private constructor(root: string, lock: PartFolder, removeIfEmpty: RemoveEmptyFolders) {
    this.#root = root
    this.#lock = lock
    this.#removeIfEmpty = removeIfEmpty
    this.#staging = join(root, `${STAGING_PREFIX}${randomUUID()}`)
  }

  /** Opens the folder, and creates it if necessary. Rejects if another writer has it open. Removes what killed writers were writing. */
  static async open(root: string, signal: AbortSignal): Promise<LocalFolder> {
    const { lock, removeIfEmpty } = await createAndLock(root, signal)
    const folder = new LocalFolder(root, lock, removeIfEmpty)
    try {
      for (const name of await folder.listAbandoned(STAGING_PREFIX)) await removeStaging(join(root, name))
      await disk.mkdir(folder.#staging, { mode: 0o700 })
    } catch (error) {
      lock.remove()
      await removeIfEmpty()
      throw error
    }
    return folder
  }

  async readText(name: string): Promise<string | undefined> {
    return ignoreMissing(disk.readFile(join(this.#root, name), 'utf8'))
  }

  async writeText(name: string, text: string): Promise<void> {
    const staged = this.#createStagedPath()
    await writeNewFile(staged, text)
    await disk.rename(staged, join(this.#root, name))
    await syncFolders([this.#root])
  }

  async createFile(name: string): Promise<DatasetFile> {
    const staged = this.#createStagedPath()
    return new StagedDatasetFile(name, staged, join(this.#root, name), await disk.open(staged, 'wx'))
  }

  async listAbandoned(prefix: string): Promise<string[]> {
    const names = await disk.readdir(this.#root)
    return names.filter((name) => name.startsWith(prefix)).sort()
  }

  checkOwner(): Promise<void> {
    return this.#lock.checkOwner()
  }

  async sync(names: readonly string[]): Promise<void> {
    // the folders above too, because a new folder is a name in the folder above it
    await syncFolders(names.flatMap((name) => listFolders(name)).map((folder) => join(this.#root, folder)))
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) await ignoreMissing(disk.unlink(join(this.#root, name)))
    const folders = new Set(names.flatMap((name) => listFolders(name)).filter((folder) => folder !== '.'))
    // the longest first, because the folders in a folder must be removed before it
    for (const folder of [...folders].sort((a, b) => b.length - a.length))
      await disk.rmdir(join(this.#root, folder)).catch(() => undefined)
  }

  /** Also removes the folder, if this writer created it and no file is in it. Never rejects, because the next writer removes what stays. */
  async close(): Promise<void> {
    await this.checkOwner()
      .then(() => removeStaging(this.#staging))
      .catch(() => undefined)
    this.#lock.remove()
    await this.#removeIfEmpty()
  }

  #createStagedPath(): string {
    return join(this.#staging, `${this.#stagedCount++}.part`)
  }
}

/** Creates the folder and its lock. If another writer removes its empty folder meanwhile, creates it again. */
async function createAndLock(root: string, signal: AbortSignal) {
  for (;;) {
    const removeIfEmpty = await createFolder(root)
    try {
      return { lock: await PartFolder.create(join(root, LOCK_NAME), 'folder', signal), removeIfEmpty }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
      await removeIfEmpty()
      throw error
    }
  }
}

/** Returns the folder of a file and the folders above it, up to `.`. */
function listFolders(name: string): string[] {
  const folder = dirname(name)
  return folder === '.' ? ['.'] : [folder, ...listFolders(folder)]
}

class StagedDatasetFile extends HandleSink implements DatasetFile {
  readonly path: string
  readonly #staged: string
  readonly #target: string

  constructor(path: string, staged: string, target: string, handle: FileHandle) {
    super(handle)
    this.path = path
    this.#staged = staged
    this.#target = target
  }

  override async finish(): Promise<void> {
    await this.sync()
    await this.close()
  }

  async moveIntoPlace(): Promise<void> {
    await disk.mkdir(dirname(this.#target), { recursive: true })
    await disk.rename(this.#staged, this.#target)
  }
}

async function removeStaging(folder: string): Promise<void> {
  for (const name of await disk.readdir(folder))
    if (STAGED_NAME.test(name)) await ignoreMissing(disk.unlink(join(folder, name)))
  await disk.rmdir(folder).catch(() => undefined)
}

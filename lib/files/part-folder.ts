// `<file>.part`: a folder with everything that an export needs beside its file until it is complete. Only one process can make
// it, so it is also the lock of the file.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { disk, ignoreMissing, writeNewFile } from './disk.js'
import { isAlive, createOwner, parseOwner, type Owner } from './owner.js'

/** The files in it, in the order in which they are removed. `owner` says which process made the folder. */
const FILE_NAMES = ['data', 'receipt', 'old', 'old-receipt', 'other-receipt', 'owner'] as const

/**
 * Milliseconds. A writer touches its folder with every beat, for processes that cannot see its process id: they watch for
 * longer than three beats. A folder without `owner` is being made or removed, which takes no longer than `young`.
 */
export const timesMs = { heartbeat: 5_000, watch: 16_000, ownerless: 1_000, poll: 500 }

/** The part folder of one writer. */
export class PartFolder {
  readonly path: string
  readonly #owner: Owner
  readonly #timer: NodeJS.Timeout

  private constructor(path: string, owner: Owner) {
    this.path = path
    this.#owner = owner
    this.#timer = setInterval(() => void this.#updateHeartbeat(), timesMs.heartbeat).unref()
  }

  /** Makes the folder beside `file`; one that a dead process left is removed first. Rejects if another writer is alive. */
  static async create(file: string, signal: AbortSignal): Promise<PartFolder> {
    const path = `${file}.part`
    const owner = await createOwner()
    while (!(await tryCreate(path, owner))) {
      signal.throwIfAborted()
      await removeAbandoned(file, path, signal)
    }
    return new PartFolder(path, owner)
  }

  file(name: (typeof FILE_NAMES)[number]): string {
    return join(this.path, name)
  }

  /** False if another process took this writer for dead, because it did not run for a long time. */
  async isOwned(): Promise<boolean> {
    return (await readOwner(this.path))?.id === this.#owner.id
  }

  /** Removes the folder at once; what cannot be removed stays for the next writer. */
  remove(): void {
    clearInterval(this.#timer)
    try {
      if (parseOwner(disk.readFileSync(this.file('owner'), 'utf8'))?.id === this.#owner.id) removeFiles(this.path)
    } catch {
      // it is gone
    }
  }

  /** Stays, with the earlier version of the file in it. */
  keep(): void {
    clearInterval(this.#timer)
  }

  async #updateHeartbeat(): Promise<void> {
    const now = new Date()
    await disk.utimes(this.file('owner'), now, now).catch(() => undefined)
  }
}

async function tryCreate(path: string, owner: Owner): Promise<boolean> {
  try {
    await disk.mkdir(path, 0o700)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  try {
    await writeNewFile(join(path, 'owner'), JSON.stringify(owner), { isSynced: false })
  } catch (error) {
    removeFiles(path)
    throw error
  }
  return true
}

async function removeAbandoned(file: string, path: string, signal: AbortSignal): Promise<void> {
  const found = await ignoreMissing(disk.lstat(path))
  // gone by now, a part file of version 0.1, or a link, which is not followed
  if (!found?.isDirectory()) return ignoreMissing(disk.unlink(path))
  const isForeign = process.getuid !== undefined && found.uid !== process.getuid()
  const names = await ignoreMissing(disk.readdir(path))
  if (isForeign || names?.some((name) => !(FILE_NAMES as readonly string[]).includes(name)))
    throw new Error(
      `${path} ${isForeign ? 'belongs to another user' : 'is not the part of an export'}; remove it first`,
    )
  const owner = await readOwner(path)
  const isOwnerAlive = owner && (await isAlive(owner))
  const [watchedPath, durationMs] = owner ? [join(path, 'owner'), timesMs.watch] : [path, timesMs.ownerless]
  if (isOwnerAlive ?? (await waitForChange(watchedPath, durationMs, signal))) throw createBusyError(path, owner)
  await takeOver(file, path, owner?.id, signal)
}

function createBusyError(path: string, owner: Owner | undefined): Error {
  const writer = owner ? ` (process ${owner.pid} on ${owner.host})` : ''
  return new Error(`another export writes this file${writer}; if it does not, remove ${path}`)
}

/** Two processes may find the same dead writer. The claim names that writer, so only one of them removes its folder. */
async function takeOver(file: string, path: string, id: string | undefined, signal: AbortSignal): Promise<void> {
  const claimPath = `${path}.${id ?? 'unknown'}`
  try {
    await disk.open(claimPath, 'wx').then((handle) => handle.close())
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (!(await waitForChange(claimPath, timesMs.ownerless, signal))) await ignoreMissing(disk.unlink(claimPath))
    return
  }
  try {
    if ((await readOwner(path))?.id !== id) return
    await restoreEarlierFile(join(path, 'old'), file)
    removeFiles(path)
  } finally {
    await disk.unlink(claimPath)
  }
}

/** Without hard links the earlier version is moved aside for a moment; a process that died in it is undone here. */
async function restoreEarlierFile(old: string, file: string): Promise<void> {
  if ((await ignoreMissing(disk.lstat(file))) === undefined) await ignoreMissing(disk.rename(old, file))
}

async function readOwner(path: string): Promise<Owner | undefined> {
  const text = await ignoreMissing(disk.readFile(join(path, 'owner'), 'utf8'))
  return text === undefined ? undefined : parseOwner(text)
}

/** Watches a file: true as soon as it changes or goes away. */
async function waitForChange(path: string, durationMs: number, signal: AbortSignal): Promise<boolean> {
  const readStamp = async () => {
    const found = await ignoreMissing(disk.lstat(path))
    return `${found?.ino ?? ''} ${found?.mtimeMs ?? ''}`
  }
  const initialStamp = await readStamp()
  for (let waited = 0; waited < durationMs; waited += timesMs.poll) {
    await sleep(timesMs.poll, undefined, { signal })
    if ((await readStamp()) !== initialStamp) return true
  }
  return false
}

/** Removes only the names of {@link FILE_NAMES}. */
function removeFiles(path: string): void {
  for (const name of FILE_NAMES) ignoreErrors(() => disk.unlinkSync(join(path, name)))
  ignoreErrors(() => disk.rmdirSync(path))
}

function ignoreErrors(work: () => void): void {
  try {
    work()
  } catch {
    // it does not exist, or the next writer removes it
  }
}

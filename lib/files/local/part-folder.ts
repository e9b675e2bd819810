// The part folder `<file>.part`: it contains the new version of one file, its receipt and the earlier versions of both, until the file
// is in place. Only one process can create it, so it is also the lock of the file. A dataset uses it as a lock only.
import type { Dirent } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { getReason } from '../../shared/system-errors.js'
import { disk, ignoreMissing } from './disk.js'
import { isAlive, createOwner, parseOwner, type Owner } from './owner.js'

/** The files in a part folder, in the order in which they are removed. `owner` names the process that created the folder. */
const FILE_NAMES = ['data', 'receipt', 'old', 'old-receipt', 'old-receipt-other-place', 'owner'] as const

/**
 * Times in milliseconds. A writer updates its owner file every `heartbeat`. A process that cannot check the process id of the writer
 * watches the owner file for the time `watch`. A folder without `owner` is being created or removed, which takes less than `ownerless`.
 * A takeover file exists for less than `takeover`.
 */
export const timesMs = { heartbeat: 5_000, watch: 16_000, ownerless: 1_000, takeover: 1_000, poll: 500 }

/** A writer of this process, from before it creates its part folder until it has removed it. */
interface Writer {
  /** Aborted when the writer is destroyed. Then it removes its folder, or does not create it. */
  readonly signal: AbortSignal
  readonly ended: Promise<void>
  readonly end: () => void
}

const writers = new Map<string, Writer>()

type TargetKind = 'file' | 'folder'

export class PartFolder {
  readonly path: string
  readonly #kind: TargetKind
  readonly #owner: Owner
  readonly #writer: Writer
  readonly #timer: NodeJS.Timeout

  private constructor(path: string, kind: TargetKind, owner: Owner, writer: Writer) {
    this.path = path
    this.#kind = kind
    this.#owner = owner
    this.#writer = writer
    this.#timer = setInterval(() => void this.#updateHeartbeat(), timesMs.heartbeat).unref()
  }

  /**
   * Creates the folder beside the target. First waits for a writer of this process that was destroyed, because pipeline() may reject
   * before its last stream is closed. Removes an abandoned folder. Rejects if another writer is alive. The folder of a file is removed
   * as soon as the signal is aborted.
   */
  static async create(target: string, kind: TargetKind, signal: AbortSignal): Promise<PartFolder> {
    const folder = `${target}.part`
    const earlier = writers.get(folder)
    const isEarlierDestroyed = earlier?.signal.aborted === true
    const writer = createWriter(folder, signal)
    if (!earlier || isEarlierDestroyed) writers.set(folder, writer)
    try {
      if (isEarlierDestroyed) await earlier.ended
      const owner = await createOwner()
      signal.throwIfAborted()
      while (!tryCreate(folder, owner)) {
        signal.throwIfAborted()
        await removeAbandonedOrThrow(target, kind, folder, signal)
      }
      const created = new PartFolder(folder, kind, owner, writer)
      if (kind === 'file') signal.addEventListener('abort', () => created.#removeIfOwn(), { once: true })
      return created
    } catch (error) {
      writer.end()
      throw error
    }
  }

  getFilePath(name: (typeof FILE_NAMES)[number]): string {
    return join(this.path, name)
  }

  /** Rejects if the folder is gone or belongs to another writer. */
  async checkOwner(): Promise<void> {
    const owner = await readOwner(this.path)
    if (owner?.id === this.#owner.id) return
    throw new Error(
      owner
        ? `another export took over the ${this.#kind}, because this process was suspended`
        : `the folder ${this.path} was removed while this export used it`,
    )
  }

  /** Removes the folder at once, if it still belongs to this writer. If a file cannot be removed, the next writer removes it. */
  remove(): void {
    this.release()
    this.#removeIfOwn()
  }

  #removeIfOwn(): void {
    try {
      if (parseOwner(disk.readFileSync(this.getFilePath('owner'), 'utf8'))?.id === this.#owner.id)
        removeFiles(this.path)
    } catch {
      // it does not exist any more
    }
  }

  /** Ends the lock, but keeps the folder: it may have an earlier version that could not be restored. */
  release(): void {
    clearInterval(this.#timer)
    this.#writer.end()
  }

  async #updateHeartbeat(): Promise<void> {
    const now = new Date()
    await disk.utimes(this.getFilePath('owner'), now, now).catch(() => undefined)
  }
}

function createWriter(folder: string, signal: AbortSignal): Writer {
  let resolve!: () => void
  const ended = new Promise<void>((resolveEnded) => (resolve = resolveEnded))
  const end = () => {
    if (writers.get(folder)?.ended === ended) writers.delete(folder)
    resolve()
  }
  return { signal, ended, end }
}

/** Creates the folder and its owner file in one synchronous step, so that a writer that is destroyed knows whether it must remove them. */
function tryCreate(folder: string, owner: Owner): boolean {
  try {
    disk.mkdirSync(folder, 0o700)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  try {
    disk.writeFileSync(join(folder, 'owner'), JSON.stringify(owner), { flag: 'wx' })
  } catch (error) {
    removeFiles(folder)
    throw error
  }
  return true
}

async function removeAbandonedOrThrow(
  target: string,
  kind: TargetKind,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const found = await ignoreMissing(disk.lstat(folder))
  if (found === undefined) return
  // a regular file or a link; a link is not followed
  if (!found.isDirectory()) return ignoreMissing(disk.unlink(folder))
  const isForeign = process.getuid !== undefined && found.uid !== process.getuid()
  const entries = await ignoreMissing(disk.readdir(folder, { withFileTypes: true }))
  if (isForeign || entries?.some((entry) => !isOfExport(entry)))
    throw new Error(
      `${folder} ${isForeign ? 'belongs to another user' : 'is not the part folder of an export'}; remove it first`,
    )
  const owner = await readOwner(folder)
  const isOwnerAlive = owner && (await isAlive(owner))
  const [watchedPath, durationMs] = owner ? [join(folder, 'owner'), timesMs.watch] : [folder, timesMs.ownerless]
  if (isOwnerAlive ?? (await waitForChange(watchedPath, durationMs, signal))) throw createBusyError(kind, folder, owner)
  await takeOver(target, folder, owner?.id, signal)
}

/** A backup may be a link, because a link at the path of a receipt is moved like a receipt. */
const isOfExport = (entry: Dirent) =>
  (FILE_NAMES as readonly string[]).includes(entry.name) && (entry.isFile() || entry.isSymbolicLink())

function createBusyError(kind: TargetKind, folder: string, owner: Owner | undefined): Error {
  const writer = owner ? ` (process ${owner.pid} on ${owner.host})` : ''
  const reason = `another export writes this ${kind}${writer}; if that export no longer runs, remove ${folder}`
  return Object.assign(new Error(reason), { code: 'ELOCKED', reason, owner, lock: folder })
}

/**
 * Removes the folder of a writer that no longer runs. The name of the takeover file has the id of that writer, so only one process
 * can create that file, and that process removes the folder.
 */
async function takeOver(target: string, folder: string, id: string | undefined, signal: AbortSignal): Promise<void> {
  const takeoverPath = `${folder}.${id ?? 'unknown'}`
  try {
    await disk.open(takeoverPath, 'wx').then((handle) => handle.close())
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (!(await waitForChange(takeoverPath, timesMs.takeover, signal))) await ignoreMissing(disk.unlink(takeoverPath))
    return
  }
  try {
    if ((await readOwner(folder))?.id !== id) return
    await restoreEarlierFile(join(folder, 'old'), target)
    const failure = removeFiles(folder)
    if (failure && (await readOwner(folder))?.id === id)
      throw new Error(`${folder} of an earlier export cannot be removed: ${getReason(failure)}; remove it first`)
  } finally {
    await disk.unlink(takeoverPath)
  }
}

/** Restores the earlier version of the file if the writer was killed after it had moved that version to the backup. */
async function restoreEarlierFile(backup: string, target: string): Promise<void> {
  if ((await ignoreMissing(disk.lstat(target))) === undefined) await ignoreMissing(disk.rename(backup, target))
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  const text = await ignoreMissing(disk.readFile(join(folder, 'owner'), 'utf8'))
  return text === undefined ? undefined : parseOwner(text)
}

/** Watches a file or a folder. Resolves to true when it changes or is removed, or to false after the duration. */
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

/**
 * Removes a part folder, but in it only the files in {@link FILE_NAMES}. A second time, because a file may be opened meanwhile. Returns why
 * it is still there, or `undefined` if it is gone.
 */
function removeFiles(folder: string): Error | undefined {
  return tryToRemoveFiles(folder) && tryToRemoveFiles(folder)
}

function tryToRemoveFiles(folder: string): Error | undefined {
  try {
    for (const name of FILE_NAMES) ignoreMissingSync(() => disk.unlinkSync(join(folder, name)))
    ignoreMissingSync(() => disk.rmdirSync(folder))
    return undefined
  } catch (error) {
    return error as Error
  }
}

function ignoreMissingSync(remove: () => void): void {
  try {
    remove()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

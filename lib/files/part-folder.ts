// `<file>.part`: a folder with everything that an export needs beside its file until it is complete. Only one process can make
// it, so it is also the lock of the file.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { disk, unlessMissing, writeNew } from './disk.js'
import { isAlive, newOwner, parseOwner, type Owner } from './owner.js'

/** The files in it, in the order in which they are removed. `owner` says which process made the folder. */
const FILES = ['data', 'receipt', 'old', 'old-receipt', 'other-receipt', 'owner'] as const

/**
 * Milliseconds. A writer touches its folder with every beat, for processes that cannot see its process id: they watch for
 * longer than three beats. A folder without `owner` is being made or removed, which takes no longer than `young`.
 */
export const times = { beat: 5_000, watch: 16_000, young: 1_000, poll: 500 }

/** The part folder of one writer. */
export class PartFolder {
  readonly path: string
  readonly #owner: Owner
  readonly #timer: NodeJS.Timeout

  private constructor(path: string, owner: Owner) {
    this.path = path
    this.#owner = owner
    this.#timer = setInterval(() => void this.#beat(), times.beat).unref()
  }

  /** Makes the folder beside `file`; one that a dead process left is removed first. Rejects if another writer is alive. */
  static async make(file: string, signal: AbortSignal): Promise<PartFolder> {
    const path = `${file}.part`
    const owner = await newOwner()
    while (!(await isMade(path, owner))) {
      signal.throwIfAborted()
      await removeDead(file, path, signal)
    }
    return new PartFolder(path, owner)
  }

  file(name: (typeof FILES)[number]): string {
    return join(this.path, name)
  }

  /** False if another process took this writer for dead, because it did not run for a long time. */
  async isOurs(): Promise<boolean> {
    return (await ownerIn(this.path))?.id === this.#owner.id
  }

  /** Removes the folder at once; what cannot be removed stays for the next writer. */
  remove(): void {
    clearInterval(this.#timer)
    try {
      if (parseOwner(disk.readFileSync(this.file('owner'), 'utf8'))?.id === this.#owner.id) clear(this.path)
    } catch {
      // it is gone
    }
  }

  /** Stays, with the earlier version of the file in it. */
  leave(): void {
    clearInterval(this.#timer)
  }

  async #beat(): Promise<void> {
    const now = new Date()
    await disk.utimes(this.file('owner'), now, now).catch(() => undefined)
  }
}

async function isMade(path: string, owner: Owner): Promise<boolean> {
  try {
    await disk.mkdir(path, 0o700)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  try {
    await writeNew(join(path, 'owner'), JSON.stringify(owner), { isSynced: false })
  } catch (error) {
    clear(path)
    throw error
  }
  return true
}

async function removeDead(file: string, path: string, signal: AbortSignal): Promise<void> {
  const found = await unlessMissing(disk.lstat(path))
  // gone by now, a part file of version 0.1, or a link, which is not followed
  if (!found?.isDirectory()) return unlessMissing(disk.unlink(path))
  const isForeign = process.getuid !== undefined && found.uid !== process.getuid()
  const names = await unlessMissing(disk.readdir(path))
  if (isForeign || names?.some((name) => !(FILES as readonly string[]).includes(name)))
    throw new Error(
      `${path} ${isForeign ? 'belongs to another user' : 'is not the part of an export'}; remove it first`,
    )
  const owner = await ownerIn(path)
  const alive = owner && (await isAlive(owner))
  const [watched, forMs] = owner ? [join(path, 'owner'), times.watch] : [path, times.young]
  if (alive ?? (await changes(watched, forMs, signal))) throw busy(path, owner)
  await takeOver(file, path, owner?.id, signal)
}

function busy(path: string, owner: Owner | undefined): Error {
  const who = owner ? ` (process ${owner.pid} on ${owner.host})` : ''
  return new Error(`another export writes this file${who}; if it does not, remove ${path}`)
}

/** Two processes may find the same dead writer. The claim names that writer, so only one of them removes its folder. */
async function takeOver(file: string, path: string, id: string | undefined, signal: AbortSignal): Promise<void> {
  const claim = `${path}.${id ?? 'unknown'}`
  try {
    await disk.open(claim, 'wx').then((handle) => handle.close())
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (!(await changes(claim, times.young, signal))) await unlessMissing(disk.unlink(claim))
    return
  }
  try {
    if ((await ownerIn(path))?.id !== id) return
    await putBack(join(path, 'old'), file)
    clear(path)
  } finally {
    await disk.unlink(claim)
  }
}

/** Without hard links the earlier version is moved aside for a moment; a process that died in it is undone here. */
async function putBack(old: string, file: string): Promise<void> {
  if ((await unlessMissing(disk.lstat(file))) === undefined) await unlessMissing(disk.rename(old, file))
}

async function ownerIn(path: string): Promise<Owner | undefined> {
  const text = await unlessMissing(disk.readFile(join(path, 'owner'), 'utf8'))
  return text === undefined ? undefined : parseOwner(text)
}

/** Watches a file: true as soon as it changes or goes away. */
async function changes(path: string, forMs: number, signal: AbortSignal): Promise<boolean> {
  const stamp = async () => {
    const found = await unlessMissing(disk.lstat(path))
    return `${found?.ino ?? ''} ${found?.mtimeMs ?? ''}`
  }
  const first = await stamp()
  for (let waited = 0; waited < forMs; waited += times.poll) {
    await sleep(times.poll, undefined, { signal })
    if ((await stamp()) !== first) return true
  }
  return false
}

/** Removes only the names of {@link FILES}. */
function clear(path: string): void {
  for (const name of FILES) attempt(() => disk.unlinkSync(join(path, name)))
  attempt(() => disk.rmdirSync(path))
}

function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // it does not exist, or the next writer removes it
  }
}

// Files that appear together: all of them are on the disk before the first is moved to its place, and when a step fails, the
// steps before it are undone. Two renames are not one: a kill between them leaves complete files, some of them without receipt.
import { dirname } from 'node:path'
import { ExportError } from '../errors.js'
import { reasonOf, syncFolders } from './disk.js'
import type { Replacement } from './replacement.js'
import type { StagedFile } from './staged-file.js'

/** One stream of a group. */
export interface Member {
  readonly path: string
}

/** As many files as were announced. */
export class FileGroup {
  readonly #size: number
  readonly #begun = new Set<Member>()
  readonly #arrived = new Map<Member, StagedFile | undefined>()
  readonly #done: Promise<void>
  #settle!: { resolve: (work: Promise<void>) => void; reject: (reason: Error) => void }
  #failure: ExportError | undefined
  #isCommitting = false

  constructor(size: number) {
    this.#size = size
    this.#done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
    this.#done.catch(() => undefined)
  }

  /** True from the first move on, also when all are done or undone. */
  get isCommitting(): boolean {
    return this.#isCommitting
  }

  /** Something was written or piped to this member. Throws if another member has failed. */
  begin(member: Member): void {
    if (this.#failure) throw this.#failure
    this.#begun.add(member)
  }

  /**
   * This member is complete; without a file it was written through. Resolves when all files are in their places. A member
   * that is complete before another one has begun does not wait: the files are used one after the other, and the last moves all.
   */
  async arrive(member: Member, file: StagedFile | undefined): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#arrived.set(member, file)
    if (this.#arrived.size === this.#size) this.#settle.resolve(this.#commit())
    else if (this.#begun.size < this.#size) return
    await this.#done
  }

  /** This member will not be complete; then no file of the group is moved. */
  leave(member: Member, error: Error | null): void {
    if (this.#failure || this.#isCommitting) return
    this.#arrived.delete(member)
    const reason = error ? `failed: ${error.message}` : 'was closed before its end'
    const message = `atomicFiles: no file was written, because ${member.path} ${reason}`
    this.#failure = new ExportError('ERR_FILE', message, { cause: error ?? undefined })
    this.#settle.reject(this.#failure)
    for (const file of this.#arrived.values()) file?.discard()
  }

  async #commit(): Promise<void> {
    this.#isCommitting = true
    const files = [...this.#arrived.values()].filter((file) => file !== undefined)
    const undo: Replacement[] = []
    try {
      await moveAll(files, undo)
    } catch (error) {
      const lost = await undoAll(undo)
      for (const file of files) {
        if (lost.some(({ aside }) => file.holds(aside))) file.leave()
        else file.discard()
      }
      throw lost.length === 0 ? error : new Error(`${reasonOf(error)}${lost.map(lostText).join('')}`, { cause: error })
    }
    for (const file of files) file.discard()
  }
}

/** A receipt goes before its file is replaced and comes after it, so that a kill never leaves one beside another file. */
async function moveAll(files: readonly StagedFile[], undo: Replacement[]): Promise<void> {
  const folders = files.flatMap((file) => file.folders)
  for (const file of files) await file.prepare()
  for (const file of files) await file.removeReceipts(undo)
  if (undo.length > 0) await syncFolders(folders)
  for (const file of files) await file.place(undo)
  await syncFolders(folders)
  for (const file of files) await file.placeReceipt()
  if (files.some(({ hasReceipt }) => hasReceipt)) await syncFolders(folders)
}

/** The replacements that could not be undone. */
async function undoAll(undo: readonly Replacement[]): Promise<Replacement[]> {
  const lost: Replacement[] = []
  for (const replacement of undo.toReversed()) await replacement.undo().catch(() => lost.push(replacement))
  await syncFolders(undo.map(({ to }) => dirname(to))).catch(() => undefined)
  return lost
}

const lostText = ({ to, aside }: Replacement) => `; ${to} could not be put back, its earlier version is ${aside}`

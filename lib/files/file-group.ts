// Files that appear together: all of them are on the disk before the first is moved to its place, and when a step fails, the
// steps before it are undone. Two renames are not one: a kill between them leaves complete files, some of them without receipt.
import { dirname } from 'node:path'
import { ExportError } from '../shared/errors.js'
import { getReason, syncFolders } from './disk.js'
import type { Replacement } from './replacement.js'
import type { StagedFile } from './staged-file.js'

/** One stream of a group. */
export interface GroupMember {
  readonly path: string
}

/** As many files as were announced. */
export class FileGroup {
  readonly #size: number
  readonly #startedMembers = new Set<GroupMember>()
  readonly #completedMembers = new Map<GroupMember, StagedFile | undefined>()
  readonly #committed: Promise<void>
  #settle!: { resolve: (work: Promise<void>) => void; reject: (reason: Error) => void }
  #failure: ExportError | undefined
  #isCommitting = false

  constructor(size: number) {
    this.#size = size
    this.#committed = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
    this.#committed.catch(() => undefined)
  }

  /** True from the first move on, also when all are done or undone. */
  get isCommitting(): boolean {
    return this.#isCommitting
  }

  /** Something was written or piped to this member. Throws if another member has failed. */
  begin(member: GroupMember): void {
    if (this.#failure) throw this.#failure
    this.#startedMembers.add(member)
  }

  /**
   * This member is complete; without a file it was written through. Resolves when all files are in their places. A member
   * that is complete before another one has begun does not wait: the files are used one after the other, and the last moves all.
   */
  async complete(member: GroupMember, file: StagedFile | undefined): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#completedMembers.set(member, file)
    if (this.#completedMembers.size === this.#size) this.#settle.resolve(this.#commit())
    else if (this.#startedMembers.size < this.#size) return
    await this.#committed
  }

  /** This member will not be complete; then no file of the group is moved. */
  fail(member: GroupMember, error: Error | null): void {
    if (this.#failure || this.#isCommitting) return
    this.#completedMembers.delete(member)
    const reason = error ? `failed: ${error.message}` : 'was closed before its end'
    const message = `atomicFiles: no file was written, because ${member.path} ${reason}`
    this.#failure = new ExportError('ERR_FILE', message, { cause: error ?? undefined })
    this.#settle.reject(this.#failure)
    for (const file of this.#completedMembers.values()) file?.discard()
  }

  async #commit(): Promise<void> {
    this.#isCommitting = true
    const files = [...this.#completedMembers.values()].filter((file) => file !== undefined)
    const replacements: Replacement[] = []
    try {
      await moveAll(files, replacements)
    } catch (error) {
      const notRestored = await undoAll(replacements)
      for (const file of files) {
        if (notRestored.some(({ backupPath }) => file.isInPartFolder(backupPath))) file.keepPartFolder()
        else file.discard()
      }
      throw notRestored.length === 0
        ? error
        : new Error(`${getReason(error)}${notRestored.map(describeNotRestored).join('')}`, { cause: error })
    }
    for (const file of files) file.discard()
  }
}

/** A receipt goes before its file is replaced and comes after it, so that a kill never leaves one beside another file. */
async function moveAll(files: readonly StagedFile[], replacements: Replacement[]): Promise<void> {
  const folders = files.flatMap((file) => file.folders)
  for (const file of files) await file.prepare()
  for (const file of files) await file.removeReceipts(replacements)
  if (replacements.length > 0) await syncFolders(folders)
  for (const file of files) await file.moveIntoPlace(replacements)
  await syncFolders(folders)
  for (const file of files) await file.moveReceiptIntoPlace()
  if (files.some(({ hasReceipt }) => hasReceipt)) await syncFolders(folders)
}

/** The replacements that could not be undone. */
async function undoAll(replacements: readonly Replacement[]): Promise<Replacement[]> {
  const notRestored: Replacement[] = []
  for (const replacement of replacements.toReversed())
    await replacement.undo().catch(() => notRestored.push(replacement))
  await syncFolders(replacements.map(({ targetPath }) => dirname(targetPath))).catch(() => undefined)
  return notRestored
}

const describeNotRestored = ({ targetPath, backupPath }: Replacement) =>
  `; ${targetPath} could not be put back, its earlier version is ${backupPath}`

// Moves the files of a group into place together: all are complete before the first is moved, and when a step fails, the steps
// before it are undone. Several renames are not atomic: a kill between them leaves complete files, some without a receipt.
import { ExportError } from '../shared/errors.js'
import { getReason } from '../shared/system-errors.js'
import type { CommitStep, StagedOutput } from './file-store.js'
import { addUnfinished, NOT_ENDED, removeUnfinished, type UnfinishedOutput } from './unfinished-outputs.js'

export interface GroupMember {
  readonly path: string
  /** Makes the stream fail, with the reason in its error. */
  failWith(reason: string): void
}

export class FileGroup implements UnfinishedOutput {
  readonly #members: GroupMember[] = []
  readonly #startedMembers = new Set<GroupMember>()
  readonly #completedMembers = new Map<GroupMember, StagedOutput | undefined>()
  readonly #committed: Promise<void>
  #settle!: { resolve: (work: Promise<void>) => void; reject: (reason: Error) => void }
  #failure: ExportError | undefined
  #hasBegunCommit = false
  readonly #discards: Promise<void>[] = []

  constructor() {
    this.#committed = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
    const remove = () => removeUnfinished(this)
    this.#committed.then(remove, remove)
  }

  add(member: GroupMember): void {
    this.#members.push(member)
  }

  /** True from the preparation of the moves on, and also after all moves are done or undone. */
  get hasBegunCommit(): boolean {
    return this.#hasBegunCommit
  }

  /** Marks a member as started, because something was written or piped to it. Throws if another member has failed. */
  begin(member: GroupMember): void {
    if (this.#failure) throw this.#failure
    this.#startedMembers.add(member)
    addUnfinished(this)
  }

  /**
   * Marks a member as complete; it has no staged file if it was written directly. Resolves when all files are in place. It
   * does not wait for members that have not started; then the last one to complete moves all files.
   */
  async complete(member: GroupMember, file: StagedOutput | undefined): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#completedMembers.set(member, file)
    if (this.#completedMembers.size === this.#members.length) this.#settle.resolve(this.#commit())
    else if (this.#startedMembers.size < this.#members.length) return
    await this.#committed
  }

  /** Makes the group fail, and discards its complete files. Does nothing if the group has failed already, or if the moves have begun. */
  fail(member: GroupMember, error: Error | null): void {
    if (this.#failure || this.#hasBegunCommit) return
    this.#completedMembers.delete(member)
    const reason = error ? `failed: ${error.message}` : 'was closed before its end'
    const message = `atomicFiles: no file was written, because ${member.path} ${reason}`
    this.#failure = new ExportError('ERR_FILE', message, { cause: error ?? undefined })
    this.#settle.reject(this.#failure)
    for (const file of this.#completedMembers.values()) this.#discards.push(Promise.resolve(file?.discard()))
  }

  failUnfinished(): void {
    for (const member of this.#members)
      if (!this.#completedMembers.has(member))
        member.failWith(this.#startedMembers.has(member) ? NOT_ENDED : 'nothing was written to it')
  }

  /** Resolves when the completed members of a failed group are discarded. */
  async waitUntilDiscarded(): Promise<void> {
    await Promise.all(this.#discards)
  }

  async #commit(): Promise<void> {
    this.#hasBegunCommit = true
    // in the order of the group, not in the order in which the files were completed
    const files = this.#members.map((member) => this.#completedMembers.get(member)).filter((file) => file !== undefined)
    const steps: CommitStep[] = []
    try {
      await moveAll(files, steps)
    } catch (error) {
      const notRestored = await undoAll(files, steps)
      for (const file of files) await file.discardAfterUndo(notRestored)
      throw notRestored.length === 0
        ? error
        : new Error(`${getReason(error)}${notRestored.map(describeNotRestored).join('')}`, { cause: error })
    }
    for (const file of files) await file.discard()
  }
}

/** Removes the old receipts, moves the files and then the new receipts, so that a kill never leaves a receipt beside a wrong file. */
async function moveAll(files: readonly StagedOutput[], steps: CommitStep[]): Promise<void> {
  for (const file of files) await file.prepare()
  for (const file of files) await file.removeEarlierReceipts(steps)
  if (steps.length > 0) for (const file of files) await file.sync()
  for (const file of files) await file.moveIntoPlace(steps)
  for (const file of files) await file.sync()
  let hasReceipt = false
  for (const file of files) hasReceipt = (await file.moveReceiptIntoPlace()) || hasReceipt
  if (hasReceipt) for (const file of files) await file.sync()
}

async function undoAll(files: readonly StagedOutput[], steps: readonly CommitStep[]): Promise<CommitStep[]> {
  const notRestored: CommitStep[] = []
  for (const step of steps.toReversed()) await step.undo().catch(() => notRestored.push(step))
  for (const file of files) await file.sync().catch(() => undefined)
  return notRestored
}

const describeNotRestored = ({ targetPath, failedUndoNote }: CommitStep) =>
  `; ${targetPath} could not be restored, ${failedUndoNote}`

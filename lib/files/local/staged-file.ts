// A new version of a regular file. It is written in its part folder until its group moves it into place.
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { disk, syncFolders, writeNewFile } from './disk.js'
import type { FileOptions } from '../file-options.js'
import type { CommitStep, StagedOutput } from '../file-store.js'
import { rejectUnlessFile, type OutputPath } from './output-path.js'
import { PartFolder } from './part-folder.js'
import { getReceiptPath, isReceipt } from '../receipt.js'
import { ReceiptDraft } from '../receipt-draft.js'
import { Replacement } from './replacement.js'
import { HandleSink } from '../byte-sink.js'

export class StagedFile implements StagedOutput {
  readonly path: string
  readonly #partFolder: PartFolder
  readonly #handleSink: HandleSink
  readonly #fileReplacement: Replacement
  readonly #receipt: ReceiptDraft | undefined
  /** Of the receipt itself, and of a receipt in the other place. */
  readonly #receiptReplacements: readonly Replacement[]
  readonly #changedFolders: Set<string>

  private constructor(path: string, partFolder: PartFolder, handle: FileHandle, options: FileOptions) {
    this.path = path
    this.#partFolder = partFolder
    this.#changedFolders = new Set([dirname(path)])
    this.#handleSink = new HandleSink(handle)
    this.#fileReplacement = new Replacement(path, partFolder.getFilePath('old'))
    this.#receipt = options.receipt && new ReceiptDraft(options.receipt, path, options)
    this.#receiptReplacements = this.#receipt
      ? [
          new Replacement(this.#receipt.path, partFolder.getFilePath('old-receipt')),
          new Replacement(this.#receipt.otherPath, partFolder.getFilePath('old-receipt-other-place')),
        ]
      : []
  }

  /**
   * If the file exists, the new version has its mode and, if the process is root, its owner. Rejects if another writer is alive, or if the
   * receipt cannot be replaced.
   */
  static async open({ path, existing }: OutputPath, options: FileOptions, signal: AbortSignal): Promise<StagedFile> {
    if (options.receipt) await rejectUnlessFile(getReceiptPath(path, options.receiptPlace))
    const partFolder = await PartFolder.create(path, 'file', signal)
    try {
      const handle = await disk.open(partFolder.getFilePath('data'), 'wx', existing && existing.mode & 0o777)
      if (existing) await copyAccess(handle, existing)
      return new StagedFile(path, partFolder, handle, options)
    } catch (error) {
      partFolder.remove()
      throw error
    }
  }

  async write(bytes: Buffer): Promise<void> {
    await this.#handleSink.write(bytes)
    this.#receipt?.addBytes(bytes)
  }

  async finish(): Promise<void> {
    await this.#handleSink.sync()
    await this.#handleSink.close()
  }

  close(): Promise<void> {
    return this.#handleSink.close()
  }

  discard(): void {
    this.#partFolder.remove()
  }

  discardAfterUndo(notRestored: readonly CommitStep[]): void {
    const own: readonly CommitStep[] = [this.#fileReplacement, ...this.#receiptReplacements]
    if (notRestored.some((step) => own.includes(step))) this.#partFolder.release()
    else this.discard()
  }

  async prepare(): Promise<void> {
    await this.#partFolder.checkOwner()
    if (!this.#receipt) return
    this.#receipt.complete()
    await disk.mkdir(dirname(this.#receipt.path), { recursive: true })
    await writeNewFile(this.#partFolder.getFilePath('receipt'), this.#receipt.format())
  }

  async removeEarlierReceipts(steps: CommitStep[]): Promise<void> {
    if (!this.#receipt) return
    const [own, other] = this.#receiptReplacements as [Replacement, Replacement]
    const isStale = await rejectUnlessFile(other.targetPath)
      .then(() => disk.readFile(other.targetPath, 'utf8'))
      .then(isReceipt, () => false)
    for (const receipt of isStale ? [own, other] : [own]) {
      steps.push(receipt)
      this.#changedFolders.add(dirname(receipt.targetPath))
      await receipt.moveToBackup()
    }
  }

  async moveIntoPlace(steps: CommitStep[]): Promise<void> {
    steps.push(this.#fileReplacement)
    await this.#fileReplacement.createBackup()
    await this.#fileReplacement.moveIntoPlace(this.#partFolder.getFilePath('data'))
  }

  async moveReceiptIntoPlace(): Promise<boolean> {
    if (!this.#receipt) return false
    await this.#receiptReplacements[0]!.moveIntoPlace(this.#partFolder.getFilePath('receipt'))
    this.#receipt.notify()
    return true
  }

  sync(): Promise<void> {
    return syncFolders(this.#changedFolders)
  }
}

/** Copies mode and owner. Errors are ignored, because some file systems have no modes or owners. */
async function copyAccess(handle: FileHandle, { mode, uid, gid }: { mode: number; uid: number; gid: number }) {
  if (process.getuid?.() === 0) await handle.chown(uid, gid).catch(() => undefined)
  await handle.chmod(mode & 0o7777).catch(() => undefined)
}

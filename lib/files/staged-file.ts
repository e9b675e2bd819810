// A new version of a regular file. It is written in its part folder until its group moves it into place.
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Destination } from './destination.js'
import { disk, writeNewFile } from './disk.js'
import { PartFolder } from './part-folder.js'
import { isReceipt, getReceiptPath, formatReceipt, type ReceiptContent, type ReceiptPlace } from './receipt.js'
import { Replacement } from './replacement.js'
import { HandleSink, type ByteSink } from './byte-sink.js'

/** The receipt options of a file. */
export interface ReceiptOptions {
  readonly receipt: (() => ReceiptContent) | undefined
  readonly receiptPlace: ReceiptPlace
}

/** Writes the bytes into a part folder. The group calls the steps {@link prepare} to {@link moveReceiptIntoPlace} in their order. */
export class StagedFile implements ByteSink {
  readonly path: string
  readonly #partFolder: PartFolder
  readonly #handleSink: HandleSink
  readonly #getReceipt: (() => ReceiptContent) | undefined
  readonly #receiptPath: string
  readonly #fileReplacement: Replacement
  readonly #receiptReplacements: readonly Replacement[]
  readonly #hash = createHash('sha256')
  #writtenBytes = 0

  private constructor(
    path: string,
    partFolder: PartFolder,
    handle: FileHandle,
    { receipt, receiptPlace }: ReceiptOptions,
  ) {
    this.path = path
    this.#partFolder = partFolder
    this.#handleSink = new HandleSink(handle)
    this.#getReceipt = receipt
    this.#receiptPath = getReceiptPath(path, receiptPlace)
    const other = getReceiptPath(path, receiptPlace === 'beside' ? 'folder' : 'beside')
    this.#fileReplacement = new Replacement(path, partFolder.getFilePath('old'))
    this.#receiptReplacements = [
      new Replacement(this.#receiptPath, partFolder.getFilePath('old-receipt')),
      new Replacement(other, partFolder.getFilePath('other-receipt')),
    ]
  }

  /** Rejects if another writer of this file is alive. The new file has the mode of the old one and, as root, its owner. */
  static async open({ path, old }: Destination, options: ReceiptOptions, signal: AbortSignal): Promise<StagedFile> {
    const partFolder = await PartFolder.create(path, signal)
    try {
      const handle = await disk.open(partFolder.getFilePath('data'), 'wx', old && old.mode & 0o777)
      if (old) await copyAccess(handle, old)
      return new StagedFile(path, partFolder, handle, options)
    } catch (error) {
      partFolder.remove()
      throw error
    }
  }

  async write(bytes: Buffer): Promise<void> {
    await this.#handleSink.write(bytes)
    this.#writtenBytes += bytes.length
    if (this.#getReceipt) this.#hash.update(bytes)
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

  /** Keeps the part folder, because the earlier version of the file is in it. */
  keepPartFolder(): void {
    this.#partFolder.keep()
  }

  /** Returns true if this path is in the part folder. */
  isInPartFolder(path: string): boolean {
    return dirname(path) === this.#partFolder.path
  }

  /** The folders in which names change. */
  get folders(): readonly string[] {
    return this.#getReceipt ? [dirname(this.path), dirname(this.#receiptPath)] : [dirname(this.path)]
  }

  get hasReceipt(): boolean {
    return this.#getReceipt !== undefined
  }

  /** Checks that no other export took over the part folder, and writes the receipt into it. */
  async prepare(): Promise<void> {
    if (!(await this.#partFolder.isOwned()))
      throw new Error('another export took over the file, because this process was suspended')
    if (!this.#getReceipt) return
    const text = formatReceipt(this.#getReceipt(), { bytes: this.#writtenBytes, sha256: this.#hash.digest('hex') })
    await disk.mkdir(dirname(this.#receiptPath), { recursive: true })
    await writeNewFile(this.#partFolder.getFilePath('receipt'), text, { isSynced: true })
  }

  /** Moves the receipts of the old version to their backups, so that they are never beside the new version. */
  async moveReceiptsToBackup(replacements: Replacement[]): Promise<void> {
    if (!this.#getReceipt) return
    const [own, other] = this.#receiptReplacements as [Replacement, Replacement]
    const stale = (await isReceipt(other.targetPath)) ? [own, other] : [own]
    for (const receipt of stale) {
      replacements.push(receipt)
      await receipt.moveToBackup()
    }
  }

  async moveIntoPlace(replacements: Replacement[]): Promise<void> {
    replacements.push(this.#fileReplacement)
    await this.#fileReplacement.createBackup()
    await this.#fileReplacement.moveIntoPlace(this.#partFolder.getFilePath('data'))
  }

  async moveReceiptIntoPlace(): Promise<void> {
    if (this.#getReceipt) await this.#receiptReplacements[0]!.moveIntoPlace(this.#partFolder.getFilePath('receipt'))
  }
}

/** Copies mode and owner. Errors are ignored, because some file systems have no modes or owners. */
async function copyAccess(handle: FileHandle, { mode, uid, gid }: { mode: number; uid: number; gid: number }) {
  if (process.getuid?.() === 0) await handle.chown(uid, gid).catch(() => undefined)
  await handle.chmod(mode & 0o7777).catch(() => undefined)
}

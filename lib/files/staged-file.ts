// A new version of a regular file, written in its part folder until the group of its files moves it to its place.
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Destination } from './destination.js'
import { disk, writeNew } from './disk.js'
import { PartFolder } from './part-folder.js'
import { isReceipt, receiptPath, receiptText, type Facts, type ReceiptPlace } from './receipt.js'
import { Replacement } from './replacement.js'
import { HandleSink, type Sink } from './sink.js'

/** The receipt that is wanted for a file. */
export interface ReceiptOptions {
  readonly receipt: (() => Facts) | undefined
  readonly receiptPlace: ReceiptPlace
}

/** Bytes in a part folder, and the steps that put them in their place. The steps are in the order in which they are called. */
export class StagedFile implements Sink {
  readonly path: string
  readonly #part: PartFolder
  readonly #bytes: HandleSink
  readonly #facts: (() => Facts) | undefined
  readonly #receiptPath: string
  readonly #file: Replacement
  readonly #receipts: readonly Replacement[]
  readonly #hash = createHash('sha256')
  #size = 0

  private constructor(path: string, part: PartFolder, handle: FileHandle, { receipt, receiptPlace }: ReceiptOptions) {
    this.path = path
    this.#part = part
    this.#bytes = new HandleSink(handle)
    this.#facts = receipt
    this.#receiptPath = receiptPath(path, receiptPlace)
    const other = receiptPath(path, receiptPlace === 'beside' ? 'folder' : 'beside')
    this.#file = new Replacement(path, part.file('old'))
    this.#receipts = [
      new Replacement(this.#receiptPath, part.file('old-receipt')),
      new Replacement(other, part.file('other-receipt')),
    ]
  }

  /** Rejects if another writer of this file is alive. The new file has the mode of the old one and, as root, its owner. */
  static async open({ path, old }: Destination, options: ReceiptOptions, signal: AbortSignal): Promise<StagedFile> {
    const part = await PartFolder.make(path, signal)
    try {
      const handle = await disk.open(part.file('data'), 'wx', old && old.mode & 0o777)
      if (old) await keepAccess(handle, old)
      return new StagedFile(path, part, handle, options)
    } catch (error) {
      part.remove()
      throw error
    }
  }

  async write(bytes: Buffer): Promise<void> {
    await this.#bytes.write(bytes)
    this.#size += bytes.length
    if (this.#facts) this.#hash.update(bytes)
  }

  async finish(): Promise<void> {
    await this.#bytes.sync()
    await this.#bytes.close()
  }

  close(): Promise<void> {
    return this.#bytes.close()
  }

  discard(): void {
    this.#part.remove()
  }

  /** Keeps the part folder, because the earlier version of the file is in it. */
  leave(): void {
    this.#part.leave()
  }

  /** Whether this path is in the part folder. */
  holds(path: string): boolean {
    return dirname(path) === this.#part.path
  }

  /** Folders whose names change. */
  get folders(): readonly string[] {
    return this.#facts ? [dirname(this.path), dirname(this.#receiptPath)] : [dirname(this.path)]
  }

  get hasReceipt(): boolean {
    return this.#facts !== undefined
  }

  /** Writes the receipt into the part folder. */
  async prepare(): Promise<void> {
    if (!(await this.#part.isOurs())) throw new Error('another export took it over, because this process stood still')
    if (!this.#facts) return
    const facts = { ...this.#facts(), bytes: this.#size, sha256: this.#hash.digest('hex') }
    await disk.mkdir(dirname(this.#receiptPath), { recursive: true })
    await writeNew(this.#part.file('receipt'), receiptText(facts), { isSynced: true })
  }

  /** Takes the receipts of the old version away, so that none stands beside the new version. */
  async removeReceipts(undo: Replacement[]): Promise<void> {
    if (!this.#facts) return
    const [own, other] = this.#receipts as [Replacement, Replacement]
    const stale = (await isReceipt(other.to)) ? [own, other] : [own]
    for (const receipt of stale) {
      undo.push(receipt)
      await receipt.moveAside()
    }
  }

  async place(undo: Replacement[]): Promise<void> {
    undo.push(this.#file)
    await this.#file.keep()
    await this.#file.place(this.#part.file('data'))
  }

  async placeReceipt(): Promise<void> {
    if (this.#facts) await this.#receipts[0]!.place(this.#part.file('receipt'))
  }
}

/** A file system that knows no owners or modes refuses; that is no failure. */
async function keepAccess(handle: FileHandle, { mode, uid, gid }: { mode: number; uid: number; gid: number }) {
  if (process.getuid?.() === 0) await handle.chown(uid, gid).catch(() => undefined)
  await handle.chmod(mode & 0o7777).catch(() => undefined)
}

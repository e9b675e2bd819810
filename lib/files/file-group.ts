// Files that appear together: all of them and their receipts are on the disk before the first is moved to its place, so
// that what is left to do can hardly fail. Two renames are not one: a kill between them leaves the first file without receipt.
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ReceiptFile } from './receipt-file.js'

/** A file that waits for the others. */
export interface Member {
  readonly path: string
  readonly receipt: ReceiptFile | undefined
  /** Makes sure that nothing is in the way, and writes the receipt beside its place. */
  prepare(): Promise<void>
  /** Moves the file to its place. */
  place(): Promise<void>
}

/** As many files as were announced. */
export class FileGroup {
  readonly #size: number
  readonly #members: Member[] = []
  readonly #done: Promise<void>
  #settle!: { resolve: (work: Promise<void>) => void; reject: (reason: Error) => void }

  constructor(size: number) {
    this.#size = size
    this.#done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
    this.#done.catch(() => undefined)
  }

  /** This file is on the disk; resolves when all of them are in their places. */
  arrive(member: Member): Promise<void> {
    this.#members.push(member)
    if (this.#members.length === this.#size) this.#settle.resolve(placeAll(this.#members))
    return this.#done
  }

  /** This file will never come, if it has not; then none of the others may. */
  leave(member: Member): void {
    if (!this.#members.includes(member)) this.#settle.reject(new Error('the file beside it has failed'))
  }
}

async function placeAll(members: readonly Member[]): Promise<void> {
  const receipts = members.flatMap(({ receipt }) => receipt ?? [])
  const folders = new Set(members.map(({ path }) => dirname(path)))
  try {
    for (const member of members) await member.prepare()
    for (const receipt of receipts) await receipt.removeOld()
    if (receipts.length > 0) await syncAll(folders)
    await placeInOrder(members)
    for (const receipt of receipts) await receipt.place()
  } catch (error) {
    for (const receipt of receipts) await receipt.discard()
    throw error
  }
  await syncAll(folders)
}

/** A file that is in its place goes again when one after it cannot. */
async function placeInOrder(members: readonly Member[]): Promise<void> {
  const placed: Member[] = []
  try {
    for (const member of members) placed.push(await member.place().then(() => member))
  } catch (error) {
    for (const { path } of placed) await rm(path)
    throw error
  }
}

/** Not every file system can; what comes before is done by then, so that is no failure. */
async function syncAll(folders: Iterable<string>): Promise<void> {
  for (const folder of folders) {
    await open(folder, 'r')
      .then((handle) => handle.sync().finally(() => handle.close()))
      .catch(() => undefined)
  }
}

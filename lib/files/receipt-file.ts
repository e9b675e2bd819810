// A receipt: what is known of a file, in `<file>.json` beside it. An old one goes before its file is replaced and the new
// one comes after, so that a receipt never stands beside a file it does not belong to, whenever the process is killed.
import { open, rename, rm } from 'node:fs/promises'

/** What a receipt says; anything that JSON can. */
export type Facts = Readonly<Record<string, unknown>>

/** The receipt of one file. */
export class ReceiptFile {
  readonly #path: string
  readonly #part: string

  constructor(path: string) {
    this.#path = `${path}.json`
    this.#part = `${path}.json.part`
  }

  /** Writes it beside its place and forces it to disk. */
  async write(facts: Facts): Promise<void> {
    const text = `${JSON.stringify({ ...facts, finishedAt: new Date() }, null, 2)}\n`
    const file = await open(this.#part, 'w')
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
  }

  async removeOld(): Promise<void> {
    await rm(this.#path, { force: true })
  }

  async place(): Promise<void> {
    await rename(this.#part, this.#path)
  }

  async discard(): Promise<void> {
    await rm(this.#part, { force: true })
  }
}

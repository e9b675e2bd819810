// One name that gets another file, and that can get its earlier file back.
import { disk, unlessMissing } from './disk.js'

/** A rename that can be undone. */
export class Replacement {
  readonly to: string
  readonly aside: string
  #isKept = false
  #isMoved = false
  #isPlaced = false

  /** `aside` is where the earlier file is kept until everything is done. */
  constructor(to: string, aside: string) {
    this.to = to
    this.aside = aside
  }

  /** Keeps the earlier file by a second name; on a file system without hard links it is moved. */
  async keep(): Promise<void> {
    try {
      this.#isKept = (await unlessMissing(disk.link(this.to, this.aside).then(() => true))) ?? false
    } catch {
      await this.moveAside()
    }
  }

  async moveAside(): Promise<void> {
    this.#isMoved = (await unlessMissing(disk.rename(this.to, this.aside).then(() => true))) ?? false
  }

  async place(from: string): Promise<void> {
    await disk.rename(from, this.to)
    this.#isPlaced = true
  }

  /** Gives the name its earlier file again, or no file if there was none. */
  async undo(): Promise<void> {
    if (this.#isMoved || (this.#isKept && this.#isPlaced)) await disk.rename(this.aside, this.to)
    else if (this.#isPlaced) await disk.unlink(this.to)
  }
}

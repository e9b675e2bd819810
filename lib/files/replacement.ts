// One name that gets another file, and that can get its earlier file back.
import { disk, ignoreMissing } from './disk.js'

/** A rename that can be undone. */
export class Replacement {
  readonly targetPath: string
  readonly backupPath: string
  #hasBackupLink = false
  #isMovedToBackup = false
  #isInPlace = false

  /** `aside` is where the earlier file is kept until everything is done. */
  constructor(targetPath: string, backupPath: string) {
    this.targetPath = targetPath
    this.backupPath = backupPath
  }

  /** Keeps the earlier file by a second name; on a file system without hard links it is moved. */
  async createBackup(): Promise<void> {
    try {
      this.#hasBackupLink = (await ignoreMissing(disk.link(this.targetPath, this.backupPath).then(() => true))) ?? false
    } catch {
      await this.moveToBackup()
    }
  }

  async moveToBackup(): Promise<void> {
    this.#isMovedToBackup =
      (await ignoreMissing(disk.rename(this.targetPath, this.backupPath).then(() => true))) ?? false
  }

  async moveIntoPlace(from: string): Promise<void> {
    await disk.rename(from, this.targetPath)
    this.#isInPlace = true
  }

  /** Gives the name its earlier file again, or no file if there was none. */
  async undo(): Promise<void> {
    if (this.#isMovedToBackup || (this.#hasBackupLink && this.#isInPlace))
      await disk.rename(this.backupPath, this.targetPath)
    else if (this.#isInPlace) await disk.unlink(this.targetPath)
  }
}

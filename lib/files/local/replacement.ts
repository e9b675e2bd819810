import { disk, ignoreMissing } from './disk.js'
import type { CommitStep } from '../file-store.js'
import { rejectUnlessFile } from './output-path.js'

/**
 * Puts a new file in the place of an earlier one, of which it keeps a backup. Rejects if a folder or a special file is there, because
 * an export may take hours, and another program may have put it there meanwhile.
 */
export class Replacement implements CommitStep {
  readonly targetPath: string
  readonly backupPath: string
  #hasBackupLink = false
  #isMovedToBackup = false
  #isInPlace = false

  /** @param backupPath the path that the earlier file has until everything is done */
  constructor(targetPath: string, backupPath: string) {
    this.targetPath = targetPath
    this.backupPath = backupPath
  }

  get failedUndoNote(): string {
    return `its earlier version is ${this.backupPath}`
  }

  /** Adds the backup path as a second name of the earlier file. On a file system without hard links, moves the file there. */
  async createBackup(): Promise<void> {
    await rejectUnlessFile(this.targetPath)
    try {
      this.#hasBackupLink = (await ignoreMissing(disk.link(this.targetPath, this.backupPath).then(() => true))) ?? false
    } catch {
      await this.moveToBackup()
    }
  }

  async moveToBackup(): Promise<void> {
    await rejectUnlessFile(this.targetPath)
    this.#isMovedToBackup =
      (await ignoreMissing(disk.rename(this.targetPath, this.backupPath).then(() => true))) ?? false
  }

  async moveIntoPlace(from: string): Promise<void> {
    await rejectUnlessFile(this.targetPath)
    await disk.rename(from, this.targetPath)
    this.#isInPlace = true
  }

  /** Restores the earlier file, or removes the new one if there was no earlier file. */
  async undo(): Promise<void> {
    if (!this.#isMovedToBackup && !this.#isInPlace) return
    await rejectUnlessFile(this.targetPath)
    if (this.#isMovedToBackup || this.#hasBackupLink) await disk.rename(this.backupPath, this.targetPath)
    else await disk.unlink(this.targetPath)
  }
}

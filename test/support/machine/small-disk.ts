// A small file system, for tests with a full disk. It needs root; without root these tests are skipped.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/**
 * Returns the folder of a small file system, which is removed after the test, or undefined if it cannot be created.
 * @param size the size of the file system, as the option of a tmpfs
 */
export function mountSmallDisk(t: Test, size = '64k'): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'))
  t.teardown(() => rmdirSync(folder))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  t.teardown(() => execFileSync('umount', ['-l', folder]))
  return folder
}

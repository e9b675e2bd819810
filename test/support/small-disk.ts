// A small file system, to see what happens when the disk is full. Needs root, as in a container; without root the tests that use it are skipped.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/**
 * Returns a folder that is removed after the test, or undefined if it cannot be created.
 * @param size the size at which it is full, as the option of a tmpfs
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

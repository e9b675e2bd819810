import { existsSync } from 'node:fs'
import type { Test } from 'tap'
import { disk } from '../../../lib/files/local/disk.js'

/** Makes `disk.mkdir` fail as on a read-only disk. With `recursive`, Node.js says ENOENT instead of EROFS. */
export function makeDiskReadOnly(t: Test): void {
  const { mkdir } = disk
  const refuse = async (path: string, options?: { readonly recursive?: boolean }) => {
    if (existsSync(path)) return mkdir(path, options)
    throw Object.assign(new Error('refused'), { code: options?.recursive ? 'ENOENT' : 'EROFS' })
  }
  t.intercept(disk, 'mkdir', { value: refuse })
}

import type { Test } from 'tap'
import { disk } from '../../../lib/files/local/disk.js'

/** Holds the next call of a function of the file system until `proceed` is called. `reached` resolves when the call is made. */
export function holdDiskCall(t: Test, name: 'lstat' | 'open' | 'readdir' | 'realpath') {
  const original = disk[name] as (...argv: unknown[]) => Promise<unknown>
  const restore = () => Object.assign(disk, { [name]: original })
  t.teardown(restore)
  let proceed!: () => void
  const allowed = new Promise<void>((resolve) => (proceed = resolve))
  const reached = new Promise<void>((resolve) => {
    const hold = async (...argv: unknown[]) => {
      restore()
      resolve()
      await allowed
      return original(...argv)
    }
    Object.assign(disk, { [name]: hold })
  })
  return { reached, proceed }
}

// The folder of the package, also for code that was compiled into a subfolder.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const root = findRoot(import.meta.dirname)

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package-lock.json')) && existsSync(join(folder, 'lib'))
    ? folder
    : findRoot(dirname(folder))
}

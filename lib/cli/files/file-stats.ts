// Reads file stats as bigint, because of a bug of Node.js 20: after stats of a pipe were read as numbers, imports through symbolic links to
// packages fail (nodejs/node#51142).
import { fstatSync, statSync, type BigIntStats } from 'node:fs'

export const statsOfDescriptor = (fd: number): BigIntStats => fstatSync(fd, { bigint: true })

/** Returns `undefined` if there is no file, or if it cannot be reached, as behind a link to itself. */
export function statsAt(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true })
  } catch {
    return undefined
  }
}

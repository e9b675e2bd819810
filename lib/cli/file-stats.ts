// Reads file stats as bigint, because Node.js 20 no longer follows links to packages after it has read the number stats of a pipe:
// nodejs/node#51142.
import { fstatSync, statSync, type BigIntStats } from 'node:fs'

/** Returns the stats of an open file. */
export const statsOfDescriptor = (fd: number): BigIntStats => fstatSync(fd, { bigint: true })

/** Returns the stats of the file or folder at a path, or `undefined` if it does not exist. */
export const statsAt = (path: string): BigIntStats | undefined =>
  statSync(path, { bigint: true, throwIfNoEntry: false })

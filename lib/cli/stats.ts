// Figures of the file system. They are bigint, because Node.js 20 no longer follows links to packages after it has read other figures of
// a pipe: nodejs/node#51142.
import { fstatSync, statSync, type BigIntStats } from 'node:fs'

/** Returns the figures of an open file. */
export const statsOfOpen = (fd: number): BigIntStats => fstatSync(fd, { bigint: true })

/** Returns the figures of the file or folder at a path, or `undefined` if there is none. */
export const statsAt = (path: string): BigIntStats | undefined =>
  statSync(path, { bigint: true, throwIfNoEntry: false })

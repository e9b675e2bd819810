// Reads file stats as bigint, because of a bug of Node.js 20: after stats of a pipe were read as numbers, imports through symbolic links to
// packages fail (nodejs/node#51142).
import { fstatSync, statSync, type BigIntStats } from 'node:fs'

export const statsOfDescriptor = (fd: number): BigIntStats => fstatSync(fd, { bigint: true })

export const statsAt = (path: string): BigIntStats | undefined =>
  statSync(path, { bigint: true, throwIfNoEntry: false })

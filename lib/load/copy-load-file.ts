import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ExportError } from '../shared/errors.js'
import type { FileToStage } from './load-destination.js'

/** With the default of Node.js, 64 KiB, reading takes longer than hashing. */
const READ_BYTES = 256 * 1024

/** Writes the bytes of a load file to a stream. Rejects if they are not the bytes of its hash, when the stream has them all. */
export async function copyLoadFile({ path, sha256 }: FileToStage, target: Writable, label: string): Promise<void> {
  const hash = createHash('sha256')
  const chunks = createReadStream(path, { highWaterMark: READ_BYTES }).on('data', (chunk) => hash.update(chunk))
  await pipeline(chunks, target)
  if (hash.digest('hex') !== sha256)
    throw new ExportError('ERR_DESTINATION', `${label}: the file ${path} changed after it was written`)
}

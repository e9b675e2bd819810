// Sends a file to PostgreSQL by COPY. The sole importer of pg-copy-streams, an optional peer dependency.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ExportError } from '../../shared/errors.js'
import { importPeer } from '../../shared/import-peer.js'
import { postgresPeers, type PostgresClient, type Submittable } from './postgres-client.js'

const READ_BYTES = 256 * 1024

/** Imports the package. Also called before the export, so that a missing package is found early. */
export const importCopyStreams = () =>
  importPeer('postgres', 'pg-copy-streams', () => import('pg-copy-streams'), postgresPeers)

/** Copies a file into a table. Rejects if the hash of the file is not `sha256`; the caller then rolls the transaction back. */
export async function copyInto(
  { client }: PostgresClient,
  table: string,
  { path, sha256 }: { readonly path: string; readonly sha256: string },
): Promise<void> {
  const { from } = await importCopyStreams()
  const hash = createHash('sha256')
  const copy = (client.query as (stream: Submittable) => ReturnType<typeof from>)(
    from(`COPY ${table} FROM STDIN WITH (FORMAT binary)`),
  )
  await pipeline(
    createReadStream(path, { highWaterMark: READ_BYTES }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        yield chunk
      }
    },
    copy,
  )
  if (hash.digest('hex') !== sha256)
    throw new ExportError('ERR_DESTINATION', `the file ${path} changed after it was written`)
}

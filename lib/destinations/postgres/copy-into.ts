// Sends a file to PostgreSQL by COPY. The sole importer of pg-copy-streams, an optional peer dependency.
import { copyLoadFile } from '../../load/copy-load-file.js'
import type { FileToStage } from '../../load/load-destination.js'
import { importPeer } from '../../shared/import-peer.js'
import { postgresPeers, type PostgresClient, type Submittable } from './postgres-client.js'

/** Imports the package. Also called before the export, so that a missing package is found early. */
export const importCopyStreams = () =>
  importPeer('postgres', 'pg-copy-streams', () => import('pg-copy-streams'), postgresPeers)

/** Copies a file into a table. Rejects if the file is not the one that was written; the caller then rolls the transaction back. */
export async function copyInto(
  { client }: PostgresClient,
  table: string,
  source: FileToStage,
  label: string,
): Promise<void> {
  const { from } = await importCopyStreams()
  const copy = (client.query as (stream: Submittable) => ReturnType<typeof from>)(
    from(`COPY ${table} FROM STDIN WITH (FORMAT binary)`),
  )
  await copyLoadFile(source, copy, label)
}

// Connects to PostgreSQL. The sole importer of pg, an optional peer dependency.
import type { Client, ClientConfig, Pool, PoolClient, Submittable } from 'pg'
import { createAbortError, onAbort, raceWithAbort } from '../../shared/abort.js'
import { importPeer } from '../../shared/import-peer.js'

export type { ClientConfig, Pool, Submittable }

export interface PostgresClient {
  readonly client: Client | PoolClient
  /** Ends the connection, or gives it back to its pool. */
  release(): Promise<void>
  /** Cuts the connection at once; the server then rolls the transaction back. */
  cut(): void
}

/** Returns a connection. Rejects with the error of `pg`. A pool ignores the signal. */
export type Connect = (signal: AbortSignal) => Promise<PostgresClient>

export const postgresPeers = { option: 'into', installTogether: ['pg', 'pg-copy-streams'] }

const CONNECT_TIMEOUT_MS = 30_000

/** Returns a connection. Rejects with an AbortError when the signal is aborted; a connection that comes later is given back. */
export async function connectUnlessAborted(connect: Connect, signal: AbortSignal): Promise<PostgresClient> {
  const connecting = connect(signal)
  try {
    return await raceWithAbort(connecting, signal)
  } catch (error) {
    connecting.then((late) => late.release()).catch(() => undefined)
    throw signal.aborted ? createAbortError(signal) : error
  }
}

export function createConnect(config: ClientConfig): Connect {
  return async (signal) => {
    const { default: pg } = await importPeer('postgres', 'pg', () => import('pg'), postgresPeers)
    const client = new pg.Client({
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'optimize-export',
      ...config,
    })
    // a lost connection also rejects the running query
    client.on('error', () => undefined)
    signal.throwIfAborted()
    const removeListener = onAbort(signal, () => destroySocket(client))
    await client.connect().finally(removeListener)
    return { client, release: () => client.end(), cut: () => destroySocket(client) }
  }
}

const listenedPools = new WeakSet<Pool>()

export function createPoolConnect(pool: Pool): Connect {
  // without a listener, an idle connection that is lost while the report is exported would end the program
  if (!listenedPools.has(pool)) pool.on('error', () => undefined)
  listenedPools.add(pool)
  return async () => {
    const client = await pool.connect()
    let isCut = false
    const ignoreError = () => undefined
    client.on('error', ignoreError)
    return {
      client,
      release: () => {
        client.off('error', ignoreError)
        client.release(isCut)
        return Promise.resolve()
      },
      cut: () => {
        isCut = true
        destroySocket(client)
      },
    }
  }
}

function destroySocket(client: Client | PoolClient): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } }
  connection.stream.destroy()
}

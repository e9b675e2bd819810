// A proxy between a client and a PostgreSQL server that cuts connections at a chosen byte, or loses the reply to COMMIT.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Postgres } from './postgres.js'

/** A query of the simple protocol: its type, its length and its text. Source: "Message Formats". */
const COMMIT_MESSAGE = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1')

/** The fault of a connection. */
export interface Cut {
  /** Cuts after this many bytes of the client. */
  readonly afterBytes?: number
  /** Called after that many bytes; the connection is then not cut. */
  readonly insteadOfCut?: () => void
  /** `'lost'` does not send COMMIT on; `'reply'` sends it on, and cuts before the client gets the reply. */
  readonly commit?: 'lost' | 'reply'
}

export interface PostgresProxy {
  readonly port: number
  /** The connections so far. */
  readonly count: number
  close(): void
}

/** Starts a proxy. Each connection takes the next cut; connections after the last cut are not cut. */
export async function startPostgresProxy({ env }: Postgres, cuts: readonly Cut[]): Promise<PostgresProxy> {
  const sockets = new Set<Socket>()
  let count = 0
  const server = createServer((client) => {
    const cut = cuts[count++] ?? {}
    const upstream = connect(join(env['PGHOST']!, '.s.PGSQL.5432'))
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    relay(client, upstream, cut)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get count() {
      return count
    },
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function relay(client: Socket, upstream: Socket, { afterBytes = Infinity, insteadOfCut, commit }: Cut): void {
  let bytes = 0
  let isReplyLost = false
  const cutBoth = () => {
    client.destroy()
    upstream.destroy()
  }
  client.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    const isCommit = chunk.includes(COMMIT_MESSAGE)
    const isDue = bytes > afterBytes && bytes - chunk.length <= afterBytes
    if (isDue && insteadOfCut) insteadOfCut()
    else if (isDue || (isCommit && commit === 'lost')) {
      cutBoth()
      return
    }
    isReplyLost ||= isCommit && commit === 'reply'
    if (!upstream.write(chunk)) {
      client.pause()
      upstream.once('drain', () => client.resume())
    }
  })
  upstream.on('data', (chunk: Buffer) => {
    if (isReplyLost) cutBoth()
    else client.write(chunk)
  })
  client.on('close', () => upstream.destroy())
  upstream.on('close', () => client.destroy())
}

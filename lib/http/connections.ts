import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'

/** A connection that was idle for longer is not used again, because the server may close it while a request is written. */
const MAX_IDLE_MS = 3000

/**
 * Two pools of one connection each, used in turn. Some servers close each connection after the answer, without the header
 * `Connection: close`. If the next request used the same connection, the request would be lost, and a request with a cursor
 * must not be repeated (docs/server.md 3.3). With two pools, a connection is idle during one whole request. If the server closes
 * the connection, the client notices that during this request, and the pool opens a new one. If a server closes connections after
 * a short idle time, a request can still be lost (see `#useNewConnections` in transport.ts).
 */
export class Connections {
  readonly #pools = [new Pool(), new Pool()] as const
  #poolIndex: 0 | 1 = 0

  getNextAgent(protocol: 'http:' | 'https:'): http.Agent {
    this.#poolIndex = this.#poolIndex === 0 ? 1 : 0
    const pool = this.#pools[this.#poolIndex]
    if (Date.now() - pool.idleSince > MAX_IDLE_MS) pool.close()
    return pool.agents[protocol]
  }

  markIdle(): void {
    this.#pools[this.#poolIndex].idleSince = Date.now()
  }

  /** Closes the connections, because idle ones keep the process alive. */
  close(): void {
    for (const pool of this.#pools) pool.close()
  }
}

/** The most bytes that Node.js reads from a socket at once. */
const READ_BYTES = 256 * 1024

/**
 * An option of agents with which all their sockets read into the same memory. Without it, Node.js allocates memory for each read. The
 * HTTP parser of Node.js is called after each read and copies the bytes of a body, so the memory can be used again.
 * Source: Node.js, `onread` of `net.createConnection`.
 */
const readIntoSameMemory = {
  onread: {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback(this: Socket, byteCount: number, buffer: Uint8Array): boolean {
      this.emit('data', buffer.subarray(0, byteCount))
      return true
    },
  },
}

class Pool {
  readonly agents = {
    'http:': new http.Agent({ keepAlive: true, ...readIntoSameMemory }),
    'https:': new https.Agent({ keepAlive: true, ...readIntoSameMemory }),
  }
  idleSince = 0

  close(): void {
    this.agents['http:'].destroy()
    this.agents['https:'].destroy()
  }
}

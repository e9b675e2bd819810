// The connections of one export, and which of them a request may use again.
import http from 'node:http'
import https from 'node:https'

/** A server may close a connection that was idle for this long at the moment a request is written to it. */
const MAX_IDLE_MS = 3000

/**
 * Two pools of one connection each, used in turn. A server that closes each connection after its answer, without the
 * header `Connection: close`, would else be sent the next request while its end of the connection is on the way: the
 * request is lost, and with a cursor it must not be repeated. In turn, a connection is used again only after another
 * request was answered, so that the end of the connection has arrived, and the pool opens a new one. A server that
 * closes after a short time instead can still meet a request; that costs one restart (see `Transport`).
 */
export class Connections {
  readonly #pools = [new Pool(), new Pool()] as const
  #poolIndex: 0 | 1 = 0

  /** The agent for the next request. */
  getNextAgent(protocol: 'http:' | 'https:'): http.Agent {
    this.#poolIndex = this.#poolIndex === 0 ? 1 : 0
    const pool = this.#pools[this.#poolIndex]
    if (Date.now() - pool.idleSince > MAX_IDLE_MS) pool.close()
    return pool.agents[protocol]
  }

  /** The request that used the last agent is done. */
  markIdle(): void {
    this.#pools[this.#poolIndex].idleSince = Date.now()
  }

  /** Closes idle connections, so that they do not keep the process alive. */
  close(): void {
    for (const pool of this.#pools) pool.close()
  }
}

class Pool {
  readonly agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) }
  idleSince = 0

  close(): void {
    this.agents['http:'].destroy()
    this.agents['https:'].destroy()
  }
}

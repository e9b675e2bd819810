// Observes the socket of a request to decide whether the request was sent. The code of an error does not decide that, because
// ECONNRESET, EPROTO and ENETUNREACH happen while a connection is opened and also after the server has handled the request.
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

interface Agent {
  addRequest(request: ClientRequest, ...rest: unknown[]): void
}

/** The only status for which https-proxy-agent uses a tunnel. */
const TUNNEL_OPEN_STATUS = 200

/**
 * Tracks one request. The request counts as sent as soon as its connection is ready: connected, and for TLS with the
 * handshake done and the certificate accepted. Node writes no byte of a request before that. A reused connection is ready
 * at once. A connection of an unknown class counts as ready.
 */
export class SendTracker {
  #request: ClientRequest | undefined
  #isSent = false
  #proxyStatus: number | undefined

  /** True if the server cannot have got a byte of the request; `undefined` if no connection was requested from an agent. */
  get isUnsent(): boolean | undefined {
    return this.#request && (!this.#isSent || this.proxyRefusalStatus !== undefined)
  }

  /** True if a proxy has connected to the server for this request; `undefined` if no agent was asked for a connection. */
  get isTunnelOpen(): boolean | undefined {
    return this.#request && this.#proxyStatus === TUNNEL_OPEN_STATUS
  }

  /** The status with which a proxy refused to connect to the server. The answer to the request is then from the proxy. */
  get proxyRefusalStatus(): number | undefined {
    return this.#proxyStatus === TUNNEL_OPEN_STATUS ? undefined : this.#proxyStatus
  }

  /** True if the connection carried an earlier request, so the server may have closed it; `undefined` as for {@link isTunnelOpen}. */
  get isReused(): boolean | undefined {
    return this.#request?.reusedSocket
  }

  /** Returns an object that behaves like the agent and notes the request that asks it for a connection. */
  observeAgent(agent: object): object {
    const addRequest = (request: ClientRequest, ...rest: unknown[]) => {
      this.#request = request
      request.once('socket', (socket: unknown) => this.#onSocket(socket, request.reusedSocket))
      // emitted by https-proxy-agent with the answer to CONNECT, and by http-proxy-agent without a status
      request.once('proxyConnect', (answer: { statusCode?: number }) => (this.#proxyStatus = answer.statusCode))
      request.once('response', skipEndCheckOfNodeFetch)
      ;(agent as Agent).addRequest(request, ...rest)
    }
    return new Proxy(agent, {
      // the receiver is the agent itself, because it may have private fields
      get: (target, name) => (name === 'addRequest' ? addRequest : (Reflect.get(target, name, target) as unknown)),
    })
  }

  #onSocket(socket: unknown, isReused: boolean): void {
    const readyEvent = isReused ? undefined : getReadyEvent(socket)
    if (readyEvent === undefined) this.#isSent = true
    else (socket as Socket).once(readyEvent, () => (this.#isSent = true))
  }
}

/**
 * Turns off the check with which node-fetch 3 looks for the end of a chunked body in the last packets of a connection that closes.
 * The check treats a body as cut off if the five bytes of that end arrive in two packets, unless the split is 3 and 2. Node's parser knows
 * the end: it breaks the body with ECONNRESET if the end is missing. Source: fixResponseChunkedTransferBadEnding in node-fetch.
 */
function skipEndCheckOfNodeFetch({ headers }: IncomingMessage): void {
  // node-fetch reads this object for its check only; the headers of its answer come from the raw headers
  delete headers['transfer-encoding']
}

/** Returns the event after which a new connection can carry data, or `undefined` if it can already. */
function getReadyEvent(socket: unknown): 'connect' | 'secureConnect' | undefined {
  if (!(socket instanceof Socket)) return undefined
  const { encrypted, secureConnecting } = socket as Partial<TLSSocket> & { secureConnecting?: boolean }
  if (encrypted === true) return secureConnecting === true ? 'secureConnect' : undefined
  return socket.connecting ? 'connect' : undefined
}

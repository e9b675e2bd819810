// Tells from the socket of a request how far it got. The code of an error does not tell that: ECONNRESET, EPROTO or ENETUNREACH
// come while a connection is opened, and also after the server has handled the request.
import type { ClientRequest } from 'node:http'
import { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/** A Node agent, as `http.request` uses it. */
interface Agent {
  addRequest(request: ClientRequest, ...rest: unknown[]): void
}

/**
 * One request on its way. It counts as sent from the moment its connection is ready: connected, and for TLS with the
 * handshake done and the certificate accepted. Node writes nothing of a request before that. A connection that was used
 * before is ready at once. A connection of an unknown class counts as ready.
 */
export class SendTracker {
  #request: ClientRequest | undefined
  #isSent = false

  /** No byte of the request can have been written; undefined if no agent was asked for a connection. */
  get isUnsent(): boolean | undefined {
    return this.#request && !this.#isSent
  }

  /** The connection carried a request before, so the server may have closed it already; undefined as above. */
  get isReused(): boolean | undefined {
    return this.#request?.reusedSocket
  }

  /** The same agent, observed when it is asked for a connection. */
  observeAgent(agent: object): object {
    const addRequest = (request: ClientRequest, ...rest: unknown[]) => {
      this.#request = request
      request.once('socket', (socket: unknown) => this.#onSocket(socket, request.reusedSocket))
      ;(agent as Agent).addRequest(request, ...rest)
    }
    return new Proxy(agent, {
      // the agent itself is the receiver: it may have private fields
      get: (target, name) => (name === 'addRequest' ? addRequest : (Reflect.get(target, name, target) as unknown)),
    })
  }

  #onSocket(socket: unknown, isReused: boolean): void {
    const readyEvent = isReused ? undefined : getReadyEvent(socket)
    if (readyEvent === undefined) this.#isSent = true
    else (socket as Socket).once(readyEvent, () => (this.#isSent = true))
  }
}

/** The event after which a new connection carries data; undefined if it does already. */
function getReadyEvent(socket: unknown): 'connect' | 'secureConnect' | undefined {
  if (!(socket instanceof Socket)) return undefined
  const { encrypted, secureConnecting } = socket as Partial<TLSSocket> & { secureConnecting?: boolean }
  if (encrypted === true) return secureConnecting === true ? 'secureConnect' : undefined
  return socket.connecting ? 'connect' : undefined
}

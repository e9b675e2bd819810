// A TCP proxy that resets both sides of a connection at a chosen byte of a chosen answer.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * Returns the byte of the answer to the n-th request, from 1, at which the connection ends. 0 is before the first byte, after the
 * request has been passed on. Undefined leaves the answer whole.
 */
export type Cut = (request: number) => number | undefined

export interface CuttingProxy {
  readonly url: string
  readonly port: number
  /** Requests so far. */
  readonly requests: number
  /** The number of requests that were cut. */
  readonly cuts: number
  close(): Promise<void>
}

/** Long enough for both sides to read the bytes that were sent before the reset, which discards unread bytes. */
const RESET_AFTER_MS = 5

export async function startCuttingProxy(port: number, cut: Cut): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  const seen = { requests: 0, cuts: 0 }
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) sockets.add(socket.on('close', () => sockets.delete(socket)))
    relay(client, upstream, cut, seen)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const own = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${own}`,
    port: own,
    get requests() {
      return seen.requests
    },
    get cuts() {
      return seen.cuts
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function relay(client: Socket, upstream: Socket, cut: Cut, seen: { requests: number; cuts: number }): void {
  let at: number | undefined
  let passed = 0
  let ended = false
  const end = () => {
    if (ended) return
    ended = true
    seen.cuts++
    // the client must be able to read the bytes before the cut: see RESET_AFTER_MS
    setTimeout(() => {
      client.resetAndDestroy()
      upstream.resetAndDestroy()
    }, RESET_AFTER_MS)
  }
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    // if one of the two connections breaks, the other one is closed
    socket.on('error', () => other.destroy()).on('close', () => other.destroy())
  }
  client.on('data', (bytes) => {
    if (/^(?:GET|POST) /.test(bytes.toString('latin1', 0, 5))) {
      at = cut(++seen.requests)
      passed = 0
    }
    upstream.write(bytes, () => at === 0 && end())
  })
  upstream.on('data', (bytes) => {
    if (ended) return
    if (at === undefined) return void client.write(bytes)
    client.write(bytes.subarray(0, Math.max(0, at - passed)))
    passed += bytes.length
    if (passed >= at) end()
  })
}

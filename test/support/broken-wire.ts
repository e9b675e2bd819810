// A TCP proxy that breaks connections as a seeded schedule says, and an export through it.
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import { exportStream, type ExportError } from '../../lib/index.js'
import { startFakeOptimize, type FakeOptimize } from '../../lib/testing/index.js'
import { Random } from '../../lib/testing/random.js'
import { selfSigned } from './certificate.js'

const hows = ['reset', 'end', 'garbage', 'reset', 'end', 'garbage', 'reset', 'end', 'garbage', 'stall'] as const
const directions = ['toServer', 'toClient'] as const

/** One break: at that byte of that direction. `end` closes one direction; the other one goes on. */
interface Break {
  readonly direction: (typeof directions)[number] | 'accept'
  readonly how: (typeof hows)[number]
  readonly atByte: number
}

/** A NUL first: no parser of HTTP, TLS, gzip or JSON takes it for something else. */
const garbage = Buffer.from([0, 255, 0, 1, 0, 254])

/** Bytes that are of interest: none, within a handshake or a request, within an answer. */
const ranges = [1, 800, 3000, 12_000]

function breakOf(random: Random): Break | undefined {
  if (random.below(100) < 70) return undefined
  const how = random.oneOf(hows)
  if (random.below(6) === 0) return { direction: 'accept', how, atByte: 0 }
  return { direction: random.oneOf(directions), how, atByte: random.below(random.oneOf(ranges)) }
}

/** Listens on loopback and passes every connection on, until its break. */
async function startWire(port: number, random: Random) {
  const breaks: string[] = []
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const broken = breakOf(random)
    breaks.push(broken ? `${broken.how} ${broken.direction} ${broken.atByte}` : '-')
    const onward = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [client, onward]) sockets.add(socket.on('error', () => undefined))
    client.on('close', () => onward.destroy())
    onward.on('close', () => (broken?.how === 'stall' ? undefined : client.destroy()))
    if (broken?.direction === 'accept') strike(client, client, broken.how)
    else {
      pass(client, onward, broken?.direction === 'toServer' ? broken : undefined, client)
      pass(onward, client, broken?.direction === 'toClient' ? broken : undefined, client)
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: (server.address() as AddressInfo).port, breaks, close }
}

function pass(from: net.Socket, to: net.Socket, broken: Break | undefined, client: net.Socket): void {
  let left = broken?.atByte ?? Infinity
  from.on('end', () => to.end())
  from.on('data', (bytes) => {
    if (bytes.length <= left) {
      left -= bytes.length
      to.write(bytes)
      return
    }
    from.removeAllListeners('data').removeAllListeners('end').resume()
    to.write(bytes.subarray(0, left), () => strike(to, client, broken!.how))
  })
}

function strike(to: net.Socket, client: net.Socket, how: Break['how']): void {
  if (how === 'reset') client.resetAndDestroy()
  if (how === 'end') to.end()
  if (how === 'garbage') to.end(garbage)
}

/** How one export through a broken wire ended. */
export interface WireResult {
  readonly seed: number
  /** What was done to each connection, in order. */
  readonly breaks: readonly string[]
  readonly mode: 'restart' | 'fail'
  readonly ids: readonly string[]
  readonly expectedIds: readonly string[]
  readonly error: ExportError | undefined
  /** The codes of what led to a new search. */
  readonly restartedFor: readonly string[]
}

/** The servers that all runs share. */
export interface Servers {
  readonly optimize: FakeOptimize
  readonly tlsPort: number
  readonly agent: () => https.Agent
  close(): Promise<void>
}

/** A fake Optimize of 40 records, and TLS in front of it. */
export async function startServers(): Promise<Servers> {
  const optimize = await startFakeOptimize({ records: 40, variables: 2, flowNodes: 0, maxContexts: 1e6 })
  const certificate = selfSigned()
  const server = tls.createServer(certificate, (socket) => {
    const onward = net.connect(Number(new URL(optimize.url).port), '127.0.0.1')
    for (const each of [socket, onward]) each.on('error', () => undefined)
    socket.pipe(onward).pipe(socket)
    socket.on('close', () => onward.destroy())
    onward.on('close', () => socket.destroy())
  })
  server.on('tlsClientError', () => undefined)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    optimize,
    tlsPort: (server.address() as AddressInfo).port,
    agent: () => new https.Agent({ ca: certificate.cert, keepAlive: true }),
    close: async () => {
      server.close()
      await optimize.close()
    },
  }
}

const agents = {
  http: () => undefined,
  kept: () => new http.Agent({ keepAlive: true }),
  closed: () => new http.Agent({ keepAlive: false }),
}

/** One export whose wire breaks as the seed says. */
export async function exportThrough(servers: Servers, seed: number): Promise<WireResult> {
  const { optimize } = servers
  const random = new Random()
  random.startAt(seed, 1)
  const mode = random.oneOf(['restart', 'fail'] as const)
  const over = random.oneOf(['https', 'http', 'kept', 'closed'] as const)
  const isTls = over === 'https'
  const wire = await startWire(isTls ? servers.tlsPort : Number(new URL(optimize.url).port), random)
  const agent = isTls ? servers.agent() : agents[over]()
  const ids: string[] = []
  const restartedFor: string[] = []
  const source = exportStream({
    baseUrl: `${isTls ? 'https' : 'http'}://127.0.0.1:${wire.port}`,
    reportId: optimize.reportId,
    accessToken: optimize.token,
    limit: 8,
    requestTimeout: 1500,
    retry: { attempts: 4, minDelay: 0, maxDelay: 1 },
    maxRestarts: 6,
    recovery: mode,
    agent,
  })
  source.on('restart', ({ code }) => restartedFor.push(code))
  let error: ExportError | undefined
  try {
    for await (const record of source) ids.push((record as { processInstanceId: string }).processInstanceId)
  } catch (thrown) {
    error = thrown as ExportError
  }
  agent?.destroy()
  wire.close()
  return { seed, mode, breaks: [over, ...wire.breaks], ids, expectedIds: optimize.ids(), error, restartedFor }
}

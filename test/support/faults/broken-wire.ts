// A TCP proxy that breaks connections by a seeded schedule, and an export through it.
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import { exportStream, type ExportError } from '../../../lib/index.js'
import { startFakeOptimize, type FakeOptimize } from '../../../lib/testing/index.js'
import { Random } from '../../../lib/testing/random.js'
import { selfSigned } from '../servers/certificate.js'

const breakKinds = ['reset', 'end', 'garbage', 'reset', 'end', 'garbage', 'reset', 'end', 'garbage', 'stall'] as const
const directions = ['toServer', 'toClient'] as const

/** One break, at a byte of one direction. `end` closes one direction; the other one stays open. */
interface Break {
  readonly direction: (typeof directions)[number] | 'accept'
  readonly kind: (typeof breakKinds)[number]
  readonly atByte: number
}

/** Begins with a NUL, which is invalid in HTTP, TLS, gzip and JSON. */
const garbage = Buffer.from([0, 255, 0, 1, 0, 254])

/** A break comes before one of these bytes: the first one, one of a handshake or of a request, or one of an answer. */
const ranges = [1, 800, 3000, 12_000]

function pickBreak(random: Random): Break | undefined {
  if (random.below(100) < 70) return undefined
  const kind = random.oneOf(breakKinds)
  if (random.below(6) === 0) return { direction: 'accept', kind, atByte: 0 }
  return { direction: random.oneOf(directions), kind, atByte: random.below(random.oneOf(ranges)) }
}

/** Starts a proxy on loopback that passes every connection on until its break. */
async function startWire(port: number, random: Random) {
  const breaks: string[] = []
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const plannedBreak = pickBreak(random)
    breaks.push(plannedBreak ? `${plannedBreak.kind} ${plannedBreak.direction} ${plannedBreak.atByte}` : '-')
    const upstream = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => (plannedBreak?.kind === 'stall' ? undefined : client.destroy()))
    if (plannedBreak?.direction === 'accept') breakConnection(client, client, plannedBreak.kind)
    else {
      forward(client, upstream, plannedBreak?.direction === 'toServer' ? plannedBreak : undefined, client)
      forward(upstream, client, plannedBreak?.direction === 'toClient' ? plannedBreak : undefined, client)
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: (server.address() as AddressInfo).port, breaks, close }
}

function forward(from: net.Socket, to: net.Socket, plannedBreak: Break | undefined, client: net.Socket): void {
  let remaining = plannedBreak?.atByte ?? Infinity
  from.on('end', () => to.end())
  from.on('data', (bytes) => {
    if (bytes.length <= remaining) {
      remaining -= bytes.length
      to.write(bytes)
      return
    }
    from.removeAllListeners('data').removeAllListeners('end').resume()
    to.write(bytes.subarray(0, remaining), () => breakConnection(to, client, plannedBreak!.kind))
  })
}

function breakConnection(to: net.Socket, client: net.Socket, kind: Break['kind']): void {
  if (kind === 'reset') client.resetAndDestroy()
  if (kind === 'end') to.end()
  if (kind === 'garbage') to.end(garbage)
}

export interface WireResult {
  readonly seed: number
  /** The kind of the connections, then the break of each connection in order. */
  readonly breaks: readonly string[]
  readonly mode: 'restart' | 'fail'
  readonly ids: readonly string[]
  readonly expectedIds: readonly string[]
  readonly error: ExportError | undefined
  /** The codes of the failures that caused a new search. */
  readonly restartedFor: readonly string[]
}

/** The servers that all runs share. */
export interface Servers {
  readonly optimize: FakeOptimize
  readonly tlsPort: number
  readonly agent: () => https.Agent
  close(): Promise<void>
}

/** Starts a fake Optimize with 40 records, and a TLS server in front of it. */
export async function startServers(): Promise<Servers> {
  const optimize = await startFakeOptimize({ records: 40, variables: 2, flowNodes: 0, maxContexts: 1e6 })
  const certificate = selfSigned()
  const server = tls.createServer(certificate, (socket) => {
    const upstream = net.connect(Number(new URL(optimize.url).port), '127.0.0.1')
    for (const each of [socket, upstream]) each.on('error', () => undefined)
    socket.pipe(upstream).pipe(socket)
    socket.on('close', () => upstream.destroy())
    upstream.on('close', () => socket.destroy())
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

/** Runs an export through a proxy that breaks its connections as the seed decides. */
export async function exportThrough(servers: Servers, seed: number): Promise<WireResult> {
  const { optimize } = servers
  const random = new Random()
  random.startAt(seed, 1)
  const mode = random.oneOf(['restart', 'fail'] as const)
  const connectionKind = random.oneOf(['https', 'http', 'kept', 'closed'] as const)
  const isTls = connectionKind === 'https'
  const wire = await startWire(isTls ? servers.tlsPort : Number(new URL(optimize.url).port), random)
  const agent = isTls ? servers.agent() : agents[connectionKind]()
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
  return { seed, mode, breaks: [connectionKind, ...wire.breaks], ids, expectedIds: optimize.ids(), error, restartedFor }
}

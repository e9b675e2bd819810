// How an answer reaches the client: whole, compressed, in pieces – or, where a fault says so, late, in part or not at all.
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip as gzipWithCallback } from 'node:zlib'
import type { ResolvedFault } from './faults.js'
import type { Reply } from './replies.js'

/** The way an answer is sent. */
export interface Delivery {
  readonly gzip: boolean
  readonly chunkBytes: number | undefined
  readonly fault: ResolvedFault | undefined
}

const gzip = promisify(gzipWithCallback)
const minGzipBytes = 23
const dripBytes = 16
const dripMs = 5

/** Sends the answer, or what the fault leaves of it. */
export async function deliver(response: ServerResponse, reply: Reply, delivery: Delivery): Promise<void> {
  const { fault } = delivery
  switch (fault?.kind) {
    case 'drop':
      hangUp(response)
      return
    case 'cut':
      return sendCut(response, reply)
    case 'truncate':
      return sendWhole(response, truncated(reply), { ...delivery, gzip: false })
    case 'cutGzip':
      return delivery.gzip ? sendCutGzip(response, reply) : sendWhole(response, truncated(reply), delivery)
    case 'drip':
      return sendDrops(response, reply, fault.ms ?? Infinity)
    case 'huge':
      return sendPadded(response, reply, fault.bytes)
    case 'delay':
      await pause(fault.ms ?? 1000)
  }
  return sendWhole(response, reply, delivery)
}

/** Closes the connection without a byte. */
export function hangUp(response: ServerResponse): void {
  response.destroy()
}

/** Waits, without keeping the process alive. */
export async function pause(ms: number): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { ref: false })
}

async function sendWhole(response: ServerResponse, reply: Reply, { gzip: compress, chunkBytes }: Delivery) {
  const length = lengthOf(reply)
  if (compress && length >= minGzipBytes && reply.headers['content-type']?.startsWith('application/json')) {
    response.writeHead(reply.status, { ...reply.headers, 'content-encoding': 'gzip' })
    await write(response, [await gzip(Buffer.concat(reply.body), { level: 1 })], chunkBytes)
  } else {
    response.writeHead(reply.status, { ...reply.headers, ...(chunkBytes ? {} : { 'content-length': length }) })
    await write(response, reply.body, chunkBytes)
  }
  response.end()
}

/** Pieces are chunks of their own, so that the client sees them apart. */
async function write(response: ServerResponse, parts: readonly Buffer[], chunkBytes: number | undefined) {
  for (const part of parts) {
    const step = chunkBytes ?? part.length
    for (let at = 0; at < part.length && !response.destroyed; at += step) {
      await writeOne(response, part.subarray(at, at + step))
    }
  }
}

const writeOne = (response: ServerResponse, bytes: Buffer) =>
  new Promise<void>((resolve) => response.write(bytes, () => resolve()))

async function sendCut(response: ServerResponse, reply: Reply) {
  const body = Buffer.concat(reply.body)
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length })
  await writeOne(response, body.subarray(0, insideRecord(body)))
  hangUp(response)
}

async function sendCutGzip(response: ServerResponse, reply: Reply) {
  const body = await gzip(Buffer.concat(reply.body), { level: 1 })
  response.writeHead(reply.status, { ...reply.headers, 'content-encoding': 'gzip' })
  response.end(body.subarray(0, Math.floor(body.length / 2)))
}

function truncated(reply: Reply): Reply {
  const body = Buffer.concat(reply.body)
  return { ...reply, body: [body.subarray(0, insideRecord(body))] }
}

/** A quote near the middle: it opens or closes a key or a string of a record. */
const insideRecord = (body: Buffer) => body.lastIndexOf('"', body.length / 2) + 1

async function sendDrops(response: ServerResponse, reply: Reply, forMs: number) {
  const body = Buffer.concat(reply.body)
  const until = performance.now() + forMs
  let at = 0
  response.writeHead(reply.status, reply.headers)
  while (!response.destroyed && performance.now() < until) {
    const drop = body.subarray(at, Math.min(at + dripBytes, body.length - 1))
    await writeOne(response, drop.length > 0 ? drop : Buffer.from(' '))
    at += drop.length
    await pause(dripMs)
  }
  response.end(body.subarray(at))
}

/** White space before the last bracket. */
async function sendPadded(response: ServerResponse, reply: Reply, bytes: number) {
  const body = Buffer.concat(reply.body)
  const block = Buffer.alloc(65_536, ' ')
  let left = Math.max(0, bytes - body.length)
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length + left })
  await writeOne(response, body.subarray(0, -1))
  while (left > 0 && !response.destroyed) {
    const padding = block.subarray(0, left)
    await writeOne(response, padding)
    left -= padding.length
  }
  response.end(body.subarray(-1))
}

const lengthOf = ({ body }: Reply) => body.reduce((sum, part) => sum + part.length, 0)

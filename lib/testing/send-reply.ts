// Sends an answer: whole, compressed or in pieces; with a fault, late, incomplete or not at all.
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip as gzipWithCallback } from 'node:zlib'
import type { ResolvedFault } from './faults.js'
import type { Reply } from './reply-factory.js'

/** How to send an answer. */
export interface SendOptions {
  readonly gzip: boolean
  readonly chunkBytes: number | undefined
  readonly fault: ResolvedFault | undefined
}

const gzip = promisify(gzipWithCallback)
const minGzipBytes = 23
const dripBytes = 16
const dripMs = 5

/** Sends an answer, with its fault if it has one. */
export async function sendReply(response: ServerResponse, reply: Reply, options: SendOptions): Promise<void> {
  const { fault } = options
  switch (fault?.kind) {
    case 'drop':
      closeConnection(response)
      return
    case 'cut':
      return sendCut(response, reply)
    case 'truncate':
      return sendWhole(response, truncateReply(reply), { ...options, gzip: false })
    case 'cutGzip':
      return options.gzip ? sendCutGzip(response, reply) : sendWhole(response, truncateReply(reply), options)
    case 'drip':
      return sendDripping(response, reply, fault.ms ?? Infinity)
    case 'huge':
      return sendPadded(response, reply, fault.bytes)
    case 'delay':
      await pause(fault.ms ?? 1000)
  }
  return sendWhole(response, reply, options)
}

/** Closes the connection. */
export function closeConnection(response: ServerResponse): void {
  response.destroy()
}

/** Waits without keeping the process alive. */
export async function pause(ms: number): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { ref: false })
}

async function sendWhole(response: ServerResponse, reply: Reply, { gzip: compress, chunkBytes }: SendOptions) {
  const length = getLength(reply)
  if (compress && length >= minGzipBytes && reply.headers['content-type']?.startsWith('application/json')) {
    response.writeHead(reply.status, { ...reply.headers, 'content-encoding': 'gzip' })
    await writePieces(response, [await gzip(Buffer.concat(reply.body), { level: 1 })], chunkBytes)
  } else {
    response.writeHead(reply.status, { ...reply.headers, ...(chunkBytes ? {} : { 'content-length': length }) })
    await writePieces(response, reply.body, chunkBytes)
  }
  response.end()
}

/** Writes each piece as its own HTTP chunk, so that the client gets the pieces separately. */
async function writePieces(response: ServerResponse, pieces: readonly Buffer[], chunkBytes: number | undefined) {
  for (const piece of pieces) {
    const step = chunkBytes ?? piece.length
    for (let at = 0; at < piece.length && !response.destroyed; at += step) {
      await writeBytes(response, piece.subarray(at, at + step))
    }
  }
}

const writeBytes = (response: ServerResponse, bytes: Buffer) =>
  new Promise<void>((resolve) => response.write(bytes, () => resolve()))

async function sendCut(response: ServerResponse, reply: Reply) {
  const body = Buffer.concat(reply.body)
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length })
  await writeBytes(response, body.subarray(0, findOffsetInRecord(body)))
  closeConnection(response)
}

async function sendCutGzip(response: ServerResponse, reply: Reply) {
  const body = await gzip(Buffer.concat(reply.body), { level: 1 })
  response.writeHead(reply.status, { ...reply.headers, 'content-encoding': 'gzip' })
  response.end(body.subarray(0, Math.floor(body.length / 2)))
}

function truncateReply(reply: Reply): Reply {
  const body = Buffer.concat(reply.body)
  return { ...reply, body: [body.subarray(0, findOffsetInRecord(body))] }
}

/** Returns the position after a quote near the middle, which is inside a record. */
const findOffsetInRecord = (body: Buffer) => body.lastIndexOf('"', body.length / 2) + 1

async function sendDripping(response: ServerResponse, reply: Reply, durationMs: number) {
  const body = Buffer.concat(reply.body)
  const endsAtMs = performance.now() + durationMs
  let at = 0
  response.writeHead(reply.status, reply.headers)
  while (!response.destroyed && performance.now() < endsAtMs) {
    const piece = body.subarray(at, Math.min(at + dripBytes, body.length - 1))
    await writeBytes(response, piece.length > 0 ? piece : Buffer.from(' '))
    at += piece.length
    await pause(dripMs)
  }
  response.end(body.subarray(at))
}

/** Sends the body with white space before its last bracket. */
async function sendPadded(response: ServerResponse, reply: Reply, bytes: number) {
  const body = Buffer.concat(reply.body)
  const block = Buffer.alloc(65_536, ' ')
  let left = Math.max(0, bytes - body.length)
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length + left })
  await writeBytes(response, body.subarray(0, -1))
  while (left > 0 && !response.destroyed) {
    const padding = block.subarray(0, left)
    await writeBytes(response, padding)
    left -= padding.length
  }
  response.end(body.subarray(-1))
}

const getLength = ({ body }: Reply) => body.reduce((sum, chunk) => sum + chunk.length, 0)

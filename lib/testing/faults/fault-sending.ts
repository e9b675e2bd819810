// Faults of sending: the cursor has moved, and the reply is not sent as it should be.
import type { ServerResponse } from 'node:http'
import type { FaultOf, faultsOfSending } from './faults.js'
import type { Reply } from '../server/reply-factory.js'
import { compress, pause, sendReply, writeBytes, type SendOptions } from '../server/send-reply.js'

const dripBytes = 16
const dripMs = 5

export function sendWithFault(
  fault: FaultOf<typeof faultsOfSending>,
  response: ServerResponse,
  reply: Reply,
  options: SendOptions,
): Promise<void> {
  switch (fault.kind) {
    case 'drop':
      response.destroy()
      return Promise.resolve()
    case 'cut':
      return sendCut(response, reply)
    case 'truncate':
      return sendReply(response, truncateReply(reply), { ...options, gzip: false })
    case 'cutGzip':
      return options.gzip ? sendCutGzip(response, reply) : sendReply(response, truncateReply(reply), options)
    case 'drip':
      return sendDripping(response, reply, fault.ms ?? Infinity)
    case 'huge':
      return sendPadded(response, reply, fault.bytes)
    case 'delay':
      return pause(fault.ms ?? 1000).then(() => sendReply(response, reply, options))
  }
}

async function sendCut(response: ServerResponse, reply: Reply) {
  const body = Buffer.concat(reply.body)
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length })
  await writeBytes(response, body.subarray(0, findOffsetInRecord(body)))
  response.destroy()
}

async function sendCutGzip(response: ServerResponse, reply: Reply) {
  const body = await compress(reply)
  response.writeHead(reply.status, { ...reply.headers, 'content-encoding': 'gzip' })
  response.end(body.subarray(0, Math.floor(body.length / 2)))
}

function truncateReply(reply: Reply): Reply {
  const body = Buffer.concat(reply.body)
  return { ...reply, body: [body.subarray(0, findOffsetInRecord(body))] }
}

/** Returns a position inside a record: after a quote near the middle. */
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

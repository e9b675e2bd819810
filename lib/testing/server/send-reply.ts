import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip as gzipWithCallback } from 'node:zlib'
import type { Reply } from './reply-factory.js'

export interface SendOptions {
  readonly gzip: boolean
  readonly chunkBytes: number | undefined
}

const gzipAsync = promisify(gzipWithCallback)

/** Gzip makes a smaller body larger. Source: `BREAK_EVEN_GZIP_SIZE` in the GzipHandler of Jetty. */
const MIN_GZIP_BYTES = 23

export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  { gzip, chunkBytes }: SendOptions,
): Promise<void> {
  const length = getLength(reply)
  if (gzip && length >= MIN_GZIP_BYTES && reply.headers['content-type']?.startsWith('application/json')) {
    response.writeHead(reply.status, { ...reply.headers, 'content-encoding': 'gzip' })
    await writePieces(response, [await compress(reply)], chunkBytes)
  } else {
    response.writeHead(reply.status, { ...reply.headers, ...(chunkBytes ? {} : { 'content-length': length }) })
    await writePieces(response, reply.body, chunkBytes)
  }
  response.end()
}

/** Waits without keeping the process alive. */
export async function pause(ms: number): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { ref: false })
}

/** Writes one piece after another. With `chunkBytes`, each is cut into HTTP chunks of at most that size. */
async function writePieces(response: ServerResponse, pieces: readonly Buffer[], chunkBytes: number | undefined) {
  for (const piece of pieces) {
    const step = chunkBytes ?? piece.length
    for (let at = 0; at < piece.length && !response.destroyed; at += step) {
      await writeBytes(response, piece.subarray(at, at + step))
    }
  }
}

export const writeBytes = (response: ServerResponse, bytes: Buffer) =>
  new Promise<void>((resolve) => response.write(bytes, () => resolve()))

export const compress = (reply: Reply) => gzipAsync(Buffer.concat(reply.body), { level: 1 })

const getLength = ({ body }: Reply) => body.reduce((sum, chunk) => sum + chunk.length, 0)

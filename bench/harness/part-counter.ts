// A store that keeps nothing: node part-counter.js. It prints its address, takes uploads in parts, and counts and hashes what it gets. It
// runs in a process of its own, so that its work is not measured. GET /figures returns the figures of the last object.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The figures of the last complete object. */
export interface CountedObject {
  readonly bytes: number
  readonly parts: number
  /** The SHA-256 of the SHA-256 of each part, in the order of their numbers. */
  readonly hash: string
}

let parts = new Map<number, { readonly bytes: number; readonly hash: Buffer }>()
let last: CountedObject = { bytes: 0, parts: 0, hash: '' }

async function readPart(request: IncomingMessage): Promise<{ bytes: number; hash: Buffer }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of request) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { bytes, hash: hash.digest() }
}

const xml = (name: string, content: string) => `<?xml version="1.0"?><${name}>${content}</${name}>`

/** Counts and hashes the parts, and returns the answer. The hash depends only on the bytes and on the size of the parts. */
function complete(): string {
  const hash = createHash('sha256')
  const sorted = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part)
  for (const part of sorted) hash.update(part.hash)
  last = { bytes: sorted.reduce((sum, { bytes }) => sum + bytes, 0), parts: sorted.length, hash: hash.digest('hex') }
  return xml('CompleteMultipartUploadResult', '<ETag>"x"</ETag>')
}

async function answer(request: IncomingMessage): Promise<string> {
  const { searchParams: query, pathname } = new URL(request.url!, 'http://localhost')
  if (pathname === '/figures') return JSON.stringify(last)
  const number = query.get('partNumber')
  const part = await readPart(request)
  if (number !== null) parts.set(Number(number), part)
  if (request.method === 'POST' && query.has('uploads')) {
    parts = new Map()
    return xml('InitiateMultipartUploadResult', '<UploadId>1</UploadId>')
  }
  return request.method === 'POST' ? complete() : xml('ListMultipartUploadsResult', '')
}

const server = createServer((request, response) => {
  void answer(request).then((text) => response.writeHead(200, { etag: '"x"' }).end(text))
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.stdin.on('end', () => process.exit()).resume()

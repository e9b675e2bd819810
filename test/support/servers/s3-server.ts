// A server that speaks the part of S3 that the package uses, over HTTP: it checks signatures, regions and hashes, and keeps its objects
// in memory. Its answers follow the S3 API Reference; `npm run proof:stores` compares them with those of a real store.
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { crc32 } from 'node:zlib'

export interface StoredObject {
  readonly bytes: Buffer
  readonly etag: string
  readonly headers: Readonly<Record<string, string>>
  readonly date?: Date
}

interface StoredUpload {
  readonly key: string
  readonly bucket: string
  readonly headers: Readonly<Record<string, string>>
  readonly parts: Map<number, { readonly bytes: Buffer; readonly etag: string; readonly date: Date }>
  readonly initiated: Date
}

/** One request, as a test sees it. */
export interface S3Request {
  /** The name of the operation in S3's words: `PutObject`, `UploadPart`. */
  readonly operation: string
  readonly bucket: string
  readonly key: string
  readonly headers: IncomingMessage['headers']
  readonly query: URLSearchParams
}

/**
 * An error of S3, or the page of a proxy. `cut` closes the connection before the request is carried out, `lose` afterwards; `hold` never
 * answers; `blank` carries the request out and answers without an ETag.
 */
export type S3Fault =
  | readonly [status: number, code: string]
  | { readonly status: number; readonly page: string }
  | 'cut'
  | 'lose'
  | 'hold'
  | 'blank'

export interface S3Server {
  readonly endpoint: string
  /** Buckets, and their objects by key. */
  readonly buckets: Map<string, Map<string, StoredObject>>
  readonly uploads: Map<string, StoredUpload>
  readonly requests: S3Request[]
  /** Decides about each request; `undefined` is a request without a fault. May wait. */
  onRequest: (request: S3Request) => S3Fault | undefined | Promise<S3Fault | undefined>
  /** Reads an object as text, or undefined. */
  read(address: string): string | undefined
  /** The environment of a command that uses this server. */
  readonly env: NodeJS.ProcessEnv
  /** The clock of the server: the dates of its answers, uploads, parts and objects. */
  now: () => Date
  close(): Promise<void>
}

export const ACCESS_KEY = 'AKIATESTTESTTEST'
export const SECRET_KEY = 'the-secret-of-the-tests-0123456789'
export const REGION = 'us-east-1'

/** Starts a server with the bucket `lake`. */
export async function startS3(): Promise<S3Server> {
  const sockets = new Set<Socket>()
  const http = createServer((request, response) => {
    handle(server, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  http.on('connection', (socket) => sockets.add(socket.once('close', () => sockets.delete(socket))))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const endpoint = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const server: S3Server = {
    endpoint,
    buckets: new Map([['lake', new Map<string, StoredObject>()]]),
    uploads: new Map(),
    requests: [],
    onRequest: () => undefined,
    now: () => new Date(),
    read: (address) => {
      const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/(.*)$/s.exec(address) ?? []
      return server.buckets.get(bucket)?.get(key)?.bytes.toString()
    },
    env: {
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL_S3: endpoint,
      // no file in the home folder of the user is read
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    close: async () => {
      http.close()
      for (const socket of sockets) socket.destroy()
      if (http.listening) await once(http, 'close')
    },
  }
  return server
}

class S3Error extends Error {
  readonly status: number
  readonly code: string
  readonly extra: string

  constructor(status: number, code: string, message = code, extra = '') {
    super(message)
    this.status = status
    this.code = code
    this.extra = extra
  }
}

interface Call extends S3Request {
  readonly body: Buffer
}

async function handle(server: S3Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url!, server.endpoint)
  const [, bucket = '', ...segments] = url.pathname.split('/').map(decodeURIComponent)
  const key = segments.join('/')
  const query = url.searchParams
  const operation = nameOperation(request.method!, key, query)
  const seen: S3Request = { operation, bucket, key, headers: request.headers, query }
  server.requests.push(seen)
  const fault = await server.onRequest(seen)
  if (fault === 'cut') return void request.socket.destroy()
  if (fault === 'hold') return
  response.setHeader('date', server.now().toUTCString())
  if (typeof fault === 'object' && 'page' in fault)
    return void response.writeHead(fault.status, { 'content-type': 'text/html' }).end(fault.page)
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  try {
    if (Array.isArray(fault)) throw new S3Error(fault[0] as number, fault[1] as string)
    checkSignature(request, url, body, server.now())
    const answer = operations[operation]!(server, { ...seen, body })
    if (fault === 'lose') return void request.socket.destroy()
    if (fault === 'blank') return void response.writeHead(200).end()
    response.writeHead(answer.status ?? 200, answer.headers).end(request.method === 'HEAD' ? undefined : answer.body)
  } catch (error) {
    if (!(error instanceof S3Error)) throw error
    const { status, code, message, extra } = error
    const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message>${extra}</Error>`
    response.writeHead(status, { 'content-type': 'application/xml' }).end(request.method === 'HEAD' ? undefined : xml)
  }
}

function nameOperation(method: string, key: string, query: URLSearchParams): string {
  const has = (name: string) => query.has(name)
  if (key === '') return has('uploads') ? 'ListMultipartUploads' : 'ListObjectsV2'
  if (method === 'PUT') return has('partNumber') ? 'UploadPart' : 'PutObject'
  if (method === 'POST') return has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload'
  if (method === 'DELETE') return has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject'
  if (method === 'HEAD') return 'HeadObject'
  return has('uploadId') ? 'ListParts' : 'GetObject'
}

interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
}

const getObjects = ({ buckets }: S3Server, { bucket }: Call) => {
  const objects = buckets.get(bucket)
  if (!objects) throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist')
  return objects
}

const getUpload = (server: S3Server, call: Call) => {
  getObjects(server, call)
  const upload = server.uploads.get(call.query.get('uploadId')!)
  if (!upload || upload.key !== call.key) throw new S3Error(404, 'NoSuchUpload')
  return upload
}

const createEtag = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`

/** Returns the headers that the server keeps with an object. */
const pickHeaders = ({ headers }: Call) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) =>
      /^(content-type|x-amz-(meta-.*|server-side.*|storage-class|tagging))$/.test(name),
    ),
  ) as Record<string, string>

function checkCondition(existing: StoredObject | undefined, { headers }: Call): void {
  const isRefused =
    (headers['if-none-match'] === '*' && existing !== undefined) ||
    (headers['if-match'] !== undefined && headers['if-match'] !== existing?.etag)
  if (isRefused) throw new S3Error(412, 'PreconditionFailed')
}

const checkCrc = ({ headers, body }: Call) => {
  const given = headers['x-amz-checksum-crc32']
  if (given !== undefined && given !== toCrc32(body)) throw new S3Error(400, 'BadDigest')
}

const operations: Readonly<Record<string, (server: S3Server, call: Call) => Answer>> = {
  PutObject: (server, call) => {
    const objects = getObjects(server, call)
    checkCondition(objects.get(call.key), call)
    checkCrc(call)
    const etag = createEtag(call.body)
    objects.set(call.key, { bytes: call.body, etag, headers: pickHeaders(call), date: server.now() })
    return { headers: { etag } }
  },
  GetObject: (server, call) => {
    const found = getObjects(server, call).get(call.key)
    if (!found) throw new S3Error(404, 'NoSuchKey')
    return { headers: { etag: found.etag, ...found.headers }, body: found.bytes }
  },
  // Source: S3 API Reference, HeadObject: the size of the object is the Content-Length
  HeadObject: (server, call) => {
    const answer = operations['GetObject']!(server, call)
    return { ...answer, headers: { ...answer.headers, 'content-length': String(answer.body!.length) } }
  },
  DeleteObject: (server, call) => {
    getObjects(server, call).delete(call.key)
    return { status: 204 }
  },
  ListObjectsV2: (server, call) => {
    const prefix = call.query.get('prefix') ?? ''
    const after = call.query.get('continuation-token') ?? ''
    const keys = [...getObjects(server, call).keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
    const page = keys.slice(0, PAGE_SIZE)
    const next = keys.length > PAGE_SIZE ? `<NextContinuationToken>${escape(page.at(-1)!)}</NextContinuationToken>` : ''
    const formatEntry = (key: string) => {
      const { date = new Date(0) } = getObjects(server, call).get(key)!
      return `<Contents><Key>${escape(key)}</Key><LastModified>${date.toISOString()}</LastModified></Contents>`
    }
    return xml('ListBucketResult', `<Name>${call.bucket}</Name>${page.map(formatEntry).join('')}${next}`)
  },
  CreateMultipartUpload: (server, call) => {
    getObjects(server, call)
    const id = createHash('md5').update(`${server.uploads.size} ${Math.random()}`).digest('hex')
    const { bucket, key } = call
    server.uploads.set(id, { bucket, key, headers: pickHeaders(call), parts: new Map(), initiated: server.now() })
    return xml('InitiateMultipartUploadResult', `<UploadId>${id}</UploadId>`)
  },
  UploadPart: (server, call) => {
    const { parts } = getUpload(server, call)
    checkCrc(call)
    const etag = createEtag(call.body)
    parts.set(Number(call.query.get('partNumber')), { bytes: call.body, etag, date: server.now() })
    return { headers: { etag, 'x-amz-checksum-crc32': toCrc32(call.body) } }
  },
  CompleteMultipartUpload: (server, call) => {
    const upload = getUpload(server, call)
    const objects = getObjects(server, call)
    checkCondition(objects.get(call.key), call)
    const listed = [...call.body.toString().matchAll(/<Part>.*?<\/Part>/gs)].map(([part]) => ({
      number: Number(/<PartNumber>(\d+)/.exec(part)![1]),
      etag: unescape(/<ETag>(.*?)<\/ETag>/.exec(part)![1]!),
    }))
    const pieces = listed.map(({ number, etag }, index) => {
      const part = upload.parts.get(number)
      if (!part || part.etag !== etag) throw new S3Error(400, 'InvalidPart')
      if (index < listed.length - 1 && part.bytes.length < MIN_PART_BYTES) throw new S3Error(400, 'EntityTooSmall')
      return part.bytes
    })
    const bytes = Buffer.concat(pieces)
    const etag = `${createEtag(bytes).slice(0, -1)}-${pieces.length}"`
    objects.set(call.key, { bytes, etag, headers: upload.headers, date: server.now() })
    server.uploads.delete(call.query.get('uploadId')!)
    return xml('CompleteMultipartUploadResult', `<ETag>${escape(etag)}</ETag>`)
  },
  AbortMultipartUpload: (server, call) => {
    getUpload(server, call)
    server.uploads.delete(call.query.get('uploadId')!)
    return { status: 204 }
  },
  ListMultipartUploads: (server, call) => {
    getObjects(server, call)
    const prefix = call.query.get('prefix') ?? ''
    const found = [...server.uploads].filter(([, { bucket, key }]) => bucket === call.bucket && key.startsWith(prefix))
    const entries = found.map(
      ([id, { key, initiated }]) =>
        `<Upload><Key>${escape(key)}</Key><UploadId>${id}</UploadId><Initiated>${initiated.toISOString()}</Initiated></Upload>`,
    )
    return xml('ListMultipartUploadsResult', `<Bucket>${call.bucket}</Bucket>${entries.join('')}`)
  },
  ListParts: (server, call) => {
    const marker = Number(call.query.get('part-number-marker') ?? 0)
    const parts = [...getUpload(server, call).parts].filter(([number]) => number > marker).sort(([a], [b]) => a - b)
    const page = parts.slice(0, PAGE_SIZE)
    const entries = page.map(
      ([number, { etag, date }]) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>${escape(etag)}</ETag><LastModified>${date.toISOString()}</LastModified></Part>`,
    )
    const isTruncated = parts.length > PAGE_SIZE
    const next = isTruncated ? `<NextPartNumberMarker>${page.at(-1)![0]}</NextPartNumberMarker>` : ''
    return xml(
      'ListPartsResult',
      `<UploadId>${call.query.get('uploadId')!}</UploadId>${entries.join('')}<IsTruncated>${isTruncated}</IsTruncated>${next}`,
    )
  },
}

/** The entries on a page of a list; few, so that tests get several pages. */
const PAGE_SIZE = 5
const MIN_PART_BYTES = 5 * 1024 ** 2

const xml = (name: string, content: string): Answer => ({
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0"?><${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${name}>`,
})
const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
const unescape = (text: string) => text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&')

/** Source: Signature Version 4, "Create a signed request". */
function checkSignature({ headers, method }: IncomingMessage, url: URL, body: Buffer, now: Date): void {
  const found = /Credential=([^/]+)\/(\d+)\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(
    headers.authorization ?? '',
  )
  if (!found) throw new S3Error(403, 'AccessDenied')
  const [, accessKey, day, region, signedHeaders, signature] = found as unknown as string[]
  if (accessKey !== ACCESS_KEY) throw new S3Error(403, 'InvalidAccessKeyId')
  if (region !== REGION)
    throw new S3Error(400, 'AuthorizationHeaderMalformed', 'wrong region', `<Region>${REGION}</Region>`)
  const date = headers['x-amz-date'] as string
  if (Math.abs(now.getTime() - parseDate(date)) > MAX_SKEW_MS) throw new S3Error(403, 'RequestTimeTooSkewed')
  const hash = headers['x-amz-content-sha256'] as string
  if (/^[\da-f]{64}$/.test(hash) && hash !== createHash('sha256').update(body).digest('hex'))
    throw new S3Error(400, 'XAmzContentSHA256Mismatch')
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort()
  const canonical = [
    method,
    url.pathname,
    query.join('&'),
    ...signedHeaders!.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    signedHeaders,
    hash,
  ].join('\n')
  const scope = `${day!}/${region}/s3/aws4_request`
  const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`
  const sign = (secret: string | Buffer, text: string) => createHmac('sha256', secret).update(text).digest()
  const signingKey = sign(sign(sign(sign(`AWS4${SECRET_KEY}`, day!), region), 's3'), 'aws4_request')
  if (sign(signingKey, toSign).toString('hex') !== signature) throw new S3Error(403, 'SignatureDoesNotMatch')
}

/** Source: S3 API Reference, "Error Responses", RequestTimeTooSkewed. */
const MAX_SKEW_MS = 15 * 60_000

/** Returns the time of `20261129T190340Z`. */
const parseDate = (text: string) =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'))

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)

function toCrc32(bytes: Buffer): string {
  const result = Buffer.alloc(4)
  result.writeUInt32BE(crc32(bytes))
  return result.toString('base64')
}

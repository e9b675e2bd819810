// Sends HTTP requests, each once. The transport limits time, redirects and size, because node-fetch has no timeout, forwards
// Authorization to other ports and loses the reason of an abort.
import { finished, Readable } from 'node:stream'
import { isUint8Array } from 'node:util/types'
import { freeMemory, fillsArrayBuffer } from '../shared/bytes/free-memory.js'
import { GrowingBuffer } from '../shared/bytes/growing-buffer.js'
import { Connections } from './connections.js'
import { BodyFailure } from './failure.js'
import {
  createConnectRefusal,
  createTimeoutFailure,
  describeProxy,
  findCompressionCode,
  isConnectError,
  SendFailure,
  toSendFailure,
} from './send-failure.js'
import { SendTracker } from './send-tracker.js'
import { runWithTimeLimit } from '../shared/abort.js'

/** A function with the signature of `fetch`, such as node-fetch, the fetch of undici and the global fetch. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchAnswer>

/** The second argument of a {@link FetchLike}. */
export interface FetchInit {
  /** `GET` or `POST`. */
  method: string
  /** Names in lower case. */
  headers: Record<string, string>
  /** The body of a POST. */
  body?: string
  /** The library follows redirects itself, within one origin only. */
  redirect: 'manual'
  /** Aborted when the time is over, or the caller aborts. */
  signal: AbortSignal
  /** A Node `http.Agent`; node-fetch uses it, the global fetch ignores it. */
  agent?: unknown
}

/** The part of a fetch answer that the library uses. */
export interface FetchAnswer {
  /** The HTTP status. */
  readonly status: number
  /** The headers. */
  readonly headers: {
    /** Returns a header, or null if it is missing. The case of its name does not matter. */
    get(name: string): string | null
  }
  /** A web or Node stream of bytes; without it the library calls `arrayBuffer`. */
  readonly body?: unknown
  /** Returns the whole body, decoded. */
  arrayBuffer(): Promise<ArrayBuffer>
}

export interface HttpRequest {
  readonly url: URL
  readonly method?: 'GET' | 'POST'
  readonly headers: Record<string, string>
  readonly body?: string
  readonly signal: AbortSignal
}

export interface HttpResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: Buffer
  /** ` through the proxy …`, or `''`. */
  readonly proxySuffix: string
}

export interface TransportOptions {
  readonly fetch: FetchLike | undefined
  readonly agent: unknown
  /** Milliseconds for one request and its whole answer, redirects included. */
  readonly timeoutMs: number
  /** The size limit in bytes for the body of a 2xx answer; every other body is cut at 64 KiB. */
  readonly maxBytes: number
}

const MAX_ERROR_BODY_BYTES = 64 * 1024
const MAX_REDIRECTS = 5
const MIN_BYTES_PER_FREE = 1024 * 1024
const MIN_BODY_CAPACITY_BYTES = 64 * 1024
/** The capacity for a body is the size of the previous one times this factor, so that a slightly longer body is not copied. */
const EXPECTED_SIZE_FACTOR = 1.1

/** A request and its tracker; after a redirect, the tracker of the last request. */
interface TrackedRequest {
  readonly request: HttpRequest
  sendTracker: SendTracker
}

/** Sends requests, one at a time. */
export class Transport {
  readonly #options: TransportOptions
  readonly #fetch: FetchLike
  readonly #connections = new Connections()
  readonly #proxySuffix: string
  #shouldCloseConnections = false
  /** The size of the previous body of a 2xx answer, because the next one often has about the same size. */
  #expectedBodyBytes = 0

  constructor(options: TransportOptions) {
    this.#options = options
    this.#fetch = options.fetch ?? fetchWithNodeFetch
    this.#proxySuffix = describeProxy(options.agent)
  }

  get timeoutMs(): number {
    return this.#options.timeoutMs
  }

  /**
   * Follows redirects. Rejects with a {@link SendFailure} if there is no complete answer, with a BodyFailure if the
   * body cannot be decompressed, or with the reason of the signal.
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { timeoutMs: ms } = this.#options
    const tracked = { request, sendTracker: new SendTracker() }
    // after the abort Node.js writes nothing more, so a request that was not sent by then is never sent
    const createTimeoutError = () => createTimeoutFailure(ms, tracked.sendTracker.isUnsent, this.#proxySuffix)
    return runWithTimeLimit(request.signal, { ms, createTimeoutError }, (signal) =>
      this.#followRedirects(tracked, signal),
    )
      .catch((error: unknown) => {
        request.signal.throwIfAborted()
        if (error instanceof BodyFailure) throw error
        const failure = error instanceof SendFailure ? error : toSendFailure(error, false, this.#proxySuffix)
        throw Object.assign(failure, { isThroughProxy: this.#proxySuffix !== '' })
      })
      .finally(() => this.#connections.markIdle())
  }

  close(): void {
    this.#connections.close()
  }

  async #followRedirects(tracked: TrackedRequest, signal: AbortSignal): Promise<HttpResponse> {
    for (let redirects = 0, { url } = tracked.request; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await this.#fetchOnce(tracked, url, signal)
      const { status, headers } = response
      const location = status >= 300 && status < 400 ? headers.get('location') : null
      if (location === null)
        return { status, headers, body: await this.#readBody(response), proxySuffix: this.#proxySuffix }
      discardBody(response)
      url = resolveRedirect(url, location)
    }
    throw new SendFailure('redirect', `more than ${MAX_REDIRECTS} redirects`)
  }

  async #fetchOnce(tracked: TrackedRequest, url: URL, signal: AbortSignal): Promise<FetchAnswer> {
    const sendTracker = (tracked.sendTracker = new SendTracker())
    try {
      const response = await this.#fetch(url.href, this.#buildInit(tracked, url, signal))
      const { proxyRefusalStatus: status } = sendTracker
      if (status === undefined) return response
      discardBody(response)
      throw createConnectRefusal({ status, retryAfter: response.headers.get('retry-after') }, this.#proxySuffix)
    } catch (error) {
      if (error instanceof SendFailure) throw error
      const isUnsent = sendTracker.isUnsent ?? isConnectError(error)
      if (!isUnsent && sendTracker.isReused === true && !signal.aborted) this.#useNewConnections()
      throw toSendFailure(error, isUnsent, this.#proxySuffix, sendTracker.isTunnelOpen)
    }
  }

  /** The tracker observes the agent for node-fetch only, because a fetch function of the caller may send a request without the agent. */
  #buildInit({ request, sendTracker }: TrackedRequest, url: URL, signal: AbortSignal): FetchInit {
    const { method = 'GET', body } = request
    const given = this.#options.agent ?? this.#connections.getNextAgent(url.protocol as 'http:' | 'https:')
    const agent = this.#options.fetch ? given : sendTracker.observeAgent(given)
    const headers = this.#shouldCloseConnections ? { ...request.headers, connection: 'close' } : request.headers
    return { method, headers, redirect: 'manual', signal, agent, ...(body === undefined ? {} : { body }) }
  }

  /**
   * Opens a new connection for each request of node-fetch from now on, even if the caller gave an agent. This is called when a
   * reused connection broke without an answer, because the server then most likely closes connections without notice. A fetch
   * function of the caller is called as before: with the header `connection: close`, undici (Node 20) accepts a body that was
   * cut by a reset.
   */
  #useNewConnections(): void {
    this.#shouldCloseConnections = true
    this.#connections.close()
  }

  async #readBody(response: FetchAnswer): Promise<Buffer> {
    const isError = response.status < 200 || response.status >= 300
    const { maxBytes } = this.#options
    const expectedBytes = isError ? 0 : this.#expectedBodyBytes * EXPECTED_SIZE_FACTOR
    // chunks are copied, because a list of them would need the memory of the body twice
    const body = new GrowingBuffer(Math.max(MIN_BODY_CAPACITY_BYTES, Math.ceil(expectedBytes)))
    const copiedChunks = new CopiedChunks()
    await readChunks(response, (chunk) => {
      // a fetch function of the caller may give chunks of any type
      if (!isUint8Array(chunk)) throw new TypeError('expected chunks of the body to be a Uint8Array')
      body.append(chunk)
      // a fetch function of the caller may still use the chunk
      if (!this.#options.fetch) copiedChunks.add(chunk)
      if (!isError && body.length > maxBytes) throw new SendFailure('size', `the body is larger than ${maxBytes} bytes`)
      return !isError || body.length <= MAX_ERROR_BODY_BYTES
    }).catch((error: unknown) => {
      const code = findCompressionCode(error)
      if (code === undefined) throw error
      if (response.status === 200) throw new BodyFailure(`the body cannot be decompressed (${code})`, true, error)
      // the status of any other answer says more than its body
    })
    copiedChunks.free()
    checkContentLength(response, body.length, isError)
    if (isError) return body.content.subarray(0, MAX_ERROR_BODY_BYTES)
    this.#expectedBodyBytes = body.length
    return body.content
  }
}

/** Chunks of a body that were copied. Many are freed at once, because one call of `freeMemory` takes as long as copying one chunk. */
class CopiedChunks {
  #chunks: Uint8Array[] = []
  #bytes = 0

  add(chunk: Uint8Array): void {
    if (!fillsArrayBuffer(chunk)) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.byteLength
    if (this.#bytes >= MIN_BYTES_PER_FREE) this.free()
  }

  free(): void {
    freeMemory(this.#chunks)
    this.#chunks = []
    this.#bytes = 0
  }
}

const fetchWithNodeFetch: FetchLike = async (url, init) => {
  const { default: nodeFetch } = await import('node-fetch')
  return (nodeFetch as unknown as FetchLike)(url, init)
}

function resolveRedirect(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  // the origin of a blob: URL is the origin of the URL in it
  if (to?.origin === from.origin && to.protocol === from.protocol) return to
  throw new SendFailure(
    'redirect',
    to
      ? `refused a redirect to another origin, ${to.protocol}//${to.host}`
      : 'refused a redirect whose location is not a URL',
  )
}

const isAsyncIterable = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body

type OnChunk = (chunk: Uint8Array) => boolean

/** Reads the body until it ends or `onChunk` returns false. Rejects if the body breaks or `onChunk` throws. */
async function readChunks(response: FetchAnswer, onChunk: OnChunk): Promise<void> {
  const { body } = response
  if (body instanceof Readable) return readStream(body, onChunk)
  const chunks = isAsyncIterable(body) ? body : [new Uint8Array(await response.arrayBuffer())]
  for await (const chunk of chunks) if (!onChunk(chunk)) return
}

/** Uses events, because `for await` makes several promises for each chunk. */
function readStream(stream: Readable, onChunk: OnChunk): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Uint8Array) => {
      try {
        if (onChunk(chunk)) return
        resolve()
        stream.destroy()
      } catch (error) {
        stream.destroy(error as Error)
      }
    })
    finished(stream, { writable: false }, (error) => (error ? reject(error) : resolve()))
  })
}

function discardBody({ body }: FetchAnswer): void {
  if (body instanceof ReadableStream) body.cancel().catch(() => undefined)
  else if (typeof body === 'object' && body !== null && 'destroy' in body) (body as { destroy(): void }).destroy()
}

/** Throws if a body has another size than announced; not for an error, nor for an encoded body, whose encoded bytes are announced. */
function checkContentLength(response: FetchAnswer, bytes: number, isError: boolean): void {
  const announced = response.headers.get('content-length')
  if (isError || announced === null || response.headers.get('content-encoding') !== null) return
  // the message has no count, because Node.js drops a body if more bytes follow it
  if (Number(announced) !== bytes)
    throw new SendFailure('cut', `the answer does not have the ${announced} bytes that content-length announces`)
}

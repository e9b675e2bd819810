// One HTTP request, sent once. node-fetch has no timeout, forwards Authorization to other ports and loses the reason of an
// abort, so this file limits time, redirects and size. The only file that imports node-fetch.
import nodeFetch from 'node-fetch'
import { BodyBuffer } from './body-buffer.js'
import { Connections } from './connections.js'
import { isConnectError, SendFailure, toSendFailure, describeProxy, createTimeoutFailure } from './send-failure.js'
import { SendTracker } from './send-tracker.js'
import { runWithTimeLimit } from './abortable.js'

/** A function with the shape of `fetch`; node-fetch, undici's and the global one all are. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchAnswer>

/** The second argument of a {@link FetchLike}. */
export interface FetchInit {
  /** GET, or POST for a token. */
  method: string
  /** Names in lower case. */
  headers: Record<string, string>
  /** The body of a POST. */
  body?: string
  /** Redirects are followed by the library, on one origin only. */
  redirect: 'manual'
  /** Aborted when the library no longer waits for the answer. */
  signal: AbortSignal
  /** A Node `http.Agent`; node-fetch uses it, others ignore it. */
  agent?: unknown
}

/** The part of a fetch answer that the library uses. */
export interface FetchAnswer {
  /** The HTTP status. */
  readonly status: number
  /** The headers, by name in any case. */
  readonly headers: {
    /** The header of that name, or null. */
    get(name: string): string | null
  }
  /** A stream of bytes, web or Node; without one `arrayBuffer` is asked. */
  readonly body?: unknown
  /** All of the body, decoded. */
  arrayBuffer(): Promise<ArrayBuffer>
}

/** One request. */
export interface HttpRequest {
  readonly url: URL
  readonly method?: 'GET' | 'POST'
  readonly headers: Record<string, string>
  readonly body?: string
  readonly signal: AbortSignal
}

/** A whole answer, its body decoded and in memory. */
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
  /** Milliseconds for one request and its body, redirects included. */
  readonly timeoutMs: number
  /** Bytes a successful body may have; that of an error is cut at 64 KiB. */
  readonly maxBytes: number
}

const ERROR_BODY_BYTES = 64 * 1024
const MAX_REDIRECTS = 5

/** A request and how far it got; after a redirect, how far the last one got. */
interface Attempt {
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
  /** Bytes of the last body: the next is often about as long. */
  #expectedBodyBytes = 0

  constructor(options: TransportOptions) {
    this.#options = options
    this.#fetch = options.fetch ?? (nodeFetch as unknown as FetchLike)
    this.#proxySuffix = describeProxy(options.agent)
  }

  /** Milliseconds for one request. */
  get timeoutMs(): number {
    return this.#options.timeoutMs
  }

  /** Sends one request; rejects with a {@link SendFailure} when there is no whole answer, or with what it was aborted for. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { timeoutMs: ms } = this.#options
    const attempt = { request, sendTracker: new SendTracker() }
    // the abort destroys the request in the same tick, so what was not written by then never is
    const createTimeoutError = () => createTimeoutFailure(ms, attempt.sendTracker.isUnsent, this.#proxySuffix)
    return runWithTimeLimit(request.signal, { ms, createTimeoutError }, (signal) =>
      this.#followRedirects(attempt, signal),
    )
      .catch((error: unknown) => {
        request.signal.throwIfAborted()
        throw error instanceof SendFailure ? error : toSendFailure(error, false, this.#proxySuffix)
      })
      .finally(() => this.#connections.markIdle())
  }

  /** Closes idle connections, so that nothing keeps the process. */
  close(): void {
    this.#connections.close()
  }

  async #followRedirects(attempt: Attempt, signal: AbortSignal): Promise<HttpResponse> {
    for (let hops = 0, { url } = attempt.request; hops <= MAX_REDIRECTS; hops++) {
      const response = await this.#fetchHead(attempt, url, signal)
      const { status, headers } = response
      const location = status >= 300 && status < 400 ? headers.get('location') : null
      if (location === null)
        return { status, headers, body: await this.#readBody(response), proxySuffix: this.#proxySuffix }
      discardBody(response)
      url = resolveRedirect(url, location)
    }
    throw new SendFailure('redirect', `more than ${MAX_REDIRECTS} redirects`)
  }

  /** The head of the answer. */
  async #fetchHead(attempt: Attempt, url: URL, signal: AbortSignal): Promise<FetchAnswer> {
    const sendTracker = (attempt.sendTracker = new SendTracker())
    try {
      return await this.#fetch(url.href, this.#buildInit(attempt, url, signal))
    } catch (error) {
      const isUnsent = sendTracker.isUnsent ?? isConnectError(error)
      if (!isUnsent && sendTracker.isReused === true && !signal.aborted) this.#useNewConnections()
      throw toSendFailure(error, isUnsent, this.#proxySuffix)
    }
  }

  /** A foreign fetch function may send a request in several ways, so what it does with the agent proves nothing. */
  #buildInit({ request, sendTracker }: Attempt, url: URL, signal: AbortSignal): FetchInit {
    const { method = 'GET', body } = request
    const given = this.#options.agent ?? this.#connections.getNextAgent(url.protocol as 'http:' | 'https:')
    const agent = this.#options.fetch ? given : sendTracker.observeAgent(given)
    const headers = this.#shouldCloseConnections ? { ...request.headers, connection: 'close' } : request.headers
    return { method, headers, redirect: 'manual', signal, agent, ...(body === undefined ? {} : { body }) }
  }

  /**
   * A connection that was used before broke before its next answer: most likely the server closes connections without
   * notice. From now on each request has a connection of its own, also with the caller's agent. A foreign fetch function
   * gets no such header: after `connection: close`, undici takes a body that was cut by a reset for a whole one (Node 20).
   */
  #useNewConnections(): void {
    this.#shouldCloseConnections = true
    this.#connections.close()
  }

  async #readBody(response: FetchAnswer): Promise<Buffer> {
    const isError = response.status < 200 || response.status >= 300
    const { maxBytes } = this.#options
    const body = new BodyBuffer(isError ? 0 : this.#expectedBodyBytes)
    for await (const chunk of await readChunks(response)) {
      body.append(chunk)
      if (isError && body.length > ERROR_BODY_BYTES) break
      if (!isError && body.length > maxBytes) throw new SendFailure('size', `the body is larger than ${maxBytes} bytes`)
    }
    checkContentLength(response, body.length, isError)
    if (isError) return body.content.subarray(0, ERROR_BODY_BYTES)
    this.#expectedBodyBytes = body.length
    return body.content
  }
}

function resolveRedirect(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  if (to?.origin === from.origin) return to
  throw new SendFailure('redirect', `refused a redirect to another origin, ${to?.origin ?? 'which is no URL'}`)
}

const isAsyncIterable = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body

async function readChunks(response: FetchAnswer): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>> {
  return isAsyncIterable(response.body) ? response.body : [new Uint8Array(await response.arrayBuffer())]
}

function discardBody({ body }: FetchAnswer): void {
  if (body instanceof ReadableStream) body.cancel().catch(() => undefined)
  else if (typeof body === 'object' && body !== null && 'destroy' in body) (body as { destroy(): void }).destroy()
}

/** A body shorter than announced was cut; with a content encoding the header counts other bytes. */
function checkContentLength(response: FetchAnswer, bytes: number, isError: boolean): void {
  const announced = response.headers.get('content-length')
  if (isError || announced === null || response.headers.get('content-encoding') !== null) return
  if (Number(announced) !== bytes) throw new SendFailure('cut', `expected a body of ${announced} bytes, got ${bytes}`)
}

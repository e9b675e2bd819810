// One HTTP request, sent once. node-fetch has no timeout, forwards Authorization to other ports and loses the reason of an
// abort, so time, redirects and size are ours. The doorkeeper of node-fetch.
import http from 'node:http'
import https from 'node:https'
import nodeFetch from 'node-fetch'
import { BodyBuffer } from './body-buffer.js'
import { SendFailure, sendFailureOf } from './send-failure.js'
import { unlessAborted } from './unless-aborted.js'

/** A function with the shape of `fetch`; node-fetch, undici's and the global one all are. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchAnswer>

/** What the library hands to a {@link FetchLike}. */
export interface FetchInit {
  /** GET, or POST for a token. */
  method: string
  /** Names in lower case. */
  headers: Record<string, string>
  /** What is posted. */
  body?: string
  /** Redirects are followed by the library, on one origin only. */
  redirect: 'manual'
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal
  /** A Node `http.Agent`; node-fetch uses it, others ignore it. */
  agent?: unknown
}

/** What the library needs of a fetch answer. */
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
export interface Outgoing {
  readonly url: URL
  readonly method?: 'GET' | 'POST'
  readonly headers: Record<string, string>
  readonly body?: string
  readonly signal: AbortSignal
}

/** A whole answer, its body decoded and in memory. */
export interface Answer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: Buffer
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
/** A server may close a connection that idled this long just as we use it, and then nobody knows whether it worked. */
const IDLE_MS = 3000

/** Sends requests, one at a time. */
export class Transport {
  readonly #options: TransportOptions
  readonly #fetch: FetchLike
  readonly #agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) }
  #idleSince = 0
  /** Bytes of the last body: the next is often about as long. */
  #room = 0

  constructor(options: TransportOptions) {
    this.#options = options
    this.#fetch = options.fetch ?? (nodeFetch as unknown as FetchLike)
  }

  /** Sends one request; rejects with a {@link SendFailure} when there is no whole answer, or with what it was aborted for. */
  async send(request: Outgoing): Promise<Answer> {
    if (Date.now() - this.#idleSince > IDLE_MS) this.close()
    const abort = new AbortController()
    const { timeoutMs } = this.#options
    const timedOut = () => abort.abort(new SendFailure('timeout', `no complete answer within ${timeoutMs} ms`))
    const timeout = setTimeout(timedOut, timeoutMs)
    // AbortSignal.any() would do, at several times the price, page by page
    const given = request.signal
    const forward = () => abort.abort(given.reason)
    given.addEventListener('abort', forward)
    if (given.aborted) forward()
    const { signal } = abort
    const answer = unlessAborted(this.#follow({ ...request, signal }), signal).catch((error: unknown) => {
      signal.throwIfAborted()
      throw error instanceof SendFailure ? error : sendFailureOf(error)
    })
    try {
      return await answer
    } finally {
      clearTimeout(timeout)
      given.removeEventListener('abort', forward)
      this.#idleSince = Date.now()
    }
  }

  /** Closes idle connections, so that nothing keeps the process. */
  close(): void {
    this.#agents['http:'].destroy()
    this.#agents['https:'].destroy()
  }

  async #follow(request: Outgoing): Promise<Answer> {
    for (let hops = 0, url = request.url; hops <= MAX_REDIRECTS; hops++) {
      const answer = await this.#fetch(url.href, this.#init(request, url))
      const { status, headers } = answer
      const location = status >= 300 && status < 400 ? headers.get('location') : null
      if (location === null) return { status, headers, body: await this.#read(answer).catch(cut) }
      discard(answer)
      url = redirected(url, location)
    }
    throw new SendFailure('redirect', `more than ${MAX_REDIRECTS} redirects`)
  }

  #init({ method = 'GET', headers, body, signal }: Outgoing, url: URL): FetchInit {
    const agent = this.#options.agent ?? this.#agents[url.protocol as 'http:' | 'https:']
    return { method, headers, redirect: 'manual', signal, agent, ...(body === undefined ? {} : { body }) }
  }

  async #read(answer: FetchAnswer): Promise<Buffer> {
    const isError = answer.status < 200 || answer.status >= 300
    const { maxBytes } = this.#options
    const body = new BodyBuffer(isError ? 0 : this.#room)
    for await (const chunk of await chunksOf(answer)) {
      body.append(chunk)
      if (isError && body.length > ERROR_BODY_BYTES) break
      if (!isError && body.length > maxBytes) throw new SendFailure('size', `the body is larger than ${maxBytes} bytes`)
    }
    checkLength(answer, body.length, isError)
    if (isError) return body.content.subarray(0, ERROR_BODY_BYTES)
    this.#room = body.length
    return body.content
  }
}

/** Once there is an answer the request has arrived, whatever breaks then. */
function cut(error: unknown): never {
  throw error instanceof SendFailure ? error : sendFailureOf(error, true)
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  if (to?.origin === from.origin) return to
  throw new SendFailure('redirect', `refused a redirect to another origin, ${to?.origin ?? 'which is no URL'}`)
}

const isIterable = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body

async function chunksOf(answer: FetchAnswer): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>> {
  return isIterable(answer.body) ? answer.body : [new Uint8Array(await answer.arrayBuffer())]
}

function discard({ body }: FetchAnswer): void {
  if (body instanceof ReadableStream) body.cancel().catch(() => undefined)
  else if (typeof body === 'object' && body !== null && 'destroy' in body) (body as { destroy(): void }).destroy()
}

/** A body shorter than announced was cut; with a content encoding the header counts other bytes. */
function checkLength(answer: FetchAnswer, bytes: number, isError: boolean): void {
  const announced = answer.headers.get('content-length')
  if (isError || announced === null || answer.headers.get('content-encoding') !== null) return
  if (Number(announced) !== bytes) throw new SendFailure('cut', `expected a body of ${announced} bytes, got ${bytes}`)
}

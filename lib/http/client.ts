// Sends one request with a token, and repeats it if that is safe.
import { classifyResponse, classifyRequestError, RequestFailure } from './failure.js'
import type { Redactor } from '../shared/secrets/redactor.js'
import { sendWithRetries, type RetryContext } from './retry.js'
import { resolveToken, type AccessToken } from './token/resolve-token.js'
import type { HttpResponse, Transport } from './transport.js'

export interface ClientOptions extends Required<Omit<RetryContext, 'startLimitMs'>> {
  readonly transport: Transport
  readonly accessToken: AccessToken
  readonly tokenIn: 'header' | 'query'
  readonly headers: Readonly<Record<string, string>>
  readonly redactor: Redactor
}

interface RequestWithToken {
  readonly url: URL
  /** JSON; a request with a body is a POST. */
  readonly body?: string
  lastToken?: string
}

const toPost = ({ headers }: { readonly headers: Record<string, string> }, body: string) => ({
  method: 'POST' as const,
  headers: { ...headers, 'content-type': 'application/json' },
  body,
})

export class Client {
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /**
   * GETs a URL and returns the parsed answer. Rejects with a {@link RequestFailure}; after an abort, with the reason of the signal or
   * an AbortError.
   * @param hasCursor true if the request moves a cursor; such a request is repeated only if the cursor cannot have moved
   * (docs/server.md 3.3)
   * @param parse parses the answer; if `parse` throws a BodyFailure, the request has failed
   */
  get<T>(url: URL, hasCursor: boolean, parse: (response: HttpResponse) => T): Promise<T> {
    return this.#send({ url }, hasCursor, parse)
  }

  /** POSTs JSON and returns the parsed answer. The request must change nothing on the server, because it may be repeated. */
  post<T>(url: URL, body: string, parse: (response: HttpResponse) => T): Promise<T> {
    return this.#send({ url, body }, false, parse)
  }

  #send<T>(request: RequestWithToken, hasCursor: boolean, parse: (response: HttpResponse) => T): Promise<T> {
    let hasRefreshed = false
    return sendWithRetries(this.#options, async () => {
      const outcome = await this.#sendOnce(request, hasCursor, false, parse)
      if (hasRefreshed || !(outcome instanceof RequestFailure) || outcome.category !== 'refresh') return outcome
      hasRefreshed = true
      return this.#sendOnce(request, hasCursor, true, parse)
    })
  }

  async #sendOnce<T>(
    request: RequestWithToken,
    hasCursor: boolean,
    refresh: boolean,
    parse: (response: HttpResponse) => T,
  ): Promise<{ value: T } | RequestFailure> {
    const { transport, accessToken, redactor, signal } = this.#options
    const { url, body } = request
    signal.throwIfAborted()
    try {
      const refused = refresh ? { refusedToken: request.lastToken } : {}
      const limitMs = transport.timeoutMs
      const token = await resolveToken(accessToken, { refresh, ...refused, signal }, { redactor, limitMs })
      request.lastToken = token
      const withToken = this.#addHeadersAndToken(url, token)
      const post = body === undefined ? {} : toPost(withToken, body)
      const response = await transport.send({ ...withToken, ...post, signal })
      if (response.status !== 200) return classifyResponse(response, hasCursor, typeof accessToken === 'string')
      return { value: parse(response) }
    } catch (error) {
      signal.throwIfAborted()
      return error instanceof RequestFailure ? error : classifyRequestError(error, hasCursor)
    }
  }

  /** Adds the token to the headers or to the query. Never to both, because versions since 3.8 refuse that (docs/server.md 2.1, 2.2). */
  #addHeadersAndToken(url: URL, token: string): { url: URL; headers: Record<string, string> } {
    const headers = { accept: 'application/json', 'accept-encoding': 'gzip', ...this.#options.headers }
    if (this.#options.tokenIn === 'header') return { url, headers: { ...headers, authorization: `Bearer ${token}` } }
    const withToken = new URL(url)
    withToken.searchParams.set('access_token', token)
    return { url: withToken, headers }
  }
}

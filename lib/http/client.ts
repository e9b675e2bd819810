// One request, politely: a token for it, a repeat where a repeat is safe, and what a failure means where it is not.
import { failureOfAnswer, failureOfSending, RequestFailure } from './failure.js'
import { delayBeforeRepeat, wait, type RetryPolicy } from './retry.js'
import type { Secrets } from './secrets.js'
import { tokenFor, type AccessToken } from './token.js'
import type { Answer, Transport } from './transport.js'

/** A request that will be tried again. */
export interface Retry {
  /** The try that failed, from 1. */
  readonly attempt: number
  /** Milliseconds until the next one. */
  readonly delay: number
  readonly failure: RequestFailure
}

export interface ClientOptions {
  readonly transport: Transport
  readonly accessToken: AccessToken
  readonly tokenIn: 'header' | 'query'
  readonly headers: Readonly<Record<string, string>>
  readonly retry: RetryPolicy
  readonly secrets: Secrets
  readonly signal: AbortSignal
  readonly onRetry: (retry: Retry) => void
}

/** Asks Optimize; rejects with a {@link RequestFailure}, or with what the signal was aborted for. */
export class Client {
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /**
   * GETs a URL.
   * @param hasCursor the request moves a cursor, so it is repeated only where it cannot have arrived
   * @param read makes sense of the answer; its BodyFailure counts as a failure of the request
   */
  async get<T>(url: URL, hasCursor: boolean, read: (answer: Answer) => T): Promise<T> {
    let outcome = await this.#once(url, hasCursor, false, read)
    for (let attempt = 1, refreshed = false; outcome instanceof RequestFailure;) {
      const refresh = outcome.meaning === 'refresh' && !refreshed
      if (refresh) refreshed = true
      else await this.#beforeRetry(outcome, attempt++)
      outcome = await this.#once(url, hasCursor, refresh, read)
    }
    return outcome.value
  }

  /** Waits until the request may be repeated; throws its failure where it may not. */
  async #beforeRetry(failure: RequestFailure, attempt: number): Promise<void> {
    const { retry, signal, onRetry } = this.#options
    failure.attempts = attempt
    const delay = delayBeforeRepeat(failure, attempt, retry)
    if (delay === undefined) throw failure
    onRetry({ attempt, delay, failure })
    await wait(delay, signal)
  }

  async #once<T>(
    url: URL,
    hasCursor: boolean,
    refresh: boolean,
    read: (answer: Answer) => T,
  ): Promise<{ value: T } | RequestFailure> {
    const { transport, accessToken, secrets, signal } = this.#options
    signal.throwIfAborted()
    try {
      const limits = { secrets, limitMs: transport.timeoutMs }
      const token = await tokenFor(accessToken, { refresh, signal }, limits)
      const answer = await transport.send({ ...this.#authorized(url, token), signal })
      if (answer.status !== 200) return failureOfAnswer(answer, hasCursor, typeof accessToken === 'string')
      return { value: read(answer) }
    } catch (error) {
      signal.throwIfAborted()
      return error instanceof RequestFailure ? error : failureOfSending(error, hasCursor)
    }
  }

  /** The token goes into the header, or for Optimize 3.7 into the query; never both, which newer versions refuse. */
  #authorized(url: URL, token: string): { url: URL; headers: Record<string, string> } {
    const headers = { accept: 'application/json', 'accept-encoding': 'gzip', ...this.#options.headers }
    if (this.#options.tokenIn === 'header') return { url, headers: { ...headers, authorization: `Bearer ${token}` } }
    const withToken = new URL(url)
    withToken.searchParams.set('access_token', token)
    return { url: withToken, headers }
  }
}

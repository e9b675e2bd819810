// The log of requests, so that a test can check the behaviour of its client.
import type { IncomingMessage } from 'node:http'
import type { FaultKind } from '../faults/faults.js'

/** One request as the server saw it. */
export interface LoggedRequest {
  /** The number of the request, from 1, counting all kinds. */
  readonly number: number
  /** The time of arrival, epoch ms. */
  readonly at: number
  /** The method as it was sent. */
  readonly method: string
  /** The path without the query, as it was sent. */
  readonly path: string
  /** The decoded query; for a repeated parameter, its last value. */
  readonly query: Readonly<Record<string, string>>
  /** The headers, with names in lower case; for a repeated header, its values joined. */
  readonly headers: Readonly<Record<string, string>>
  /** The endpoint; `'list'` is the list of reports of a collection. */
  readonly kind: 'export' | 'token' | 'list' | 'other'
  /** True if the request has a `searchRequestId`. */
  readonly carriesCursor: boolean
  /** The number of the search, from 1; absent until it is known. */
  readonly searchNumber?: number
  /** The number of the processed page in its search, from 1; absent if no page was processed. */
  readonly page?: number
  /** The fault of the request, if there was one. */
  readonly fault?: FaultKind
  /** The status of the reply; 0 while there is none. */
  readonly status: number
  /** True if the whole reply was written to the connection. */
  readonly finished: boolean
}

/** A {@link LoggedRequest} whose fields the server sets while it replies. */
export type MutableRequest = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] }

export function createLogEntry(
  request: IncomingMessage,
  query: URLSearchParams,
  rest: Pick<LoggedRequest, 'number' | 'kind' | 'path'>,
): MutableRequest {
  return {
    ...rest,
    at: Date.now(),
    method: request.method!,
    query: Object.fromEntries(query),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    carriesCursor: Boolean(query.get('searchRequestId')),
    status: 0,
    finished: false,
  }
}

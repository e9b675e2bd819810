// What was asked, so that a test can prove how its client behaved.
import type { IncomingMessage } from 'node:http'
import type { FaultKind } from './faults.js'

/** One request as the server saw it. */
export interface LoggedRequest {
  /** From 1, over all kinds. */
  readonly number: number
  /** When it arrived, epoch ms. */
  readonly at: number
  /** GET or POST, or what was sent. */
  readonly method: string
  /** The path without the query, as it was sent. */
  readonly path: string
  /** The query, decoded; of a repeated parameter the last. */
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case; of a repeated header the values joined. */
  readonly headers: Readonly<Record<string, string>>
  /** `'list'` is the list of a collection's reports. */
  readonly kind: 'export' | 'token' | 'list' | 'other'
  /** It has a `searchRequestId`. */
  readonly carriesCursor: boolean
  /** The number of its search, from 1, once known. */
  readonly searchNumber?: number
  /** The page of its search that was processed, from 1; absent when none was. */
  readonly page?: number
  /** What was made to go wrong. */
  readonly fault?: FaultKind
  /** The status that was answered, 0 while there is none. */
  readonly status: number
  /** The whole HTTP message was handed to the connection. */
  readonly finished: boolean
}

/** The log's own view: what is learnt while answering is filled in. */
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

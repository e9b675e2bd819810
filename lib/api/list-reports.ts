// listReports(): the report ids of a collection. Source: GET /api/public/report?collectionId= (PublicApiRestService).
import { Client } from '../http/client.js'
import { toExportError } from '../http/export-error.js'
import { BodyFailure, RequestFailure } from '../http/failure.js'
import { Redactor } from '../http/redactor.js'
import { Transport, type HttpResponse, type FetchLike } from '../http/transport.js'
import type { AccessToken } from '../http/token/resolve-token.js'
import { isJsonObject, parseJson } from '../shared/json.js'
import * as rule from '../shared/options.js'
import { accessToken, buildApiUrl, collectionId, serverUrl } from './source-options.js'

/** Options of {@link listReports}. */
export interface ListOptions {
  /** The address of Optimize, with its context path. */
  baseUrl: string | URL
  /** The token, or a function that returns it. */
  accessToken: AccessToken
  /** The collection whose reports are listed: its id, or its address in the browser, `…/#/collection/<id>/`. */
  collectionId: string
  /** A Node `http.Agent` or `https.Agent`. @default keep-alive agents */
  agent?: object | undefined
  /** A function with the signature of `fetch`. @default node-fetch */
  fetch?: FetchLike | undefined
  /** Aborts the listing; the iterator rejects with the reason of the signal. @default none */
  signal?: AbortSignal | undefined
}

type ResolvedOptions = rule.Resolved<ListOptions, 'agent' | 'fetch' | 'signal', { baseUrl: URL }>

const rules: rule.Rules<ResolvedOptions> = {
  baseUrl: serverUrl,
  accessToken,
  collectionId,
  agent: rule.maybe(rule.agent),
  fetch: rule.maybe(rule.callable<FetchLike>('a function')),
  signal: rule.maybe(rule.signal),
}

const LIST_TIMEOUT_MS = 120_000
const MAX_LIST_BYTES = 64 * 1024 * 1024
const LIST_RETRY_POLICY = { attempts: 5, minDelay: 500, maxDelay: 30_000 }

/**
 * Yields the ids of the reports in a collection, including combined reports, which cannot be exported. Yields nothing for an
 * unknown collection.
 *
 * @throws OptionError for a bad option, at the call; ExportError while iterating.
 * @example for await (const reportId of listReports({ baseUrl, accessToken, collectionId })) console.log(reportId)
 */
export function listReports(options: ListOptions): AsyncIterableIterator<string> {
  return fetchIds(rule.resolveOptions<ResolvedOptions>('listReports', options, rules))
}

async function* fetchIds(options: ResolvedOptions): AsyncGenerator<string, undefined> {
  const { baseUrl, agent, fetch, collectionId } = options
  const redactor = new Redactor()
  const transport = new Transport({ fetch, agent, timeoutMs: LIST_TIMEOUT_MS, maxBytes: MAX_LIST_BYTES })
  const signal = options.signal ?? new AbortController().signal
  const client = new Client({
    transport,
    accessToken: options.accessToken,
    tokenIn: 'header',
    headers: {},
    retry: LIST_RETRY_POLICY,
    redactor,
    signal,
    onRetry: () => undefined,
  })
  const url = buildApiUrl(baseUrl, 'report')
  url.searchParams.set('collectionId', collectionId)
  try {
    yield* await client.get(url, false, parseIds)
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error
    throw toExportError(error, `collection ${collectionId}`, redactor, error.status === 404 ? missingListContext : {})
  } finally {
    transport.close()
  }
}

/** A 404 means a wrong path, because the list of an unknown collection is empty. */
const missingListContext = {
  code: 'ERR_HTTP',
  message: 'there is no list of reports at this baseUrl, got status 404',
} as const

function parseIds({ body }: HttpResponse): string[] {
  const entries = parseBody(body)
  if (!Array.isArray(entries)) throw new BodyFailure('expected a list of reports', false)
  return entries.map((entry: unknown) => {
    const id = isJsonObject(entry) ? entry['id'] : undefined
    if (typeof id === 'string') return id
    throw new BodyFailure('expected a report with an id', false)
  })
}

function parseBody(body: Buffer): unknown {
  try {
    return parseJson(body)
  } catch (error) {
    throw new BodyFailure('the body is not valid JSON', true, error)
  }
}

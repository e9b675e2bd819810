// The reports of a collection (docs/server.md 8.1, 8.2).
import { Client } from '../http/client.js'
import { toExportError } from '../http/export-error.js'
import { BodyFailure, parseJsonBody, RequestFailure } from '../http/failure.js'
import { Redactor } from '../shared/secrets/redactor.js'
import { DEFAULT_RETRY_POLICY } from '../http/retry.js'
import { Transport, type HttpResponse, type FetchLike } from '../http/transport.js'
import type { AccessToken } from '../http/token/resolve-token.js'
import { isJsonObject } from '../shared/json/json.js'
import * as rule from '../shared/options.js'
import { accessTokenRule, buildApiUrl, collectionIdRule, headersRule, serverUrlRule } from './export-options.js'

/** Options of {@link listReports} and {@link listNamedReports}. */
export interface ListOptions {
  /** The address of Optimize, with its context path. */
  baseUrl: string | URL
  /** The token, or a function that returns it. */
  accessToken: AccessToken
  /** The collection whose reports are listed: its id, or its address in the browser, `…/#/collection/<id>/`. */
  collectionId: string
  /** Headers to send with every request to Optimize. @default {} */
  headers?: Readonly<Record<string, string>> | undefined
  /** A Node `http.Agent` or `https.Agent`. @default agents that reuse connections */
  agent?: object | undefined
  /** A function with the signature of `fetch`. @default node-fetch */
  fetch?: FetchLike | undefined
  /** Aborts the listing, which rejects with the reason of the signal. @default none */
  signal?: AbortSignal | undefined
}

type ResolvedOptions = rule.Resolved<ListOptions, 'agent' | 'fetch' | 'signal', { baseUrl: URL }>

const rules: rule.Rules<ResolvedOptions> = {
  baseUrl: serverUrlRule,
  accessToken: accessTokenRule,
  collectionId: collectionIdRule,
  headers: rule.withDefault(headersRule, {}),
  agent: rule.optional(rule.agent),
  fetch: rule.optional(rule.callable<FetchLike>('a function')),
  signal: rule.optional(rule.signal),
}

const resolveListOptions = (where: string, options: ListOptions): ResolvedOptions =>
  rule.resolveOptions<ResolvedOptions>(where, options, rules)

const LIST_TIMEOUT_MS = 120_000
const MAX_LIST_BYTES = 64 * 1024 * 1024

/**
 * Yields the ids of the reports in a collection, including combined reports, which cannot be exported. Yields nothing for an
 * unknown collection.
 *
 * @throws OptionError for a bad option, at the call; ExportError while iterating.
 * @example for await (const reportId of listReports({ baseUrl, accessToken, collectionId })) console.log(reportId)
 */
export function listReports(options: ListOptions): AsyncIterableIterator<string> {
  return iterateIds(resolveListOptions('listReports', options))
}

/** A report of a collection. */
export interface NamedReport {
  /** Its id. */
  readonly id: string
  /** Its name; undefined if the server does not send it. */
  readonly name: string | undefined
  /** True for a combined report, which cannot be exported; undefined if the server does not send it. */
  readonly isCombined: boolean | undefined
}

/**
 * Returns the reports of a collection with the names in their definitions. If the request of the definitions fails, the reports have
 * only their ids; a refused token is an error.
 *
 * @throws OptionError for a bad option. Otherwise rejects with an {@link ExportError}.
 * @example for (const { id, name } of await listNamedReports({ baseUrl, accessToken, collectionId })) console.log(id, name)
 */
export async function listNamedReports(options: ListOptions): Promise<NamedReport[]> {
  const resolved = resolveListOptions('listNamedReports', options)
  return withClient(resolved, async (client) => {
    const ids = await fetchIds(client, resolved)
    if (ids.length === 0) return []
    const url = buildApiUrl(resolved.baseUrl, 'export/report/definition/json')
    const definitions = await client.post(url, JSON.stringify(ids), parseDefinitions).catch((error: unknown) => {
      if (error instanceof RequestFailure && error.code !== 'ERR_AUTH') return new Map<string, NamedReport>()
      throw error
    })
    return ids.map((id) => definitions.get(id) ?? { id, name: undefined, isCombined: undefined })
  })
}

async function* iterateIds(options: ResolvedOptions): AsyncGenerator<string, undefined> {
  yield* await withClient(options, (client) => fetchIds(client, options))
}

function fetchIds(client: Client, { baseUrl, collectionId }: ResolvedOptions): Promise<string[]> {
  const url = buildApiUrl(baseUrl, 'report')
  url.searchParams.set('collectionId', collectionId)
  return client.get(url, false, parseIds)
}

async function withClient<T>(options: ResolvedOptions, work: (client: Client) => Promise<T>): Promise<T> {
  const { collectionId, signal = new AbortController().signal } = options
  const redactor = new Redactor()
  const transport = new Transport({ ...options, timeoutMs: LIST_TIMEOUT_MS, maxBytes: MAX_LIST_BYTES })
  const client = new Client({
    ...options,
    transport,
    tokenIn: 'header',
    retry: DEFAULT_RETRY_POLICY,
    redactor,
    signal,
    onRetry: () => undefined,
  })
  const rethrow = (error: unknown): never => {
    // the caller gets the reason of the signal, but a wait that is aborted rejects with an AbortError
    signal.throwIfAborted()
    const failure = error as RequestFailure
    const context = failure.status === 404 ? missingListContext : {}
    throw toExportError(failure, `collection ${collectionId}`, redactor, context)
  }
  return work(client)
    .catch(rethrow)
    .finally(() => transport.close())
}

/** A 404 means a wrong path, because the list of an unknown collection is empty (docs/server.md 8.1). */
const missingListContext = {
  code: 'ERR_HTTP',
  message: 'there is no list of reports at this baseUrl, got status 404',
} as const

function parseIds({ body }: HttpResponse): string[] {
  const entries = parseJsonBody(body)
  if (!Array.isArray(entries)) throw new BodyFailure('expected a list of reports', false)
  return entries.map((entry: unknown) => {
    const id = isJsonObject(entry) ? entry['id'] : undefined
    if (typeof id === 'string') return id
    throw new BodyFailure('expected a report with an id', false)
  })
}

function parseDefinitions({ body }: HttpResponse): Map<string, NamedReport> {
  const entries = parseJsonBody(body)
  const known = Array.isArray(entries) ? entries.filter(isJsonObject) : []
  return new Map(
    known.map(({ id, name, combined }) => [
      id as string,
      {
        id: id as string,
        name: typeof name === 'string' && name !== '' ? name : undefined,
        isCombined: typeof combined === 'boolean' ? combined : undefined,
      },
    ]),
  )
}

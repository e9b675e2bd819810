// The bridge: Optimize's data export API over a real search engine. It does what Optimize's own code does (camunda/camunda, versions 8.8
// and later): the first page is a search with a scroll, every later page a scroll with the searchRequestId, and a count follows each.
// Like Optimize it ignores `_shards`, and answers 500 to every refusal of the engine, with the reason in the detail.
import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { ErrorBody, SearchBody } from './opensearch.js'

/** Options of {@link startBridge}. */
export interface BridgeOptions {
  /** The port on 127.0.0.1 of the engine, or of a proxy in front of it. */
  readonly enginePort: number
  /** The length of one second of `paginationTimeout` in milliseconds, so that a keep-alive can expire within a check. @default 1000 */
  readonly secondMs?: number
}

/** A request as the bridge saw it. */
export interface BridgeRequest {
  /** True for a request for a first page. */
  readonly first: boolean
  readonly cursor: string | undefined
  readonly keepAlive: string
  readonly arrivedAt: number
  answeredAt?: number
  status?: number
  records?: number
  total?: number
  /** Shards that failed while the status was 200; the API does not show it. */
  failedShards?: number
}

export interface Bridge {
  readonly url: string
  readonly port: number
  readonly token: string
  readonly requests: readonly BridgeRequest[]
  close(): Promise<void>
}

const token = 'bridge-token'
const exceptions = 'io.camunda.optimize.rest.exceptions'
const runtime = 'io.camunda.optimize.service.exceptions.OptimizeRuntimeException'

class Refusal extends Error {
  readonly status: number
  readonly body: unknown

  constructor(status: number, body: unknown) {
    super(`answered with ${status}`)
    this.status = status
    this.body = body
  }
}

/** Starts the API; the id of a report is the name of an index, or several names joined with commas. */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const agent = new Agent({ keepAlive: true })
  const requests: BridgeRequest[] = []
  const server = createServer((incoming, response) => void serve({ ...options, agent, requests }, incoming, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, token, requests, close: () => close(server, agent) }
}

async function close(server: Server, agent: Agent): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  agent.destroy()
  await closed
}

interface BridgeState extends BridgeOptions {
  readonly agent: Agent
  readonly requests: BridgeRequest[]
}

async function serve(state: BridgeState, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(incoming.url!, 'http://bridge')
  const index = /^\/api\/public\/export\/report\/([^/]+)\/result\/json$/.exec(url.pathname)?.[1]
  if (index === undefined || incoming.method !== 'GET') {
    send(response, 404, { errorCode: 'notFoundError' })
    return
  }
  if (incoming.headers.authorization !== `Bearer ${token}`) {
    response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
    return
  }
  try {
    send(response, 200, await exportPage(state, decodeURIComponent(index), url.searchParams))
  } catch (error) {
    const refusal = error instanceof Refusal ? error : serverError(`${runtime}: ${String(error)}`)
    send(response, refusal.status, refusal.body)
  }
}

async function exportPage(state: BridgeState, index: string, query: URLSearchParams): Promise<unknown> {
  const limit = integerOf(query, 'limit', { absent: 1000, min: 0, max: 10_000 })
  const timeout = integerOf(query, 'paginationTimeout', { absent: 120, min: 60, max: Infinity })
  const { secondMs = 1000, requests } = state
  const keepAlive = secondMs === 1000 ? `${timeout}s` : `${Math.round(timeout * secondMs)}ms`
  // an empty id is not an id
  const cursor = query.get('searchRequestId') || undefined
  const entry: BridgeRequest = { first: cursor === undefined, cursor, keepAlive, arrivedAt: performance.now() }
  requests.push(entry)
  try {
    const page = await pageOf(state, { index, limit, keepAlive, cursor })
    entry.status = 200
    if (!page) return { numberOfRecordsInResponse: 0, totalNumberOfRecords: 0, reportId: index, data: [] }
    const { hits, _shards, _scroll_id } = page
    Object.assign(entry, { records: hits.hits.length, total: hits.total.value, failedShards: _shards.failed })
    return {
      searchRequestId: _scroll_id,
      numberOfRecordsInResponse: hits.hits.length,
      totalNumberOfRecords: hits.total.value,
      reportId: index,
      data: hits.hits.map((hit) => hit._source),
    }
  } catch (error) {
    entry.status = 500
    throw error
  } finally {
    entry.answeredAt = performance.now()
  }
}

interface PageRequest {
  readonly index: string
  readonly limit: number
  readonly keepAlive: string
  readonly cursor: string | undefined
}

/** Returns a page, or undefined if there is no index: then Optimize answers with no records and without a searchRequestId. */
async function pageOf(state: BridgeState, { index, limit, keepAlive, cursor }: PageRequest) {
  const search = { size: limit, query: { match_all: {} }, sort: [{ startDate: { order: 'desc' } }] }
  const answer =
    cursor === undefined
      ? await ask(state, `/${index}/_search?scroll=${keepAlive}`, search)
      : await ask(state, '/_search/scroll', { scroll: keepAlive, scroll_id: cursor })
  if (answer.status === 200) {
    // if the count fails, the answer is a 500, although the cursor has moved
    const count = await ask(state, `/${index}/_count`, { query: { match_all: {} } })
    if (count.status === 200 || isMissing(count.body)) return answer.body as SearchBody
    throw refusalOf(count.body as ErrorBody)
  }
  if (cursor === undefined && isMissing(answer.body)) return undefined
  throw refusalOf(answer.body as ErrorBody)
}

const isMissing = (body: unknown) => (body as Partial<ErrorBody>).error?.type === 'index_not_found_exception'

function refusalOf({ error }: ErrorBody): Refusal {
  const { type, reason } = error.root_cause[0] ?? error
  return serverError(
    type === 'search_context_missing_exception'
      ? `${exceptions}.BadRequestException: ${reason}`
      : `${runtime}: OpenSearch exception [type=${type}, reason=${reason}]`,
  )
}

const serverError = (detailedMessage: string) =>
  new Refusal(500, {
    errorCode: 'serverError',
    errorMessage: 'An internal server error occurred.',
    detailedMessage,
    reportDefinition: null,
  })

interface Bounds {
  readonly absent: number
  readonly min: number
  readonly max: number
}

function integerOf(query: URLSearchParams, name: string, { absent, min, max }: Bounds): number {
  const text = query.get(name)
  if (text === null) return absent
  const value = Number(text)
  if (text === '' || !Number.isInteger(value)) throw serverError(`java.lang.NumberFormatException: "${text}"`)
  if (value >= min && value <= max) return value
  const bound = value < min ? `greater than or equal to ${min}` : `less than or equal to ${max}`
  throw new Refusal(400, {
    errorMessage: 'The request body was invalid.',
    validationErrors: [{ property: name, errorMessage: `must be ${bound}` }],
  })
}

function ask({ enginePort, agent }: BridgeState, path: string, body: unknown) {
  return new Promise<{ status: number; body: unknown }>((resolve, reject) => {
    const text = Buffer.from(JSON.stringify(body))
    const headers = { 'content-type': 'application/json', 'content-length': text.length }
    const sent = request({ agent, host: '127.0.0.1', port: enginePort, path, method: 'POST', headers }, (answer) => {
      json(answer).then((read) => resolve({ status: answer.statusCode!, body: read }), reject)
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8', 'content-length': text.length })
  response.end(text)
}

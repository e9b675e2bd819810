// One request from its arrival to its answer: log, fault, token, endpoint, fault again, delivery.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { credentialsOf, unauthorized } from './auth.js'
import type { Backend } from './backend.js'
import { deliver, hangUp, pause } from './deliver.js'
import { type ExportCall, exportReport, pageAskedFor } from './export-report.js'
import { answerAfter } from './fault-after.js'
import { answerBefore, type Outcome } from './fault-before.js'
import type { ResolvedFault } from './faults.js'
import { empty, html, Refusal, type Reply } from './replies.js'
import { describeReports, listReports } from './report-list.js'
import { logged, type MutableRequest } from './request-log.js'
import { type Route, routeOf } from './routes.js'

interface Call {
  readonly request: IncomingMessage
  readonly url: string
  readonly query: URLSearchParams
  readonly route: Route
  /** Whether the endpoint takes the method. */
  readonly allowed: boolean
  readonly entry: MutableRequest
  readonly fault: ResolvedFault | undefined
}

const maxHeadBytes = 8192
const kinds = {
  export: 'export',
  token: 'token',
  list: 'list',
  definition: 'other',
  ready: 'other',
  unknown: 'other',
} as const

/** Answers a request. */
export async function serve(backend: Backend, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const call = receive(backend, request)
  response.on('finish', () => (call.entry.finished = true))
  const outcome = await answer(backend, call)
  if (outcome === 'hangUp') {
    hangUp(response)
    return
  }
  call.entry.status = outcome.status
  await deliver(response, outcome, {
    gzip: backend.settings.gzip && acceptsGzip(request),
    chunkBytes: backend.settings.chunkBytes,
    fault: call.fault,
  })
}

function receive(backend: Backend, request: IncomingMessage): Call {
  const url = request.url!
  const [path] = url.split('?', 1) as [string]
  const query = new URLSearchParams(url.slice(path.length))
  const { route, allowed } = routeOf(request.method!, path, backend.settings.contextPath)
  const entry = logged(request, query, { number: backend.requests.length + 1, kind: kinds[route.name], path })
  backend.requests.push(entry)
  return { request, url, query, route, allowed, entry, fault: faultOf(backend, route, query, entry) }
}

function faultOf(backend: Backend, route: Route, query: URLSearchParams, entry: MutableRequest) {
  if (route.name !== 'export') return undefined
  backend.exportRequests += 1
  const fault = backend.script.strike(backend.exportRequests, pageAskedFor(backend, query))
  if (fault) entry.fault = fault.kind
  return fault
}

async function answer(backend: Backend, call: Call): Promise<Outcome> {
  const { route, request, fault, url } = call
  if (url.length > maxHeadBytes) return html(backend.era.urlTooLong, 'URI Too Long')
  if (headBytes(request) > maxHeadBytes) return html(431, 'Request Header Fields Too Large')
  if (route.name === 'ready') return empty(backend.ready ? 200 : 503)
  if (route.name === 'token') return answerToken(backend, call)
  const early = fault && answerBefore(fault, backend, url)
  return early ?? refused(backend, call) ?? (await answerAllowed(backend, call))
}

function refused({ tokens, era, replies }: Backend, { request, query, route, allowed }: Call): Reply | undefined {
  const uses = route.name === 'export' ? 1 : 0
  const reply = unauthorized(credentialsOf(request, query), tokens, { era, replies, uses })
  return reply ?? (allowed ? undefined : empty(405, { allow: route.name === 'definition' ? 'POST' : 'GET' }))
}

async function answerAllowed(backend: Backend, call: Call): Promise<Reply> {
  const { route, query, request } = call
  if (route.name === 'list') return listReports(backend, query)
  if (route.name === 'definition') return describeReports(backend, await text(request))
  if (route.name === 'export') return answerExport(backend, call, route.reportId)
  return backend.replies.error(404, 'notFoundError', 'HTTP 404 Not Found')
}

/** The cursor moves here; everything after is only about the answer. */
async function answerExport(backend: Backend, { request, query, entry, fault }: Call, reportId: string) {
  const zone = backend.zones.of(request.headers['x-optimize-client-timezone'] as string | undefined)
  const call: ExportCall = { reportId, query, zone, fault, entry }
  const reply = processed(backend, () => exportReport(backend, call))
  await pause(backend.settings.latencyMs)
  if (call.context) call.context.running -= 1
  return answerAfter(fault, reply, backend.replies)
}

/** What the user's own `data` throws is an error of the server, as it would be in Optimize. */
function processed({ replies }: Backend, work: () => Reply): Reply {
  try {
    return work()
  } catch (error) {
    return error instanceof Refusal ? error.reply : replies.serverError(String(error))
  }
}

async function answerToken({ tokenEndpoint, replies }: Backend, { request, allowed }: Call): Promise<Reply> {
  if (!tokenEndpoint) return replies.error(404, 'notFoundError', 'HTTP 404 Not Found')
  if (!allowed) return empty(405, { allow: 'POST' })
  return tokenEndpoint.answer(request.headers, await text(request))
}

const headBytes = ({ url, rawHeaders }: IncomingMessage) =>
  rawHeaders.reduce((sum, part) => sum + part.length + 2, url!.length)

const acceptsGzip = ({ headers }: IncomingMessage) =>
  /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers['accept-encoding']))

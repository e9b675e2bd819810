// Handles one request: log, fault before processing, token, endpoint, fault after processing, answer.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { readCredentials, checkCredentials } from './auth.js'
import type { Backend } from './server-state.js'
import { closeConnection, pause } from './send-reply.js'
import { type ExportCall, exportReport, getRequestedPage } from './export-endpoint.js'
import { replaceReply } from './fault-after.js'
import { createEarlyReply, type Outcome } from './fault-before.js'
import { sendWithFault } from './fault-sending.js'
import type { ResolvedFault } from './faults.js'
import { createEmptyReply, createHtmlReply, ReplyError, type Reply } from './reply-factory.js'
import { describeReports, listReports } from './report-list.js'
import { createLogEntry, type MutableRequest } from './request-log.js'
import { type Route, matchRoute } from './routes.js'

interface Call {
  readonly request: IncomingMessage
  readonly url: string
  readonly query: URLSearchParams
  readonly route: Route
  /** Whether the endpoint accepts the method. */
  readonly isMethodAllowed: boolean
  readonly entry: MutableRequest
  readonly fault: ResolvedFault | undefined
  /** What `onRequest` returned. If it is a promise, the answer is sent when it is fulfilled. */
  readonly onRequestResult: unknown
}

const maxHeadBytes = 8192
const routeKinds = {
  export: 'export',
  token: 'token',
  list: 'list',
  definition: 'other',
  ready: 'other',
  unknown: 'other',
} as const

/** Answers a request. */
export async function serveRequest(
  backend: Backend,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const call = receive(backend, request)
  response.on('finish', () => (call.entry.finished = true))
  const [outcome] = await Promise.all([handleCall(backend, call), call.onRequestResult])
  if (outcome === 'hangUp') {
    closeConnection(response)
    return
  }
  call.entry.status = outcome.status
  await sendWithFault(call.fault, response, outcome, {
    gzip: backend.settings.gzip && isGzipAccepted(request),
    chunkBytes: backend.settings.chunkBytes,
  })
}

function receive(backend: Backend, request: IncomingMessage): Call {
  const url = request.url!
  const [path] = url.split('?', 1) as [string]
  const query = new URLSearchParams(url.slice(path.length))
  const { route, isMethodAllowed } = matchRoute(request.method!, path, backend.settings.contextPath)
  const entry = createLogEntry(request, query, {
    number: backend.requests.length + 1,
    kind: routeKinds[route.name],
    path,
  })
  backend.requests.push(entry)
  const fault = takeFault(backend, route, query, entry)
  const onRequestResult = backend.settings.onRequest?.(entry)
  return { request, url, query, route, isMethodAllowed, entry, fault, onRequestResult }
}

function takeFault(backend: Backend, route: Route, query: URLSearchParams, entry: MutableRequest) {
  if (route.name !== 'export') return undefined
  backend.exportRequests += 1
  const fault = backend.faultScript.takeNextFault(backend.exportRequests, getRequestedPage(backend, query))
  if (fault) entry.fault = fault.kind
  return fault
}

async function handleCall(backend: Backend, call: Call): Promise<Outcome> {
  const { route, request, fault, url } = call
  if (url.length > maxHeadBytes) return createHtmlReply(backend.versionRules.urlTooLong, 'URI Too Long')
  if (getHeadBytes(request) > maxHeadBytes) return createHtmlReply(431, 'Request Header Fields Too Large')
  if (route.name === 'ready') return createEmptyReply(backend.isReady ? 200 : 503)
  if (route.name === 'token') return handleToken(backend, call)
  const earlyReply = fault && createEarlyReply(fault, backend, url)
  return earlyReply ?? checkAccess(backend, call) ?? (await handleAllowed(backend, call))
}

function checkAccess(
  { tokens, versionRules, replies }: Backend,
  { request, query, route, isMethodAllowed }: Call,
): Reply | undefined {
  const uses = route.name === 'export' ? 1 : 0
  const reply = checkCredentials(readCredentials(request, query), tokens, { versionRules, replies, uses })
  return (
    reply ??
    (isMethodAllowed ? undefined : createEmptyReply(405, { allow: route.name === 'definition' ? 'POST' : 'GET' }))
  )
}

async function handleAllowed(backend: Backend, call: Call): Promise<Reply> {
  const { route, query, request } = call
  if (route.name === 'list') return listReports(backend, query)
  if (route.name === 'definition') return describeReports(backend, await text(request))
  if (route.name === 'export') return handleExport(backend, call, route.reportId)
  return backend.replies.error(404, 'notFoundError', 'HTTP 404 Not Found')
}

/** Processes an export request. The cursor moves here; later steps change the answer only. */
async function handleExport(
  backend: Backend,
  { request, query, entry, fault, onRequestResult }: Call,
  reportId: string,
) {
  const zone = backend.zones.getZone(request.headers['x-optimize-client-timezone'] as string | undefined)
  const call: ExportCall = { reportId, query, zone, fault, entry }
  const reply = runSafely(backend, () => exportReport(backend, call))
  await Promise.all([pause(backend.settings.latencyMs), onRequestResult]).finally(() => {
    if (call.context) call.context.activeRequests -= 1
  })
  return replaceReply(fault, reply, backend.replies)
}

/** Turns an error into an answer. An error of the user's `data` function becomes a 500, as it would in Optimize. */
function runSafely({ replies }: Backend, work: () => Reply): Reply {
  try {
    return work()
  } catch (error) {
    return error instanceof ReplyError ? error.reply : replies.serverError(String(error))
  }
}

async function handleToken({ tokenEndpoint, replies }: Backend, { request, isMethodAllowed }: Call): Promise<Reply> {
  if (!tokenEndpoint) return replies.error(404, 'notFoundError', 'HTTP 404 Not Found')
  if (!isMethodAllowed) return createEmptyReply(405, { allow: 'POST' })
  return tokenEndpoint.handleRequest(request.headers, await text(request))
}

const getHeadBytes = ({ url, rawHeaders }: IncomingMessage) =>
  rawHeaders.reduce((sum, part) => sum + part.length + 2, url!.length)

const isGzipAccepted = ({ headers }: IncomingMessage) =>
  /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers['accept-encoding']))

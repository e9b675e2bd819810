// Handles one request: log, fault before processing, token, endpoint, fault after processing, reply or fault of sending.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { readCredentials, checkCredentials } from '../tokens/auth.js'
import { getReport, type ServerState } from './server-state.js'
import { pause, sendReply } from './send-reply.js'
import { type ExportCall, createExportReply, getRequestedPage } from './export-endpoint.js'
import { replaceReply } from '../faults/fault-reply.js'
import { createEarlyReply, type ReplyOrHangUp } from '../faults/fault-before.js'
import { sendWithFault } from '../faults/fault-sending.js'
import {
  faultsBeforeProcessing,
  faultsOfReply,
  faultsOfSending,
  isFaultOf,
  type ResolvedFault,
} from '../faults/faults.js'
import { createEmptyReply, createHtmlReply, ReplyError, type Reply } from './reply-factory.js'
import { createDefinitionsReply, createReportListReply } from './report-list.js'
import { createLogEntry, type MutableRequest } from './request-log.js'
import { type Route, matchRoute } from './routes.js'

interface ReceivedRequest {
  readonly request: IncomingMessage
  readonly url: string
  readonly query: URLSearchParams
  readonly route: Route
  readonly isMethodAllowed: boolean
  readonly entry: MutableRequest
  readonly fault: ResolvedFault | undefined
  /** The result of `onRequest`. If it is a promise, the reply is sent when the promise is fulfilled. */
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

export async function serveRequest(
  state: ServerState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const received = createReceivedRequest(state, request)
  response.on('finish', () => (received.entry.finished = true))
  const [outcome] = await Promise.all([handleRequest(state, received), received.onRequestResult])
  if (outcome === 'hangUp') {
    response.destroy()
    return
  }
  received.entry.status = outcome.status
  const { gzip, chunkBytes } = state.settings
  const options = { gzip: gzip && isGzipAccepted(request), chunkBytes }
  if (isFaultOf(faultsOfSending, received.fault)) await sendWithFault(received.fault, response, outcome, options)
  else await sendReply(response, outcome, options)
}

function createReceivedRequest(state: ServerState, request: IncomingMessage): ReceivedRequest {
  const url = request.url!
  const [path] = url.split('?', 1) as [string]
  const query = new URLSearchParams(url.slice(path.length))
  const { route, isMethodAllowed } = matchRoute(request.method!, path, state.settings.contextPath)
  const entry = createLogEntry(request, query, {
    number: state.requests.length + 1,
    kind: routeKinds[route.name],
    path,
  })
  state.requests.push(entry)
  const fault = takeFault(state, route, query, entry)
  const onRequestResult = state.settings.onRequest?.(entry)
  return { request, url, query, route, isMethodAllowed, entry, fault, onRequestResult }
}

function takeFault(state: ServerState, route: Route, query: URLSearchParams, entry: MutableRequest) {
  if (route.name !== 'export') return undefined
  state.exportRequestCount += 1
  const fault = state.faultScript.takeNextFault(state.exportRequestCount, getRequestedPage(state, query))
  if (fault) entry.fault = fault.kind
  return fault
}

async function handleRequest(state: ServerState, received: ReceivedRequest): Promise<ReplyOrHangUp> {
  const { route, request, fault, url } = received
  if (url.length > maxHeadBytes) return createHtmlReply(state.eraRules.urlTooLongStatus, 'URI Too Long')
  if (getHeadBytes(request) > maxHeadBytes) return createHtmlReply(431, 'Request Header Fields Too Large')
  if (route.name === 'ready') return createEmptyReply(state.isReady ? 200 : 503)
  if (route.name === 'token') return handleToken(state, received)
  const earlyReply = isFaultOf(faultsBeforeProcessing, fault) ? createEarlyReply(fault, state, url) : undefined
  return earlyReply ?? checkAccess(state, received) ?? (await handleAllowed(state, received))
}

function checkAccess(
  { tokens, eraRules, replies }: ServerState,
  { request, query, route, isMethodAllowed }: ReceivedRequest,
): Reply | undefined {
  const countsAsUse = route.name === 'export'
  const reply = checkCredentials(readCredentials(request, query), tokens, { eraRules, replies, countsAsUse })
  return (
    reply ??
    (isMethodAllowed ? undefined : createEmptyReply(405, { allow: route.name === 'definition' ? 'POST' : 'GET' }))
  )
}

async function handleAllowed(state: ServerState, received: ReceivedRequest): Promise<Reply> {
  const { route, query, request } = received
  if (route.name === 'list') return createReportListReply(state, query)
  if (route.name === 'definition') return createDefinitionsReply(state, await text(request))
  if (route.name === 'export') return handleExport(state, received, route.reportId)
  return state.replies.error(404, 'notFoundError', 'HTTP 404 Not Found')
}

/** Processes an export request. The cursor moves here; later steps change the reply only. */
async function handleExport(
  state: ServerState,
  { request, query, entry, fault, onRequestResult }: ReceivedRequest,
  reportId: string,
) {
  const zone = state.zones.getZone(request.headers['x-optimize-client-timezone'] as string | undefined)
  const call: ExportCall = { reportId, report: getReport(state, reportId), query, zone, fault, entry }
  const reply = runSafely(state, () => createExportReply(state, call))
  await Promise.all([pause(state.settings.latencyMs), onRequestResult]).finally(() => {
    if (call.context) call.context.activeRequests -= 1
  })
  return isFaultOf(faultsOfReply, fault) ? replaceReply(fault, reply, state.replies) : reply
}

/** Turns an error into a reply. An error of the user's `data` function becomes a 500, as any exception does in Optimize. */
function runSafely({ replies }: ServerState, work: () => Reply): Reply {
  try {
    return work()
  } catch (error) {
    return error instanceof ReplyError ? error.reply : replies.serverError(String(error))
  }
}

async function handleToken(
  { tokenEndpoint, replies }: ServerState,
  { request, isMethodAllowed }: ReceivedRequest,
): Promise<Reply> {
  if (!tokenEndpoint) return replies.error(404, 'notFoundError', 'HTTP 404 Not Found')
  if (!isMethodAllowed) return createEmptyReply(405, { allow: 'POST' })
  return tokenEndpoint.handleRequest(request.headers, await text(request))
}

const getHeadBytes = ({ url, rawHeaders }: IncomingMessage) =>
  rawHeaders.reduce((sum, part) => sum + part.length + 2, url!.length)

const isGzipAccepted = ({ headers }: IncomingMessage) =>
  /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers['accept-encoding']))

// The export endpoint: one page of a raw data report, or all of any other report (docs/server.md sections 3 and 4).
import { type Aggregate, aggregate } from '../records/aggregated.js'
import { isRaw, type ReportState, type ServerState } from './server-state.js'
import type { Zone } from '../dates.js'
import { type ExportQuery, readQuery } from './export-query.js'
import { type PageData, toPageData, corruptPage } from '../faults/fault-pages.js'
import { getSearchChange, renderFaultyPage, shrinkSearch, type SearchChange } from '../faults/fault-search.js'
import { faultsOfPage, faultsOfSearch, isFaultOf, type ResolvedFault } from '../faults/faults.js'
import { ReplyError, type Reply } from './reply-factory.js'
import type { MutableRequest } from './request-log.js'
import type { SearchContext, ServedPage } from './search-contexts.js'

/** An export request with a valid token. */
export interface ExportCall {
  readonly reportId: string
  readonly report: ReportState
  readonly query: URLSearchParams
  readonly zone: Zone
  readonly fault: ResolvedFault | undefined
  readonly entry: MutableRequest
  /** The search of the page; set when the request is processed. */
  context?: SearchContext
}

const allSentMessage =
  'All records are delivered in this response regardless of the set limit, since result pagination is only supported for raw data reports.'

/** @throws ReplyError */
export function createExportReply(state: ServerState, call: ExportCall): Reply {
  const { replies, eraRules, knownReportIds } = state
  const { settings } = call.report
  const { invalidParameterStatus } = settings
  const query = readQuery(call.query, { replies, eraRules, isRaw: isRaw(settings), invalidParameterStatus })
  if (!knownReportIds.has(call.reportId)) throw new ReplyError(replies.unknownReport(call.reportId))
  if (settings.report === 'combined') throw new ReplyError(replies.combinedReport())
  if (settings.report === 'incomplete') throw new ReplyError(replies.incompleteReport(call.reportId))
  if (!isRaw(settings)) return buildWholeReport(state, call, query)
  if (!settings.hasImportedData) return buildEnvelope(state, call, { count: 0, total: 0, data: Buffer.from('[]') })
  return buildPage(state, call, query)
}

/** Returns the number of the requested page in its search, from 1, or `undefined` if the search is not open. */
export function getRequestedPage({ contexts }: ServerState, query: URLSearchParams): number | undefined {
  const id = query.get('searchRequestId')
  if (!id) return 1
  const context = contexts.find(id)?.context
  return context && context.pageCount + 1
}

function buildWholeReport(state: ServerState, call: ExportCall, { limit }: ExportQuery): Reply {
  const { settings, insertedCount } = call.report
  const { data, count }: Aggregate = aggregate(settings, settings.records + insertedCount)
  return buildEnvelope(state, call, {
    ...(limit < count ? { message: allSentMessage } : {}),
    count,
    total: count,
    data: data === undefined ? undefined : Buffer.from(data),
  })
}

function buildPage(state: ServerState, call: ExportCall, query: ExportQuery): Reply {
  const { contexts, settings } = state
  const { entry, fault } = call
  rejectLongKeepAlive(state, query)
  const change: SearchChange = isFaultOf(faultsOfSearch, fault) ? getSearchChange(fault) : {}
  const context = query.searchRequestId
    ? findContext(state, entry, query.searchRequestId, change.pageFault === 'expired')
    : openContext(state, call.report, query)
  entry.searchNumber = context.searchNumber
  // with several shards, two requests at the same time get torn pages, because each request moves the shards one by one
  const isConcurrent = settings.shards > 1 && context.activeRequests > 0
  const servedPage = contexts.servePage(context, query.keepAliveSeconds, isConcurrent ? 'torn' : change.pageFault)
  entry.page = servedPage.page
  shrinkSearch(context, change)
  call.context = context
  context.activeRequests += 1
  return buildEnvelope(state, call, {
    searchRequestId: contexts.idOf(context),
    total: context.total,
    ...buildPageData(call, servedPage, context),
  })
}

/** Throws the error reply for a keep-alive that is too long. On a later page the search context is then closed too. */
function rejectLongKeepAlive(
  { contexts, settings, replies }: ServerState,
  { keepAliveSeconds, searchRequestId }: ExportQuery,
) {
  const { maxKeepAlive } = settings
  if (keepAliveSeconds <= maxKeepAlive) return
  const context = searchRequestId ? contexts.find(searchRequestId)?.context : undefined
  if (context) contexts.drop(context)
  throw new ReplyError(
    replies.serverError(
      `Keep alive for request (${keepAliveSeconds}s) is too large. It must be less than (${maxKeepAlive}s). This limit can be set by changing the [search.max_keep_alive] cluster level setting.`,
    ),
  )
}

function openContext(
  { contexts, replies }: ServerState,
  { settings, insertedCount }: ReportState,
  { limit }: ExportQuery,
): SearchContext {
  if (limit === 0) throw new ReplyError(replies.serverError('[size] cannot be [0] in a scroll context'))
  const context = contexts.open({ start: 0 - insertedCount, count: settings.records + insertedCount }, limit)
  if (context) return context
  throw new ReplyError(replies.tooManyContexts(settings.maxContexts, settings.tooManyContextsStatus))
}

function findContext(
  { contexts, replies, settings }: ServerState,
  entry: MutableRequest,
  id: string,
  isExpired: boolean,
): SearchContext {
  const found = contexts.find(id)
  if (!found) throw new ReplyError(replies.serverError('java.lang.IllegalArgumentException: Cannot parse scroll id'))
  const { cursor, context } = found
  entry.searchNumber = cursor.searchNumber
  if (context && !isExpired) return context
  if (context) contexts.drop(context)
  throw new ReplyError(replies.expired(cursor.searchNumber, settings.shards))
}

function buildPageData(
  { fault, zone, report: { renderer } }: ExportCall,
  servedPage: ServedPage,
  context: SearchContext,
): PageData {
  const isWhole = !servedPage.nextRangeIfTorn && !context.isPartial
  const hasFault = isFaultOf(faultsOfPage, fault)
  if (isWhole && (!hasFault || servedPage.count === 0))
    return { data: renderer.renderArray(servedPage, zone), count: servedPage.count }
  const records = renderFaultyPage(renderer, servedPage, context, zone)
  return hasFault && records.length > 0 ? corruptPage(fault, records) : toPageData(records)
}

interface Envelope {
  readonly searchRequestId?: string
  readonly message?: string
  readonly count: number
  readonly total: number
  readonly data: Buffer | undefined
}

/** Builds the reply. Fields without a value are absent, as in PaginatedDataExportDto. */
function buildEnvelope(
  { replies }: ServerState,
  { reportId }: ExportCall,
  { searchRequestId, message, count, total, data }: Envelope,
): Reply {
  const head = JSON.stringify({
    searchRequestId,
    message,
    numberOfRecordsInResponse: count,
    totalNumberOfRecords: total,
    reportId,
  })
  if (!data) return replies.jsonText(200, [Buffer.from(head)])
  return replies.jsonText(200, [Buffer.from(`${head.slice(0, -1)},"data":`), data, Buffer.from('}')])
}

// The export itself: one page of a raw data report, or the whole of any other (docs/server.md sections 3 and 4).
import { type Aggregate, aggregate } from './aggregated.js'
import type { Backend } from './backend.js'
import type { Zone } from './dates.js'
import { type ExportQuery, readQuery } from './export-query.js'
import { type PageData, spoil, spoilsPage } from './fault-pages.js'
import type { ResolvedFault } from './faults.js'
import { Refusal, type Reply } from './replies.js'
import type { MutableRequest } from './request-log.js'
import type { SearchContext, Turn } from './search-contexts.js'

/** A request for an export that may pass. */
export interface ExportCall {
  readonly reportId: string
  readonly query: URLSearchParams
  readonly zone: Zone
  readonly fault: ResolvedFault | undefined
  readonly entry: MutableRequest
}

const maxLeaseSeconds = 86_400
const allDelivered =
  'All records are delivered in this response regardless of the set limit, since result pagination is only supported for raw data reports.'

/** @throws Refusal */
export function exportReport(backend: Backend, call: ExportCall): Reply {
  const { settings, replies, knownReports } = backend
  const raw = settings.report === 'process' || settings.report === 'decision'
  const query = readQuery(call.query, backend.era, { replies, raw, validation500: settings.validation500 })
  if (!knownReports.has(call.reportId)) throw new Refusal(replies.unknownReport(call.reportId))
  if (settings.report === 'combined') throw new Refusal(replies.combinedReport())
  if (settings.report === 'incomplete') throw new Refusal(replies.incompleteReport(call.reportId))
  if (!raw) return wholeReport(backend, call, query)
  if (!settings.index) return envelope(backend, call, { count: 0, total: 0, data: Buffer.from('[]') })
  return onePage(backend, call, query)
}

/** The page of its search that a request asks for, from 1; undefined when its search is not open. */
export function pageAskedFor({ contexts }: Backend, query: URLSearchParams): number | undefined {
  const id = query.get('searchRequestId')
  if (!id) return 1
  const context = contexts.find(id)?.context
  return context && context.pages + 1
}

function wholeReport(backend: Backend, call: ExportCall, { limit }: ExportQuery): Reply {
  const { settings, inserted } = backend
  const { data, count }: Aggregate = aggregate(settings, settings.records + inserted)
  return envelope(backend, call, {
    ...(limit < count ? { message: allDelivered } : {}),
    count,
    total: count,
    data: data === undefined ? undefined : Buffer.from(data),
  })
}

function onePage(backend: Backend, call: ExportCall, query: ExportQuery): Reply {
  const { contexts, replies } = backend
  const { entry, fault } = call
  if (query.leaseSeconds > maxLeaseSeconds) {
    throw new Refusal(replies.serverError(`Keep alive for request (${query.leaseSeconds}s) is too large`))
  }
  const context = query.searchRequestId
    ? foundContext(backend, call, query.searchRequestId)
    : newContext(backend, query)
  entry.searchNumber = context.search
  const lease = query.leaseSeconds
  const turn = fault?.kind === 'repeatPage' ? contexts.again(context, lease) : contexts.next(context, lease)
  entry.page = turn.page
  if (fault?.kind === 'totalShrinks') context.total = Math.max(0, context.total - fault.rows)
  return envelope(backend, call, {
    searchRequestId: contexts.idOf(context),
    total: context.total,
    ...pageData(backend, call, turn),
  })
}

function newContext({ contexts, settings, inserted, replies }: Backend, { limit }: ExportQuery): SearchContext {
  if (limit === 0) throw new Refusal(replies.serverError('[size] cannot be [0] in a scroll context'))
  const context = contexts.open({ start: 0 - inserted, rows: settings.records + inserted }, limit)
  if (context) return context
  const max = settings.maxContexts
  throw new Refusal(
    replies.serverError(
      `Trying to create too many scroll contexts. Must be less than or equal to: [${max}]. This limit can be set by changing the [search.max_open_scroll_context] setting.`,
    ),
  )
}

function foundContext({ contexts, replies }: Backend, { entry, fault }: ExportCall, id: string): SearchContext {
  const found = contexts.find(id)
  if (!found) throw new Refusal(replies.serverError('java.lang.IllegalArgumentException: Cannot parse scroll id'))
  const { cursor, context } = found
  entry.searchNumber = cursor.search
  if (context && fault?.kind !== 'expire') return context
  if (context) contexts.drop(context)
  throw new Refusal(replies.expired(cursor.search))
}

function pageData({ pages }: Backend, { fault, zone }: ExportCall, turn: Turn): PageData {
  if (spoilsPage(fault) && turn.rows > 0) return spoil(fault, pages.rows(turn, zone))
  return { data: pages.array(turn, zone), count: turn.rows }
}

interface Envelope {
  readonly searchRequestId?: string
  readonly message?: string
  readonly count: number
  readonly total: number
  readonly data: Buffer | undefined
}

/** Fields without a value are absent, as in PaginatedDataExportDto. */
function envelope(
  { replies }: Backend,
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
  if (!data) return replies.text(200, [Buffer.from(head)])
  return replies.text(200, [Buffer.from(`${head.slice(0, -1)},"data":`), data, Buffer.from('}')])
}

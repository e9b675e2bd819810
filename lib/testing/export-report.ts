// The export itself: one page of a raw data report, or the whole of any other (docs/server.md sections 3 and 4).
import { type Aggregate, aggregate } from './aggregated.js'
import type { Backend } from './backend.js'
import type { Zone } from './dates.js'
import { type ExportQuery, readQuery } from './export-query.js'
import { type PageData, pageOf, spoil, spoilsPage } from './fault-pages.js'
import type { ResolvedFault } from './faults.js'
import type { Run } from './pages.js'
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
  /** The search that the request moved, set when it is processed. */
  context?: SearchContext
}

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
  const { contexts } = backend
  const { entry, fault } = call
  refuseLongLease(backend, query)
  const context = query.searchRequestId
    ? foundContext(backend, call, query.searchRequestId)
    : newContext(backend, query)
  entry.searchNumber = context.search
  const turn = turnOf(backend, call, context, query.leaseSeconds)
  entry.page = turn.page
  if (fault?.kind === 'totalShrinks') context.total = Math.max(0, context.total - fault.rows)
  if (fault?.kind === 'shardsLost') contexts.loseShards(context)
  call.context = context
  context.running += 1
  return envelope(backend, call, {
    searchRequestId: contexts.idOf(context),
    total: context.total,
    ...pageData(backend, call, turn, context),
  })
}

/** On a later page a refused keep-alive costs the context. */
function refuseLongLease({ contexts, settings, replies }: Backend, { leaseSeconds, searchRequestId }: ExportQuery) {
  const { maxKeepAlive } = settings
  if (leaseSeconds <= maxKeepAlive) return
  const context = searchRequestId ? contexts.find(searchRequestId)?.context : undefined
  if (context) contexts.drop(context)
  throw new Refusal(
    replies.serverError(
      `Keep alive for request (${leaseSeconds}s) is too large. It must be less than (${maxKeepAlive}s). This limit can be set by changing the [search.max_keep_alive] cluster level setting.`,
    ),
  )
}

/** Two requests at once move the shards one by one, so with several shards each answer is torn. */
function turnOf({ contexts, settings }: Backend, { fault }: ExportCall, context: SearchContext, lease: number): Turn {
  const isCrossed = settings.shards > 1 && context.running > 0
  if (context.pages > 0 && (isCrossed || fault?.kind === 'tornPage')) return contexts.tear(context, lease)
  return fault?.kind === 'repeatPage' ? contexts.again(context, lease) : contexts.next(context, lease)
}

function newContext({ contexts, settings, inserted, replies }: Backend, { limit }: ExportQuery): SearchContext {
  if (limit === 0) throw new Refusal(replies.serverError('[size] cannot be [0] in a scroll context'))
  const context = contexts.open({ start: 0 - inserted, rows: settings.records + inserted }, limit)
  if (context) return context
  throw new Refusal(replies.tooManyContexts(settings.maxContexts, settings.tooManyContexts))
}

function foundContext(
  { contexts, replies, settings }: Backend,
  { entry, fault }: ExportCall,
  id: string,
): SearchContext {
  const found = contexts.find(id)
  if (!found) throw new Refusal(replies.serverError('java.lang.IllegalArgumentException: Cannot parse scroll id'))
  const { cursor, context } = found
  entry.searchNumber = cursor.search
  if (context && fault?.kind !== 'expire') return context
  if (context) contexts.drop(context)
  throw new Refusal(replies.expired(cursor.search, settings.shards))
}

function pageData({ pages }: Backend, { fault, zone }: ExportCall, turn: Turn, context: SearchContext): PageData {
  const isWhole = !turn.torn && !context.isPartial
  if (isWhole && (!spoilsPage(fault) || turn.rows === 0)) return { data: pages.array(turn, zone), count: turn.rows }
  const rowsOf = (run: Run) =>
    pages.rows(run, zone).filter((_, n) => !context.isPartial || isKept(run.start + n, context))
  const rows = turn.torn ? halves(rowsOf(turn), rowsOf(turn.torn)) : rowsOf(turn)
  return spoilsPage(fault) && rows.length > 0 ? spoil(fault, rows) : pageOf(rows)
}

const isKept = (index: number, { snapshot }: SearchContext) => (index - snapshot.start) % 2 === 0

/** Half of each page. */
const halves = (one: readonly string[], other: readonly string[]) => [
  ...one.filter((_, n) => n % 2 === 0),
  ...other.filter((_, n) => n % 2 === 1),
]

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

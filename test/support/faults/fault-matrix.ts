// Every kind of fault on the first, a middle and the last page, with restart and with fail: a table of the expected outcomes, and exports
// from the fake server that have these faults. `npm run faults` prints the outcomes; test/pipeline/faults.test.ts compares them with the table.
import { once } from 'node:events'
import { Writable, type Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parse } from 'csv-parse/sync'
import { exportStream, toCsv, type ExportOptions, type ExportStream } from '../../../lib/index.js'
import { endTimeLimitsAtFaults, REQUEST_TIMEOUT } from './end-time-limits.js'
import type { Fault, LoggedRequest } from '../../../lib/testing/index.js'
import { startWatched, type WatchedServer } from '../servers/watched-server.js'

/** A file format and a foreign reader of it. */
export interface Sink {
  readonly name: string
  encoder(): Duplex
  /** The instance ids in a file, in its order. */
  ids(file: Buffer): string[] | Promise<string[]>
}

export const csvSink: Sink = {
  name: 'csv',
  encoder: () => toCsv({ columns: ['startDate', 'processInstanceId', 'variable:amount'] }),
  ids: (file) => parse(file, { columns: true }).map((row) => (row as { processInstanceId: string }).processInstanceId),
}

export const pagePositions = { first: 1, middle: 3, last: 5 } as const
export const modes = ['restart', 'fail'] as const

export type PagePosition = keyof typeof pagePositions
export type Mode = (typeof modes)[number]

const RECORDS = 50
const LIMIT = 10

const ok = 'ok'
const retried = 'ok, 1 retry'
const restarted = 'ok, 1 restart'

/** A fault and its outcome: on the first page, and on a later one, which has a cursor. */
export interface FaultRow {
  readonly fault: Fault
  readonly first: Readonly<Record<Mode, string>>
  readonly later: Readonly<Record<Mode, string>>
  readonly options?: Partial<ExportOptions>
  /** A description, if the kind alone is not clear. */
  readonly note?: string
}

const forBothModes = (outcome: string) => ({ restart: outcome, fail: outcome })
const createSameRow = (fault: Fault, outcome: string, rest: Partial<FaultRow> = {}): FaultRow => ({
  fault,
  first: forBothModes(outcome),
  later: forBothModes(outcome),
  ...rest,
})
/** The cursor may have moved: a request for the first page is repeated, one for a later page never. */
const createAmbiguousRow = (fault: Fault, code: string, rest: Partial<FaultRow> = {}): FaultRow => ({
  fault,
  first: forBothModes(retried),
  later: { restart: restarted, fail: code },
  ...rest,
})
/** The page arrived but cannot be used; a repeated request would get the same page. */
const createUnusableRow = (fault: Fault, rest: Partial<FaultRow> = {}): FaultRow => ({
  fault,
  first: forBothModes('ERR_RESPONSE'),
  later: { restart: restarted, fail: 'ERR_RESPONSE' },
  ...rest,
})
/** Records are missing, or the totals do not match. */
const createIncompleteRow = (fault: Fault): FaultRow => ({
  fault,
  first: { restart: restarted, fail: 'ERR_INCOMPLETE' },
  later: { restart: restarted, fail: 'ERR_INCOMPLETE' },
})

/** The time limit ends after the fault; see {@link endTimeLimitsAtFaults}. */
const endedTimeLimit = { options: { requestTimeout: REQUEST_TIMEOUT } }

export const faultRows: readonly FaultRow[] = [
  createAmbiguousRow({ kind: 'hangUp' }, 'ERR_NETWORK'),
  createAmbiguousRow({ kind: '503' }, 'ERR_HTTP'),
  createSameRow({ kind: '429', retryAfter: 0 }, retried),
  createSameRow({ kind: '401' }, ok),
  createUnusableRow({ kind: 'login' }),
  createSameRow({ kind: 'redirect' }, 'ERR_RESPONSE'),
  createSameRow({ kind: 'redirectSame' }, ok),
  { fault: { kind: 'expire' }, first: forBothModes(ok), later: { restart: restarted, fail: 'ERR_CURSOR_EXPIRED' } },
  createSameRow({ kind: 'repeatPage' }, ok),
  {
    fault: { kind: 'tornPage' },
    first: forBothModes(ok),
    later: { restart: restarted, fail: 'ERR_INCOMPLETE' },
  },
  createIncompleteRow({ kind: 'totalShrinks' }),
  createIncompleteRow({ kind: 'missingRows' }),
  createIncompleteRow({ kind: 'emptyPage' }),
  createAmbiguousRow({ kind: 'wrongCount' }, 'ERR_RESPONSE'),
  createUnusableRow({ kind: 'nullRecord' }),
  createAmbiguousRow({ kind: 'invalidUtf8' }, 'ERR_RESPONSE'),
  createSameRow({ kind: 'deep' }, ok),
  createAmbiguousRow({ kind: '500' }, 'ERR_HTTP'),
  createAmbiguousRow({ kind: '502' }, 'ERR_HTTP'),
  createAmbiguousRow({ kind: '504' }, 'ERR_HTTP'),
  createAmbiguousRow({ kind: 'body', status: 408 }, 'ERR_HTTP', { note: 'body: 408' }),
  createAmbiguousRow({ kind: 'body', body: '' }, 'ERR_RESPONSE', { note: 'body: empty' }),
  createUnusableRow({ kind: 'body', body: '{"totalNumberOfRecords":50,"data":"x"}' }, { note: 'body: data is text' }),
  createUnusableRow({ kind: 'wrongType' }),
  createAmbiguousRow({ kind: 'drop' }, 'ERR_NETWORK'),
  createAmbiguousRow({ kind: 'cut' }, 'ERR_NETWORK'),
  createAmbiguousRow({ kind: 'cutGzip' }, 'ERR_RESPONSE'),
  createAmbiguousRow({ kind: 'truncate' }, 'ERR_RESPONSE'),
  createAmbiguousRow({ kind: 'delay', ms: 600_000 }, 'ERR_TIMEOUT', endedTimeLimit),
  createAmbiguousRow({ kind: 'drip' }, 'ERR_TIMEOUT', endedTimeLimit),
  createSameRow({ kind: 'huge', bytes: 2 ** 20 }, 'ERR_RESPONSE', { options: { maxPageBytes: 2 ** 19 } }),
]

export const getRowName = ({ fault, note }: FaultRow) => note ?? fault.kind

export const getExpectedOutcome = (row: FaultRow, position: PagePosition, mode: Mode) =>
  row[position === 'first' ? 'first' : 'later'][mode]

export interface CellResult {
  readonly row: FaultRow
  readonly position: PagePosition
  readonly mode: Mode
  readonly sink: string
  /** `ok` with its retries and restarts, or the code of the error. */
  readonly outcome: string
  readonly error: unknown
  /** Ids in the file, by a foreign reader; none after a failed export, which leaves no file. */
  readonly ids: readonly string[]
  /** Ids that the server has. */
  readonly expectedIds: readonly string[]
  readonly requests: readonly LoggedRequest[]
  readonly stats: Readonly<ExportStream['stats']>
}

/** Runs one cell against a server of its own. */
export async function runCell(row: FaultRow, position: PagePosition, mode: Mode, sink: Sink): Promise<CellResult> {
  const faults = [{ ...row.fault, page: pagePositions[position] }]
  const server = await startWatched(undefined, { records: RECORDS, variableNames: ['amount'], faults })
  try {
    return await exportOnce(server, row, { position, mode }, sink)
  } finally {
    await server.close()
  }
}

async function exportOnce(
  server: WatchedServer,
  row: FaultRow,
  { position, mode }: { position: PagePosition; mode: Mode },
  sink: Sink,
): Promise<CellResult> {
  const { url, reportId, token, requests } = server
  const source = exportStream({
    baseUrl: url,
    reportId,
    accessToken: token,
    limit: LIMIT,
    recovery: mode,
    retry: { minDelay: 1, maxDelay: 5 },
    ...row.options,
  })
  const file: Buffer[] = []
  const fileSink = new Writable({
    write: (chunk: Buffer, _, done) => {
      file.push(chunk)
      done()
    },
  })
  const restoreTimers = endTimeLimitsAtFaults(server)
  const error = await pipeline(source, sink.encoder(), fileSink)
    .then(
      () => undefined,
      (failure: unknown) => failure,
    )
    .finally(restoreTimers)
  if (!source.closed) await once(source, 'close')
  const stats = { ...source.stats }
  return {
    row,
    position,
    mode,
    sink: sink.name,
    outcome: describeOutcome(error, stats),
    error,
    ids: error ? [] : await sink.ids(Buffer.concat(file)),
    expectedIds: server.ids(),
    requests,
    stats,
  }
}

function describeOutcome(error: unknown, { retries, restarts }: ExportStream['stats']): string {
  if (error) return (error as { code?: string }).code ?? (error as Error).message
  return ['ok', formatTimes(retries, 'retry', 'retries'), formatTimes(restarts, 'restart', 'restarts')]
    .filter(Boolean)
    .join(', ')
}

const formatTimes = (count: number, one: string, more: string) =>
  count === 0 ? '' : `${count} ${count === 1 ? one : more}`

/** Returns the cursors that were sent again after a request that may have moved them. There must be none. */
export function findBlindRepeats({ requests, row }: CellResult): string[] {
  const code = row.later.fail
  const isAmbiguous = !code.startsWith(ok) && code !== 'ERR_INCOMPLETE'
  const faultedRequest = requests.find(({ fault }) => fault !== undefined)
  const next = requests[faultedRequest?.number ?? Infinity]
  return isAmbiguous && faultedRequest?.carriesCursor && next?.carriesCursor ? [next.query['searchRequestId']!] : []
}

/** Returns the matrix as text: one row per fault, one column per page and mode; `(!)` marks an outcome that is not expected. */
export function formatMatrix(results: readonly CellResult[]): string {
  const columns = modes.flatMap((mode) =>
    (Object.keys(pagePositions) as PagePosition[]).map((position) => ({ mode, position })),
  )
  const lines = [...new Set(results.map(({ row, sink }) => `${sink} ${getRowName(row)}`))].map((name) => [
    name,
    ...columns.map(({ mode, position }) => {
      const cell = results.find(
        (r) => `${r.sink} ${getRowName(r.row)}` === name && r.mode === mode && r.position === position,
      )
      return cell ? `${cell.outcome}${cell.outcome === getExpectedOutcome(cell.row, position, mode) ? '' : ' (!)'}` : ''
    }),
  ])
  const table = [['fault', ...columns.map(({ mode, position }) => `${position}, ${mode}`)], ...lines]
  const widths = table[0]!.map((_, at) => Math.max(...table.map((line) => line[at]!.length)))
  return table
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

// Every kind of fault x first, middle, last page x restart or fail, against a real server: what is promised for each, as a
// table, and what really happens. `npm run faults` prints it; test/pipeline/faults.test.ts holds one against the other.
import { once } from 'node:events'
import { Writable, type Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parse } from 'csv-parse/sync'
import { exportStream, toCsv, type ExportOptions, type ExportStream } from '../../lib/index.js'
import { endTimeLimitsAtFaults, REQUEST_TIMEOUT } from './end-time-limits.js'
import { startFakeOptimize, type Fault, type FakeOptimize, type LoggedRequest } from '../../lib/testing/index.js'

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

export const places = { first: 1, middle: 3, last: 5 } as const
export const modes = ['restart', 'fail'] as const

export type Place = keyof typeof places
export type Mode = (typeof modes)[number]

const RECORDS = 50
const LIMIT = 10

const ok = 'ok'
const retried = 'ok, 1 retry'
const restarted = 'ok, 1 restart'

/** A fault and what it comes to: on the first page, and on a later one, which carries a cursor. */
export interface FaultRow {
  readonly fault: Fault
  readonly first: Readonly<Record<Mode, string>>
  readonly later: Readonly<Record<Mode, string>>
  readonly options?: Partial<ExportOptions>
  /** What it shows, where the kind alone does not say it. */
  readonly note?: string
}

const everywhere = (outcome: string) => ({ restart: outcome, fail: outcome })
const same = (fault: Fault, outcome: string, rest: Partial<FaultRow> = {}): FaultRow => ({
  fault,
  first: everywhere(outcome),
  later: everywhere(outcome),
  ...rest,
})
/** Nobody knows whether the cursor has moved: a first page is asked for again, a later one never is. */
const doubtful = (fault: Fault, code: string, rest: Partial<FaultRow> = {}): FaultRow => ({
  fault,
  first: everywhere(retried),
  later: { restart: restarted, fail: code },
  ...rest,
})
/** The page came, and it cannot be used: asking for a first page again would bring the same. */
const unusable = (fault: Fault, rest: Partial<FaultRow> = {}): FaultRow => ({
  fault,
  first: everywhere('ERR_RESPONSE'),
  later: { restart: restarted, fail: 'ERR_RESPONSE' },
  ...rest,
})
/** Records are missing, or the numbers do not add up. */
const short = (fault: Fault): FaultRow => ({
  fault,
  first: { restart: restarted, fail: 'ERR_INCOMPLETE' },
  later: { restart: restarted, fail: 'ERR_INCOMPLETE' },
})

/** Its time limit is over when the fault has struck; see {@link endTimeLimitsAtFaults}. */
const impatient = { options: { requestTimeout: REQUEST_TIMEOUT } }

export const faultRows: readonly FaultRow[] = [
  doubtful({ kind: 'refuse' }, 'ERR_NETWORK'),
  doubtful({ kind: '503' }, 'ERR_HTTP'),
  same({ kind: '429', retryAfter: 0 }, retried),
  same({ kind: '401' }, ok),
  unusable({ kind: 'login' }),
  same({ kind: 'redirect' }, 'ERR_RESPONSE'),
  same({ kind: 'redirectSame' }, ok),
  { fault: { kind: 'expire' }, first: everywhere(ok), later: { restart: restarted, fail: 'ERR_CURSOR_EXPIRED' } },
  same({ kind: 'repeatPage' }, ok),
  {
    fault: { kind: 'tornPage' },
    first: everywhere(ok),
    later: { restart: restarted, fail: 'ERR_INCOMPLETE' },
  },
  short({ kind: 'totalShrinks' }),
  short({ kind: 'missingRows' }),
  short({ kind: 'emptyPage' }),
  doubtful({ kind: 'wrongCount' }, 'ERR_RESPONSE'),
  unusable({ kind: 'nullRecord' }),
  doubtful({ kind: 'invalidUtf8' }, 'ERR_RESPONSE'),
  same({ kind: 'deep' }, ok),
  doubtful({ kind: '500' }, 'ERR_HTTP'),
  doubtful({ kind: '502' }, 'ERR_HTTP'),
  doubtful({ kind: '504' }, 'ERR_HTTP'),
  doubtful({ kind: 'body', status: 408 }, 'ERR_HTTP', { note: 'body: 408' }),
  doubtful({ kind: 'body', body: '' }, 'ERR_RESPONSE', { note: 'body: empty' }),
  unusable({ kind: 'body', body: '{"totalNumberOfRecords":50,"data":"x"}' }, { note: 'body: data is text' }),
  unusable({ kind: 'wrongType' }),
  doubtful({ kind: 'drop' }, 'ERR_NETWORK'),
  doubtful({ kind: 'cut' }, 'ERR_NETWORK'),
  doubtful({ kind: 'cutGzip' }, 'ERR_RESPONSE'),
  doubtful({ kind: 'truncate' }, 'ERR_RESPONSE'),
  doubtful({ kind: 'delay', ms: 600_000 }, 'ERR_TIMEOUT', impatient),
  doubtful({ kind: 'drip' }, 'ERR_TIMEOUT', impatient),
  same({ kind: 'huge', bytes: 2 ** 20 }, 'ERR_RESPONSE', { options: { maxPageBytes: 2 ** 19 } }),
]

export const nameOf = ({ fault, note }: FaultRow) => note ?? fault.kind

/** What is promised. */
export const promised = (row: FaultRow, place: Place, mode: Mode) => row[place === 'first' ? 'first' : 'later'][mode]

/** What happened in one cell. */
export interface CellResult {
  readonly row: FaultRow
  readonly place: Place
  readonly mode: Mode
  readonly sink: string
  /** `ok`, with what it took, or the code of the error. */
  readonly outcome: string
  readonly error: unknown
  /** Ids in the file, by a foreign reader; of a failed export there is no file. */
  readonly ids: readonly string[]
  /** Ids that the server has. */
  readonly expectedIds: readonly string[]
  readonly requests: readonly LoggedRequest[]
  readonly stats: Readonly<ExportStream['stats']>
}

/** Runs one cell against a server of its own. */
export async function runCell(row: FaultRow, place: Place, mode: Mode, sink: Sink): Promise<CellResult> {
  const server = await startFakeOptimize({
    records: RECORDS,
    variableNames: ['amount'],
    faults: [{ ...row.fault, page: places[place] }],
  })
  try {
    return await exportOnce(server, row, { place, mode }, sink)
  } finally {
    await server.close()
  }
}

async function exportOnce(
  server: FakeOptimize,
  row: FaultRow,
  { place, mode }: { place: Place; mode: Mode },
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
  const disk = new Writable({
    write: (chunk: Buffer, _, done) => {
      file.push(chunk)
      done()
    },
  })
  const putTimersBack = endTimeLimitsAtFaults(server)
  const error = await pipeline(source, sink.encoder(), disk)
    .then(
      () => undefined,
      (failure: unknown) => failure,
    )
    .finally(putTimersBack)
  if (!source.closed) await once(source, 'close')
  const stats = { ...source.stats }
  return {
    row,
    place,
    mode,
    sink: sink.name,
    outcome: outcomeOf(error, stats),
    error,
    ids: error ? [] : await sink.ids(Buffer.concat(file)),
    expectedIds: server.ids(),
    requests,
    stats,
  }
}

function outcomeOf(error: unknown, { retries, restarts }: ExportStream['stats']): string {
  if (error) return (error as { code?: string }).code ?? (error as Error).message
  return ['ok', times(retries, 'retry', 'retries'), times(restarts, 'restart', 'restarts')].filter(Boolean).join(', ')
}

const times = (count: number, one: string, more: string) => (count === 0 ? '' : `${count} ${count === 1 ? one : more}`)

/** Cursors asked for again right after an answer that left them in doubt: there must be none. */
export function blindRepeats({ requests, row }: CellResult): string[] {
  const code = row.later.fail
  const isInDoubt = !code.startsWith(ok) && code !== 'ERR_INCOMPLETE'
  const struck = requests.find(({ fault }) => fault !== undefined)
  const next = requests[struck?.number ?? Infinity]
  return isInDoubt && struck?.carriesCursor && next?.carriesCursor ? [next.query['searchRequestId']!] : []
}

/** The matrix as text: a row a fault, a column a place and mode. */
export function printMatrix(results: readonly CellResult[]): string {
  const columns = modes.flatMap((mode) => (Object.keys(places) as Place[]).map((place) => ({ mode, place })))
  const lines = [...new Set(results.map(({ row, sink }) => `${sink} ${nameOf(row)}`))].map((name) => [
    name,
    ...columns.map(({ mode, place }) => {
      const cell = results.find((r) => `${r.sink} ${nameOf(r.row)}` === name && r.mode === mode && r.place === place)
      return cell ? `${cell.outcome}${cell.outcome === promised(cell.row, place, mode) ? '' : ' (!)'}` : ''
    }),
  ])
  const table = [['fault', ...columns.map(({ mode, place }) => `${place}, ${mode}`)], ...lines]
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

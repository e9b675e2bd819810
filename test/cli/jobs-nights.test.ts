// Three nights of 40 reports of four kinds: 5 % of the requests have faults, of every kind; night two has other columns and types, and
// night three an outage. Every file and table is compared with what the server has.
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import t, { type Test } from 'tap'
import {
  faultsOfReply,
  faultsBeforeProcessing,
  faultsOfPage,
  faultsOfSearch,
  faultsOfSending,
} from '../../lib/testing/faults/faults.js'
import { Random } from '../../lib/testing/random.js'
import type { Fault, FakeOptimizeOptions } from '../../lib/testing/index.js'
import { endTimeLimitsAtFaults } from '../support/faults/end-time-limits.js'
import { createJobsFolder, type JobsDocument, type JobsFolder } from '../support/command/jobs.js'
import { createDuckdbTarget } from '../support/loads/load-targets.js'
import { seed } from '../support/random/property.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'
import { readXlsx } from '../support/readers/read-xlsx.js'
import { startS3 } from '../support/servers/s3-server.js'
import { startWatched, type WatchedServer } from '../support/servers/watched-server.js'

t.setTimeout(240_000)

const kinds = ['process', 'decision', 'map', 'hyperMap'] as const
type Kind = (typeof kinds)[number]

const REPORTS = 10
const RECORDS = 120
const REQUESTS_PER_FAULT = 20
const allFaults = [...faultsBeforeProcessing, ...faultsOfSearch, ...faultsOfPage, ...faultsOfReply, ...faultsOfSending]

const reportIds = Array.from({ length: REPORTS }, (_, at) => `r${at}`)
const requestTimeouts = { process: 86_399_001, decision: 86_399_002, map: 86_399_003, hyperMap: 86_399_004 }

/** One request of 20 has a fault. In three nights, the two servers with several pages have all kinds of faults, six each night. */
function createFaults(night: number, serverIndex: number, random: Random): Fault[] {
  random.startAt(seed + night, serverIndex)
  const first = ((night - 1) * 2 + serverIndex) * 6
  return Array.from({ length: 50 }, (_, at): Fault => {
    const kind = allFaults[(first + at) % allFaults.length]!
    const request = 1 + at * REQUESTS_PER_FAULT + random.below(REQUESTS_PER_FAULT)
    return { kind, request, ms: kind === 'delay' ? 600_000 : undefined, retryAfter: 0, bytes: 2 ** 21 }
  })
}

/** The options of a server: from night two on, the variables, types and definitions are others, and there are fewer records. */
function createOptions(kind: Kind, night: number, faults: readonly Fault[], port: number): FakeOptimizeOptions {
  const hasDrift = night >= 2
  const records = hasDrift ? RECORDS - 20 : RECORDS
  const options = { report: kind, records, faults, port, collections: { c: reportIds }, seed: 7, cachePages: true }
  if (kind === 'process')
    return { ...options, data: Array.from({ length: records }, (_, at) => createRecord(at, night)) }
  return kind === 'decision' ? { ...options, variableNames: hasDrift ? ['sum', 'region'] : ['sum', 'state'] } : options
}

const createRecord = (at: number, night: number) => ({
  processDefinitionKey: 'order',
  processDefinitionId: night >= 2 && at % 3 === 0 ? 'order:2' : 'order:1',
  processInstanceId: `id-${at}`,
  businessKey: at % 4 === 0 ? null : `key "${at}", ä\n=1+1`,
  startDate: '2026-05-31T06:11:26.123+0000',
  endDate: null,
  duration: at * night,
  engineName: null,
  tenantId: null,
  variables: {
    amount: night >= 2 && at === 5 ? 'n/a' : String(at),
    ...(night >= 2 ? { region: 'EU' } : { state: 'open' }),
  },
})

const formats = ['csv', 'csv.gz', 'ndjson', 'parquet', 'xlsx', 's3', 'table', 'merge', 'csv', 'parquet'] as const

interface Job {
  readonly name: string
  readonly kind: Kind
  readonly format: (typeof formats)[number]
}
const jobList: readonly Job[] = kinds.flatMap((kind) =>
  reportIds.map((id, at) => ({ name: `${kind}-${id}`, kind, format: formats[at]! })),
)

function writeJobsFile(jobs: JobsFolder, servers: Readonly<Record<Kind, WatchedServer>>, database: string): void {
  const lines = jobList.map(({ name, kind, format }) => {
    const { url, token } = servers[kind]
    const isRaw = kind === 'process' || kind === 'decision'
    const mode = format === 'merge' && isRaw ? ', mode: merge, delete-missing: hard' : ''
    const target =
      format === 'table' || format === 'merge'
        ? `table: '${name.replace('-', '_')}', into: 'duckdb:${database}'${mode}`
        : `out: '${format === 's3' ? `s3://lake/${name}.csv` : jobs.path(`${name}.${format}`)}'`
    return `  - { name: ${name}, report: ${name.split('-')[1]!}, url: '${url}', token: ${token}, request-timeout: ${requestTimeouts[kind]}, ${target} }`
  })
  jobs.write(`version: 1
defaults: { limit: 10, concurrency: 1, fresh-for: 20h, retry-attempts: 4, retry-min-delay: 1, retry-max-delay: 5, max-page-bytes: 1048576, wait: 60s }
jobs:
${lines.join('\n')}
`)
}

/** Returns the records of the server, one text per record. */
async function listServerRecords(kind: Kind, server: WatchedServer): Promise<string[]> {
  if (kind === 'process')
    return server.ids().map((id, at) => {
      const { businessKey, duration, variables } = server.record(at) as unknown as ReturnType<typeof createRecord>
      return [id, businessKey ?? '', duration, variables.amount].join('|')
    })
  if (kind === 'decision') return server.ids()
  const path = `${server.url}/api/public/export/report/r0/result/json?limit=1`
  for (;;) {
    const answer = await fetch(path, {
      headers: { authorization: `Bearer ${server.token}` },
      redirect: 'manual',
    }).catch(() => undefined)
    const body = (await answer?.json().catch(() => undefined)) as { data?: Entry[] } | undefined
    if (server.requests.at(-1)!.fault === undefined && body?.data) return body.data.flatMap((entry) => flatten(entry))
  }
}

interface Entry {
  readonly key: string
  readonly value: number | null | readonly Entry[]
}
const flatten = ({ key, value }: Entry): string[] =>
  Array.isArray(value)
    ? (value as readonly Entry[]).map((inner) => `${key}|${inner.key}|${toText(inner.value)}`)
    : [`${key}|${toText(value)}`]
const toText = (value: unknown) => (value === null || value === undefined || value === '' ? '' : String(Number(value)))

type Row = Readonly<Record<string, unknown>>

/** Returns the same text for a row of a file or a table. Columns of tables have other names. */
function toRecordText(kind: Kind, row: Row): string {
  const get = (...names: string[]) =>
    (names.map((name) => row[name]).find((value) => value !== undefined) ?? '') as string | number
  if (kind === 'process')
    return [
      get('processInstanceId', 'process_instance_id'),
      get('businessKey', 'business_key'),
      get('duration'),
      get('variable:amount', 'variable_amount'),
    ]
      .map(String)
      .join('|')
  if (kind === 'decision') return String(get('decisionInstanceId', 'decision_instance_id'))
  const names = Object.keys(row).filter((name) => /key/i.test(name) && !name.startsWith('_'))
  return [...names.map((name) => String(row[name])), toText(get('value'))].join('|')
}

const readCsv = (bytes: Buffer) => parse<Row>(bytes, { columns: true })

async function readRows({ name, format, kind }: Job, jobs: JobsFolder, readTarget: TargetReader): Promise<string[]> {
  if (format === 'table' || format === 'merge')
    return (await readTarget.table(name.replace('-', '_'))).map((row) => toRecordText(kind, row))
  if (format === 's3') return readCsv(readTarget.object(`${name}.csv`)).map((row) => toRecordText(kind, row))
  const bytes = readFileSync(jobs.path(`${name}.${format}`))
  if (format === 'csv') return readCsv(bytes).map((row) => toRecordText(kind, row))
  if (format === 'csv.gz') return readCsv(gunzipSync(bytes)).map((row) => toRecordText(kind, row))
  if (format === 'ndjson')
    return bytes
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
      .flatMap((row) => {
        if (kind === 'map' || kind === 'hyperMap') return flatten(row as unknown as Entry)
        const { amount } = (row['variables'] ?? {}) as Row
        return [toRecordText(kind, { ...row, 'variable:amount': amount })]
      })
  if (format === 'parquet') {
    const { names, rows } = await readBytesWithDuckdb(bytes)
    return rows.map((row) => toRecordText(kind, Object.fromEntries(names.map((column, at) => [column, row[at] ?? '']))))
  }
  return listXlsxRows(bytes).map((row) => toRecordText(kind, row))
}

function listXlsxRows(bytes: Buffer): Row[] {
  const [header, ...rows] = readXlsx(bytes)[0]!.rows
  const column = (reference: string) => reference.replace(/\d+$/, '')
  const names = new Map([...header!].map(([reference, { value }]) => [column(reference), value]))
  return rows.map((row) =>
    Object.fromEntries([...row].map(([reference, { value }]) => [names.get(column(reference))!, value])),
  )
}

interface TargetReader {
  readonly table: (name: string) => Promise<Row[]>
  readonly object: (key: string) => Buffer
}

/** A day passes: the successes of the state are 24 hours older. */
function passDay(jobs: JobsFolder): void {
  const path = jobs.path('.optimize-export/state.json')
  const state = JSON.parse(readFileSync(path, 'utf8')) as {
    jobs: Record<string, { lastSuccess?: { finishedAt: string } }>
  }
  for (const { lastSuccess } of Object.values(state.jobs))
    if (lastSuccess)
      lastSuccess.finishedAt = new Date(Date.parse(lastSuccess.finishedAt) - 24 * 3_600_000).toISOString()
  writeFileSync(path, JSON.stringify(state))
}

async function startServers(night: number, ports: Partial<Record<Kind, number>> = {}, hasFaults = true) {
  const random = new Random()
  const started = await Promise.all(
    kinds.map(async (kind, at) => {
      const faults = hasFaults ? createFaults(night, at, random) : []
      return [kind, await startWatched(undefined, createOptions(kind, night, faults, ports[kind] ?? 0))] as const
    }),
  )
  const servers = Object.fromEntries(started) as Record<Kind, WatchedServer>
  const restores = started.map(([kind, server]) =>
    endTimeLimitsAtFaults(server, { timeout: requestTimeouts[kind], kinds: ['delay', 'drip'] }),
  )
  const close = async () => {
    for (const restore of restores.toReversed()) restore()
    await Promise.all(started.map(([, server]) => server.close()))
  }
  return { servers, close }
}

t.test('after each of three nights, every target has the data of the server', { timeout: 240_000 }, async (t) => {
  const target = createDuckdbTarget()
  const store = await startS3()
  t.teardown(() => Promise.all([target.close(), store.close()]))
  // the SDK reads the environment of the process
  Object.assign(process.env, store.env)
  const jobs = createJobsFolder(t)
  const seen = new Set<string>()
  const readTarget: TargetReader = {
    table: (name) => target.query(`SELECT * FROM ${name}`),
    object: (key) => store.buckets.get('lake')!.get(key)!.bytes,
  }
  const note = (servers: Readonly<Record<Kind, WatchedServer>>) => {
    for (const { requests } of Object.values(servers)) for (const { fault } of requests) if (fault) seen.add(fault)
  }
  const check = async (t: Test, servers: Readonly<Record<Kind, WatchedServer>>) => {
    for (const kind of kinds) {
      const expected = (await listServerRecords(kind, servers[kind])).sort()
      for (const job of jobList.filter((one) => one.kind === kind))
        t.strictSame((await readRows(job, jobs, readTarget)).sort(), expected, `${job.name}: ${job.format}`)
    }
  }
  /** Runs until every job is complete. Returns the documents. */
  const runNight = async (t: Test, ...flags: string[]): Promise<JobsDocument[]> => {
    const documents: JobsDocument[] = []
    for (let tries = 0; tries < 8; tries++) {
      const { document } = await jobs.runJson('--jobs', '4', '--quiet', ...(tries > 0 ? ['--resume'] : flags))
      documents.push(document)
      if (document.exitCode === 0) break
    }
    t.equal(documents.at(-1)!.exitCode, 0, `complete after ${documents.length} tries`)
    t.equal(documents.at(-1)!.jobs.length, jobList.length)
    return documents
  }

  await t.test('night one: every target is written', async (t) => {
    const { servers, close } = await startServers(1)
    t.teardown(close)
    writeJobsFile(jobs, servers, target.path)
    await runNight(t)
    note(servers)
    await check(t, servers)
  })

  await t.test('night two: what changed is reported, and the targets have the new data', async (t) => {
    passDay(jobs)
    const { servers, close } = await startServers(2)
    t.teardown(close)
    writeJobsFile(jobs, servers, target.path)
    const documents = await runNight(t)
    note(servers)
    await check(t, servers)
    const changesOf = (name: string) =>
      documents
        .flatMap(({ jobs }) => jobs.filter((job) => job.name === name).flatMap(({ changes }) => changes))
        .join('\n')
    for (const { name, format } of jobList.filter(({ kind }) => kind === 'process')) {
      const changes = changesOf(name)
      if (format !== 'ndjson')
        t.match(changes, /new column variable:region[^]*no longer has the column variable:state/, name)
      t.match(changes, 'instances of order:2 appeared', name)
      if (!['table', 'merge'].includes(format)) t.match(changes, /has 100 rows, and had 120/, name)
    }
    t.match(changesOf('process-r6'), 'the column variable:amount was int64 and is now string', 'a table with types')
  })

  await t.test('night three: an outage in the middle, then --resume', async (t) => {
    passDay(jobs)
    const night = await startServers(3)
    writeJobsFile(jobs, night.servers, target.path)
    const running = jobs.start(['--jobs', '4', '--quiet', '--json'])
    await night.servers.process.received(15)
    note(night.servers)
    await night.close()
    t.equal(await running.code, 1)
    const failed = (JSON.parse(running.stdout.text) as JobsDocument).jobs.filter(({ result }) => result === 'failed')
    t.ok(failed.length > 0 && failed.length < jobList.length, `${failed.length} of ${jobList.length} failed`)
    const ports = Object.fromEntries(kinds.map((kind) => [kind, Number(new URL(night.servers[kind].url).port)]))
    const { servers, close } = await startServers(3, ports)
    t.teardown(close)
    const documents = await runNight(t, '--resume')
    note(servers)
    t.ok(documents[0]!.jobs.some(({ result }) => result === 'done'))
    await check(t, servers)
  })
  const missing = allFaults.filter((kind) => !seen.has(kind))
  t.strictSame(missing, [], 'every kind of fault occurred')
})

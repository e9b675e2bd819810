// How long does the transaction of a load take, compared with the bulk tool of the database on the same rows?
import { execFileSync, spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { duckdb } from '../../lib/destinations/duckdb/index.js'
import { postgres } from '../../lib/destinations/postgres/index.js'
import { loadReport, type Destination, type LoadOptions } from '../../lib/index.js'
import { root } from '../../test/support/root.js'
import { startPostgres, type Postgres } from '../../test/support/servers/postgres.js'
import { runDuckdbStatement } from '../case-helpers/duckdb-statement.js'
import { runPsql } from '../case-helpers/psql.js'
import type { CaseInput, ReportLocation } from '../harness/case-types.js'
import { runCase } from '../harness/contest.js'
import { formatMarkdownTable } from '../harness/markdown.js'
import type { Answer, BenchRun, Question } from '../harness/question.js'
import { withServer, type BenchServer } from '../harness/server-process.js'
import { shapes } from '../harness/shapes.js'
import { computeSpread, formatInteger, formatSeconds } from '../harness/statistics.js'

const MAX_RATIO = 1.3
const ROUNDS = 3

/** The rows of the large table, as a multiple of those of the report that is merged into it. */
const LARGE_FACTOR = 10

export const loads: Question = {
  id: 'loads',
  title: 'Loads into DuckDB and PostgreSQL',
  async ask(run: BenchRun): Promise<Answer> {
    const records = run.quick ? 5000 : 300_000
    const started = await startPostgres()
    const results = await withServer(run.folder, { ...shapes[1]!.server, records }, async (server) => [
      await measureDuckdb(run, server, records),
      ...(typeof started === 'string' ? [] : [await measurePostgres(run, server, started, records)]),
    ])
    if (typeof started !== 'string') await started.stop()
    const skipped = typeof started === 'string' ? `\n\nPostgreSQL: skipped, ${started}` : ''
    const method = `${formatInteger(records)} records of the modern shape (31 columns). Only the transaction is timed, not the export; both sides write the same rows, in turns. The bulk tool is CREATE TABLE AS of the load file (Parquet) for DuckDB, and psql's \\copy of a CSV file into an unlogged table plus one INSERT for PostgreSQL; for a replace DELETE comes first, for a merge it is INSERT … ON CONFLICT DO UPDATE; none of them checks the result.`
    const head = ['', 'load s', 'bulk tool s', 'ratio', `≤ ${MAX_RATIO}`]
    const large = `The same report merged once into a table of ${formatInteger(records * LARGE_FACTOR)} rows; about half of the rows of the report are updated. Peak RSS is that of the command \`load --mode replace\`, with the export.`
    const largeHead = ['', 'merge s', 'peak RSS MB of a load']
    const peer = `dlt with its rest_api source and a cursor paginator into DuckDB, once (\`BENCH_DLT\` names its Python). The times of both include the export.`
    const peerHead = ['', 'ours s', 'dlt s', 'dlt rows', 'dlt peak RSS MB']
    const parts = [
      method,
      formatMarkdownTable(
        head,
        results.flatMap(({ ratios }) => ratios),
      ),
      large,
      formatMarkdownTable(
        largeHead,
        results.map(({ name, mergeMs, rss }) => [name, (mergeMs / 1000).toFixed(1), String(rss)]),
      ),
      ...(process.env['BENCH_DLT']
        ? [
            peer,
            formatMarkdownTable(
              peerHead,
              results.flatMap(({ peer }) => (peer ? [peer] : [])),
            ),
          ]
        : []),
    ]
    return { text: `${parts.join('\n\n')}${skipped}`, figures: {} }
  },
}

interface Result {
  readonly name: string
  readonly ratios: string[][]
  readonly mergeMs: number
  readonly rss: number
  readonly peer: string[] | undefined
}

/** Runs the command `load` and returns its seconds and its peak RSS in MB. */
function runLoadCommand({ url, reportId, token }: ReportLocation, into: string): { seconds: number; rss: number } {
  const report = "process.on('exit', () => console.error(process.resourceUsage().maxRSS))"
  const argv = ['load', '--report', reportId, '--table', 'orders', '--into', into, '--quiet']
  const started = performance.now()
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(report)}`, join(root, 'dist/cli/main.js'), ...argv],
    { env: { ...process.env, OPTIMIZE_URL: url, OPTIMIZE_TOKEN: token }, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  const seconds = (performance.now() - started) / 1000
  const rssKib = Number(stderr.trim().split('\n').at(-1))
  return { seconds, rss: Math.round((rssKib * 1024) / 1e6) }
}

/** Runs a case with the records of the server, if the case takes any. */
const runPeer = (module: string, server: BenchServer, file: string, rest: Partial<CaseInput> = {}) => {
  const { url, token, reportId, total } = server
  return runCase(module, { url, token, reportId, total, records: total, file, options: {}, ...rest })
}

/** Runs dlt and returns the row of its table, or undefined if `BENCH_DLT` names no Python. */
async function runDlt(run: BenchRun, name: string, server: BenchServer, ours: number): Promise<string[] | undefined> {
  if (!process.env['BENCH_DLT']) return undefined
  run.log(`${name}, dlt`)
  const { wallMs, rows, peakRssMb } = await runPeer('dlt', server, join(run.folder, 'dlt.duckdb'))
  return [name, ours.toFixed(1), (wallMs / 1000).toFixed(1), formatInteger(rows), formatInteger(peakRssMb!)]
}

const ID = 'process_instance_id'

/** Returns the SQL that multiplies the rows of the table, and then changes about half of the original rows. */
const createEnlargingSql = (columns: readonly string[]) => {
  const list = columns.map((name) => `"${name}"`).join(', ')
  const values = columns.map((name) => (name === ID ? `"${name}" || '-' || CAST(g AS varchar)` : `"${name}"`))
  return [
    `INSERT INTO orders (${list}) SELECT ${values.join(', ')} FROM orders, generate_series(1, ${LARGE_FACTOR - 1}) AS s(g)`,
    `UPDATE orders SET duration = duration + 1 WHERE process_instance_id IN (SELECT process_instance_id FROM orders WHERE process_instance_id < '8' AND length(process_instance_id) = 36)`,
  ]
}

/** Runs a load and returns the milliseconds of its transaction. Throws if the table does not have all rows. */
async function timeLoad(
  server: ReportLocation,
  into: Destination,
  records: number,
  options: Partial<LoadOptions> = {},
  isLarge = false,
): Promise<number> {
  let started = 0
  const source = createSource(server)
  const onEvent: LoadOptions['onEvent'] = (event) => {
    if (event.type === 'load') started = performance.now()
  }
  const { total, updated } = await loadReport({ source, into, table: 'orders', onEvent, ...options })
  const ms = performance.now() - started
  if (total !== records) throw new Error(`expected ${records} rows, got ${total}`)
  // in the large table, about half of the rows of the report differ
  if (isLarge && updated === 0) throw new Error('expected updated rows, got none')
  return ms
}

const createSource = ({ url, reportId, token }: ReportLocation) => ({
  baseUrl: url,
  reportId,
  accessToken: token,
  prefetch: 1,
})

function createRow(run: BenchRun, label: string, ours: readonly number[], tool: readonly number[]): string[] {
  const [a, b] = [computeSpread(ours), computeSpread(tool)]
  const ratio = a.median / b.median
  run.log(`${label}: ${ratio.toFixed(2)}`)
  return [label, formatSeconds(a), formatSeconds(b), ratio.toFixed(2), ratio <= MAX_RATIO ? 'yes' : '**no**']
}

async function measureDuckdb(run: BenchRun, server: BenchServer, records: number): Promise<Result> {
  const [path, copy, kept] = ['ours.duckdb', 'tool.duckdb', 'load-files'].map((name) => join(run.folder, name)) as [
    string,
    string,
    string,
  ]
  const times = { replace: [] as number[], merge: [] as number[], tool: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    await rm(path, { force: true })
    await rm(copy, { force: true })
    run.log(`DuckDB, round ${round + 1}`)
    times.replace.push(await timeLoad(server, duckdb(path), records, { keepFiles: kept }))
    const [id] = execFileSync('ls', ['-t', kept], { encoding: 'utf8' }).split('\n')
    const options = { rowsFile: join(kept, id!, 'records') }
    times.tool.push((await runPeer('duckdb-table', server, copy, { options })).wallMs)
    times.merge.push(await timeLoad(server, duckdb(path), records, { mode: 'merge' }))
  }
  run.log('DuckDB, large merge')
  const { schema } = await loadReport({ source: createSource(server), into: duckdb(path), table: 'orders' })
  for (const sql of createEnlargingSql([...schema.map(({ name }) => name), '_optimize_load_id']))
    await runDuckdbStatement(path, sql)
  const mergeMs = await timeLoad(server, duckdb(path), records * LARGE_FACTOR, { mode: 'merge' }, true)
  await rm(path)
  const { seconds, rss } = runLoadCommand(server, `duckdb:${path}`)
  return {
    name: 'DuckDB',
    ratios: [
      createRow(run, 'DuckDB, replace', times.replace, times.tool),
      createRow(run, 'DuckDB, merge of unchanged rows', times.merge, times.tool),
    ],
    mergeMs,
    rss,
    peer: await runDlt(run, 'DuckDB', server, seconds),
  }
}

async function measurePostgres(
  run: BenchRun,
  server: BenchServer,
  { env }: Postgres,
  records: number,
): Promise<Result> {
  const csv = join(run.folder, 'rows.csv')
  const into = postgres({ host: env['PGHOST'], user: 'postgres', database: 'postgres' })
  const address = `postgresql://postgres@/postgres?host=${env['PGHOST']}`
  const psql = (sql: string) => runPsql(address, '-c', sql)
  const timeTool = async (variant: 'insert' | 'replace' | 'merge') => {
    const options = { variant, rowsFile: csv }
    return (await runPeer('psql-copy', server, join(run.folder, 'copy.sql'), { url: address, options })).wallMs
  }
  const times = { first: [], replace: [], merge: [], tool: [], replaceTool: [], mergeTool: [] } as Record<
    'first' | 'replace' | 'merge' | 'tool' | 'replaceTool' | 'mergeTool',
    number[]
  >
  for (let round = 0; round < ROUNDS; round++) {
    run.log(`PostgreSQL, round ${round + 1}`)
    psql('DROP TABLE IF EXISTS orders, copied, _optimize_loads')
    times.first.push(await timeLoad(server, into, records))
    psql(`\\copy orders to '${csv}' with (format csv)`)
    psql('CREATE TABLE copied (LIKE orders)')
    times.tool.push(await timeTool('insert'))
    times.replace.push(await timeLoad(server, into, records))
    times.replaceTool.push(await timeTool('replace'))
    psql(`CREATE UNIQUE INDEX ON copied (${ID})`)
    times.mergeTool.push(await timeTool('merge'))
    times.merge.push(await timeLoad(server, into, records, { mode: 'merge' }))
  }
  run.log('PostgreSQL, large merge')
  const { schema } = await loadReport({ source: createSource(server), into, table: 'orders' })
  for (const sql of createEnlargingSql([...schema.map(({ name }) => name), '_optimize_load_id'])) psql(sql)
  psql('ANALYZE orders')
  const mergeMs = await timeLoad(server, into, records * LARGE_FACTOR, { mode: 'merge' }, true)
  psql('DROP TABLE orders, copied, _optimize_loads')
  const { rss } = runLoadCommand(server, address)
  return {
    name: 'PostgreSQL',
    ratios: [
      createRow(run, 'PostgreSQL, first load', times.first, times.tool),
      createRow(run, 'PostgreSQL, replace', times.replace, times.replaceTool),
      createRow(run, 'PostgreSQL, merge of unchanged rows', times.merge, times.mergeTool),
    ],
    mergeMs,
    rss,
    peer: undefined,
  }
}

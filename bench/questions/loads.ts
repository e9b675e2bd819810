// How long does the second phase of a load take, compared with the bulk tool of the database on the same rows?
import { execFileSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { duckdb } from '../../lib/destinations/duckdb/index.js'
import { postgres } from '../../lib/destinations/postgres/index.js'
import { loadReport, type Destination, type LoadOptions } from '../../lib/index.js'
import { startPostgres, type Postgres } from '../../test/support/postgres.js'
import type { ReportLocation } from '../lab/case-types.js'
import { formatTable } from '../lab/markdown.js'
import type { Answer, BenchRun, Question } from '../lab/question.js'
import { withServer, type BenchServer } from '../lab/server-process.js'
import { shapes } from '../lab/shapes.js'
import { computeSpread, formatInteger, formatSeconds } from '../lab/statistics.js'

const MAX_RATIO = 1.3
const ROUNDS = 3

export const loads: Question = {
  id: 'loads',
  title: 'Loads into DuckDB and PostgreSQL',
  async ask(run: BenchRun): Promise<Answer> {
    const records = run.quick ? 5000 : 300_000
    const started = await startPostgres()
    const rows = await withServer(run.folder, { ...shapes[0]!.server, records }, async (server) => [
      ...(await measureDuckdb(run, server, records)),
      ...(typeof started === 'string' ? [] : await measurePostgres(run, server, started, records)),
    ])
    if (typeof started !== 'string') await started.stop()
    const skipped = typeof started === 'string' ? `\n\nPostgreSQL: skipped, ${started}` : ''
    const method = `${formatInteger(records)} records. Only the transaction is timed, not the export; both sides write the same rows, in turns. The bulk tool is CREATE TABLE AS of the Parquet package for DuckDB, and psql's \\copy of a CSV file into an unlogged table plus one INSERT for PostgreSQL; neither proves anything.`
    const head = ['', 'load s', 'bulk tool s', 'ratio', `≤ ${MAX_RATIO}`]
    return { text: `${method}\n\n${formatTable(head, rows)}${skipped}`, figures: {} }
  },
}

/** Runs a load and returns the milliseconds of its second phase. Throws if the table does not have all rows. */
async function timeLoad(
  { url, reportId, token }: ReportLocation,
  into: Destination,
  records: number,
  options: Partial<LoadOptions> = {},
): Promise<number> {
  let started = 0
  const source = { baseUrl: url, reportId, accessToken: token, limit: 10_000, prefetch: 1 }
  const onEvent: LoadOptions['onEvent'] = (event) => {
    if (event.type === 'load') started = performance.now()
  }
  const { total } = await loadReport({ source, into, table: 'orders', onEvent, ...options })
  const ms = performance.now() - started
  if (total !== records) throw new Error(`expected ${records} rows, got ${total}`)
  return ms
}

function createRow(label: string, ours: readonly number[], tool: readonly number[]): string[] {
  const [a, b] = [computeSpread(ours), computeSpread(tool)]
  const ratio = a.median / b.median
  return [label, formatSeconds(a), formatSeconds(b), ratio.toFixed(2), ratio <= MAX_RATIO ? 'yes' : '**no**']
}

async function measureDuckdb(run: BenchRun, server: BenchServer, records: number): Promise<string[][]> {
  const [path, copy, kept] = ['ours.duckdb', 'tool.duckdb', 'package'].map((name) => join(run.folder, name)) as [
    string,
    string,
    string,
  ]
  const times = { replace: [] as number[], merge: [] as number[], tool: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    await rm(path, { force: true })
    await rm(copy, { force: true })
    run.log(`DuckDB, round ${round + 1}`)
    times.replace.push(await timeLoad(server, duckdb(path), records, { keepPackage: kept }))
    const [id] = execFileSync('ls', ['-t', kept], { encoding: 'utf8' }).split('\n')
    times.tool.push(
      await timeStatement(copy, `CREATE TABLE orders AS FROM read_parquet('${join(kept, id!, 'records')}')`),
    )
    times.merge.push(await timeLoad(server, duckdb(path), records, { mode: 'merge' }))
  }
  return [
    createRow('DuckDB, replace', times.replace, times.tool),
    createRow('DuckDB, merge of unchanged rows', times.merge, times.tool),
  ]
}

async function timeStatement(path: string, sql: string): Promise<number> {
  const started = performance.now()
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  await connection.run(sql)
  connection.closeSync()
  instance.closeSync()
  return performance.now() - started
}

async function measurePostgres(
  run: BenchRun,
  server: BenchServer,
  { env }: Postgres,
  records: number,
): Promise<string[][]> {
  const csv = join(run.folder, 'rows.csv')
  const into = postgres({ host: env['PGHOST'], user: 'postgres', database: 'postgres' })
  const psql = (sql: string) =>
    execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', sql], { env: { ...process.env, ...env } })
  const times = { first: [] as number[], replace: [] as number[], merge: [] as number[], tool: [] as number[] }
  const script = join(run.folder, 'copy.sql')
  await writeFile(
    script,
    `CREATE UNLOGGED TABLE stage (LIKE orders);\n\\copy stage from '${csv}' with (format csv)\nCREATE TABLE copied (LIKE orders);\nINSERT INTO copied SELECT * FROM stage;\nDROP TABLE stage;\n`,
  )
  for (let round = 0; round < ROUNDS; round++) {
    run.log(`PostgreSQL, round ${round + 1}`)
    psql('DROP TABLE IF EXISTS orders, copied, _optimize_loads')
    times.first.push(await timeLoad(server, into, records))
    psql(`\\copy orders to '${csv}' with (format csv)`)
    const started = performance.now()
    execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', script], { env: { ...process.env, ...env } })
    times.tool.push(performance.now() - started)
    times.replace.push(await timeLoad(server, into, records))
    times.merge.push(await timeLoad(server, into, records, { mode: 'merge' }))
  }
  return [
    createRow('PostgreSQL, first load', times.first, times.tool),
    createRow('PostgreSQL, replace', times.replace, times.tool),
    createRow('PostgreSQL, merge of unchanged rows', times.merge, times.tool),
  ]
}

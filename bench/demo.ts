// npm run demo: one report becomes a CSV file and a Parquet file, over HTTP, and DuckDB reads both back. Without OPTIMIZE_URL
// the report comes from the fake server; with it, OPTIMIZE_TOKEN and OPTIMIZE_REPORT, from the real one.
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { atomicFile, exportStream, toCsv, toParquet, type Encoder } from '../lib/index.js'
import { startFakeOptimize } from '../lib/testing/index.js'

interface Place {
  readonly url: string
  readonly token: string
  readonly reportId: string
  close(): Promise<void>
}

const folder = 'out'
const say = (line = '') => process.stdout.write(`${line}\n`)

async function findReport(): Promise<Place> {
  const { OPTIMIZE_URL: url, OPTIMIZE_TOKEN: token, OPTIMIZE_REPORT: reportId = process.argv[2] } = process.env
  if (url === undefined) return startFakeOptimize({ records: 20_000 })
  if (token === undefined || reportId === undefined)
    throw new Error('with OPTIMIZE_URL, set OPTIMIZE_TOKEN and OPTIMIZE_REPORT too')
  return { url, token, reportId, close: () => Promise.resolve() }
}

async function exportTo(name: string, encoder: Encoder, { url, token, reportId }: Place): Promise<string> {
  const path = join(folder, name)
  const source = exportStream({ baseUrl: url, reportId, accessToken: token })
  const started = performance.now()
  await pipeline(source, encoder, atomicFile(path))
  const seconds = (performance.now() - started) / 1000
  const { records, total, pages, bytes } = source.stats
  say(
    `${path}: ${records} of ${total} records in ${pages} pages, ${encoder.stats.columns} columns, ${(await stat(path)).size} bytes`,
  )
  say(
    `  ${seconds.toFixed(2)} s, ${Math.round(records / seconds)} records/s, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s of JSON`,
  )
  return path
}

async function readBack(duckdb: DuckDBConnection, path: string): Promise<void> {
  const rows = async (sql: string) => (await duckdb.runAndReadAll(sql)).getRowsJson()
  const [[count] = []] = await rows(`SELECT count(*) FROM '${path}'`)
  const columns = await rows(`DESCRIBE FROM '${path}'`)
  say(`${path} read back by DuckDB: ${JSON.stringify(count)} rows, ${columns.length} columns`)
  say(`  ${columns.map(([name, type]) => `${name as string} ${type as string}`).join(', ')}`)
  const first = await duckdb
    .runAndReadAll(`SELECT * EXCLUDE (flowNodeInstances) FROM '${path}' LIMIT 3`)
    .catch(() => undefined)
  for (const row of first?.getRowsJson() ?? []) say(`  ${JSON.stringify(row)}`)
}

const place = await findReport()
await mkdir(folder, { recursive: true })
try {
  const paths = [
    await exportTo('instances.csv', toCsv(), place),
    await exportTo('instances.parquet', toParquet(), place),
  ]
  say()
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
  for (const path of paths) await readBack(duckdb, path)
  duckdb.closeSync()
} finally {
  await place.close()
}

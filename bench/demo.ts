// npm run demo:duckdb: runs `optimize-export demo` and reads both files back with DuckDB. With OPTIMIZE_URL, OPTIMIZE_TOKEN and a
// report id it exports from a real Optimize.
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { run } from '../lib/cli/command-line.js'

const folder = 'out'
const files = ['instances.csv', 'instances.parquet'].map((name) => join(folder, name))
const log = (line = '') => process.stdout.write(`${line}\n`)

/** Returns the command lines that write the files. */
function createCommands(): string[][] {
  const { OPTIMIZE_URL, OPTIMIZE_REPORT: reportId = process.argv[2] } = process.env
  if (OPTIMIZE_URL === undefined) return [['demo', '--out', folder]]
  if (reportId === undefined) throw new Error('with OPTIMIZE_URL, set OPTIMIZE_REPORT too, or give a report id')
  return files.map((file) => ['export', '--report', reportId, '--out', file])
}

async function readBack(duckdb: DuckDBConnection, path: string): Promise<void> {
  const rows = async (sql: string) => (await duckdb.runAndReadAll(sql)).getRowsJson()
  const [[count] = []] = await rows(`SELECT count(*) FROM '${path}'`)
  const columns = await rows(`DESCRIBE FROM '${path}'`)
  log(`${path} read back by DuckDB: ${count as string} rows, ${columns.length} columns`)
  log(`  ${columns.map(([name, type]) => `${name as string} ${type as string}`).join(', ')}`)
  const first = await duckdb
    .runAndReadAll(`SELECT * EXCLUDE (flowNodeInstances) FROM '${path}' LIMIT 3`)
    .catch(() => undefined)
  for (const row of first?.getRowsJson() ?? []) log(`  ${JSON.stringify(row)}`)
}

async function exportAll(): Promise<number> {
  for (const argv of createCommands()) {
    const code = await run(argv, process)
    if (code !== 0) return code
  }
  return 0
}

process.exitCode = await exportAll()
if (process.exitCode === 0) {
  log()
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
  for (const path of files) await readBack(duckdb, path)
  duckdb.closeSync()
}

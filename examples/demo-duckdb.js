// npm run demo:duckdb: runs `optimize-export demo` and reads both files back with DuckDB. With OPTIMIZE_URL, OPTIMIZE_TOKEN and a
// report id it exports from a real Optimize.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const command = join(import.meta.dirname, '../dist/cli/main.js')
const folder = 'out'
const files = ['instances.csv', 'instances.parquet'].map((name) => join(folder, name))

function createCommandLines() {
  const { OPTIMIZE_URL, OPTIMIZE_REPORT: reportId = process.argv[2] } = process.env
  if (OPTIMIZE_URL === undefined) return [['demo', '--out', folder]]
  if (reportId === undefined) throw new Error('with OPTIMIZE_URL, set OPTIMIZE_REPORT too, or give a report id')
  return files.map((file) => ['export', '--report', reportId, '--out', file])
}

async function readBack(duckdb, path) {
  const rows = async (sql) => (await duckdb.runAndReadAll(sql)).getRowsJson()
  const [[count]] = await rows(`SELECT count(*) FROM '${path}'`)
  const columns = await rows(`DESCRIBE FROM '${path}'`)
  console.log(`${path} read back by DuckDB: ${count} rows, ${columns.length} columns`)
  console.log(`  ${columns.map(([name, type]) => `${name} ${type}`).join(', ')}`)
  // not every report has flow-node instances
  const first = await rows(`SELECT * EXCLUDE (flowNodeInstances) FROM '${path}' LIMIT 3`).catch(() => [])
  for (const row of first) console.log(`  ${JSON.stringify(row)}`)
}

for (const argv of createCommandLines()) {
  const { status } = spawnSync(process.execPath, [command, ...argv], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
console.log()
const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
for (const path of files) await readBack(duckdb, path)
duckdb.closeSync()

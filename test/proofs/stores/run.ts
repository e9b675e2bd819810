// npm run proof:stores [-- --short]: compares a store of another project with the server of the tests. Then programs of other projects
// read a dataset as one table, and a filter has to skip files. Needs Python 3.11 or later; for the store Go, or VERSITYGW with the path
// of the program; Java for PySpark. Exits with 1 if something differs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createInterface } from 'node:readline'
import { exportStream, toDataset } from '../../../lib/index.js'
import { s3 } from '../../../lib/stores/s3/index.js'
import { startFakeOptimize } from '../../../lib/testing/index.js'
import { ACCESS_KEY, SECRET_KEY, startS3 } from '../../support/servers/s3-server.js'
import { pythonWith } from '../readers/python.js'
import { sourceFile } from '../support/folders.js'
import { broken, finding, Report } from '../support/report.js'
import { exitOnSignals } from '../support/turn.js'
import { flows, StoreUser } from './flows.js'
import { findVersitygw, startVersitygw, type Store } from './versitygw.js'

const isShort = process.argv.includes('--short')
exitOnSignals()
const folder = mkdtempSync(join(tmpdir(), 'optimize-export-stores-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const report = new Report()

const found = findVersitygw()
const store = 'program' in found ? await startVersitygw(found.program) : undefined
if (store) await compareStores(store)
if ('problem' in found) process.stdout.write(`\nnot run: the comparison with a real store, because ${found.problem}\n`)
await readDatasets(store)
await store?.close()
process.exitCode = report.finish()

/** Runs each flow on the real store and on the server of the tests. The results must be the same. */
async function compareStores({ endpoint }: Store): Promise<void> {
  report.heading('versitygw, and the server of the tests')
  const own = await startS3()
  const [real, ours] = [new StoreUser(endpoint), new StoreUser(own.endpoint)]
  for (const { name, run } of flows)
    await report.check(name, async () => {
      const [seen, expected] = [await run(real), await run(ours)]
      return finding(seen === expected, seen === expected ? seen : `${seen}, and in the tests: ${expected}`)
    })
  await own.close()
}

interface Line {
  readonly name: string
  readonly ok: boolean
  readonly seen: string
}

async function readDatasets(bucket: Store | undefined): Promise<void> {
  const server = await startFakeOptimize({ records: 3000 })
  const source = () => exportStream({ baseUrl: server.url, accessToken: server.token, reportId: server.reportId })
  const [whole, pruned, configPath] = ['whole', 'pruned', 'config.json'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const options = { partitionBy: 'startDate:month', fileRows: 200 } as const
  await pipeline(source(), toDataset({ path: whole, ...options }))
  if (bucket) {
    const client = new StoreUser(bucket.endpoint).createClient()
    await pipeline(source(), toDataset({ path: 's3://lake/orders/', store: s3({ client }), ...options }))
  }
  const records = (await source().toArray()) as { readonly processInstanceId: string; readonly startDate: string }[]
  await server.close()
  const monthOf = (date: string) => new Date(date.replace(/(\d\d)$/, ':$1')).toISOString().slice(0, 7)
  const month = records.map(({ startDate }) => monthOf(startDate)).sort()[0]!
  cpSync(whole, pruned, { recursive: true })
  for (const entry of readdirSync(pruned, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && entry.name.endsWith('.parquet') && !entry.parentPath.endsWith(month))
      writeFileSync(join(entry.parentPath, entry.name), 'broken')
  const config = {
    whole,
    pruned,
    month,
    ids: records.map(({ processInstanceId }) => processInstanceId),
    idsOfMonth: records
      .filter(({ startDate }) => monthOf(startDate) === month)
      .map((record) => record.processInstanceId),
    types: { startDate: 'timestamp[ms, tz=UTC]', duration: 'int64', startdate_month: 'string' },
    ...(bucket ? { endpoint: bucket.endpoint, key: ACCESS_KEY, secret: SECRET_KEY } : {}),
  }
  writeFileSync(configPath, JSON.stringify(config))
  const readers = [
    ['pyarrow', 'pyarrow'],
    ['polars', 'polars'],
    ['DuckDB', 'duckdb'],
    ...(isShort ? [] : [['PySpark', 'pyspark']]),
  ] as const
  const python = pythonWith(readers.map(([, name]) => name))
  for (const [reader] of readers) {
    report.heading(`${reader}: a dataset of ${records.length} records`)
    await read(python, reader, configPath)
  }
}

async function read(python: string, reader: string, config: string): Promise<void> {
  const child = spawn(python, [sourceFile('stores/read_dataset.py'), reader, config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => (stderr = (stderr + text.toString()).slice(-2000)))
  const exited = once(child, 'exit')
  for await (const text of createInterface({ input: child.stdout })) {
    const { name, ...line } = JSON.parse(text) as Line
    report.add(name, line, 0)
  }
  const [code] = (await exited) as [number | null]
  if (code !== 0) report.add('the reader ran to its end', broken(`exit ${code}: ${stderr}`), 0)
}

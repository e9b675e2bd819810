// npm run soak [-- RECORDS [SEED]]: a long export from a server that fails randomly (seeded) at about every 40th request. The soak
// fails unless every id arrives once. Its figures go into RESULTS.md; a run with fewer records writes them beside the compiled files.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runContest, type Contender, type Result } from './harness/contest.js'
import { getFigure, getPeakRssMb, getSpread, getWallMs } from './harness/figures.js'
import { getBuiltPath, getSourcePath } from './harness/folders.js'
import { Inspector } from './harness/inspector.js'
import { describeMachine } from './harness/machine.js'
import { formatMarkdownTable } from './harness/markdown.js'
import { writeSections } from './harness/results.js'
import { withServer, type BenchServer } from './harness/server-process.js'
import { formatInteger } from './harness/statistics.js'
import { sectionIds } from './questions/all.js'

const FULL_RUN_RECORDS = 1_000_000
const FAULTS_PER_REQUEST = 1 / 40
/** The largest allowed ratio of the memory in the last quarter to that in the second one. */
const MAX_MEMORY_GROWTH = 1.1

const [given = process.env['SOAK_RECORDS'] ?? String(FULL_RUN_RECORDS), seed = '1'] = process.argv.slice(2)
const records = Number(given)
/** At most 100 pages for up to 1,000,000 records, so that some searches end without a fault. */
const limit = Math.min(10_000, Math.max(100, Math.ceil(records / 100)))
const source = { limit, maxRestarts: 10_000, retry: { attempts: 20, minDelay: 2, maxDelay: 20 } }

const createContenders = ({ idsFile }: BenchServer): Contender[] => [
  { label: 'CSV, a transform that checks each id', module: 'soak', outputFormat: 'csv', options: { source, idsFile } },
  { label: 'CSV', module: 'soak', outputFormat: 'csv', options: { source } },
  { label: 'Parquet', module: 'soak', outputFormat: 'parquet', options: { source, format: 'parquet' } },
]

function createRow(result: Result): string[] {
  const getValue = (name: string) => getFigure(result, name)
  const [early, late] = [getValue('earlyRssMb'), getValue('lateRssMb')]
  return [
    result.label,
    (getSpread(result, getWallMs).median / 1000).toFixed(0),
    ...['pages', 'retries', 'restarts', 'duplicates'].map((name) => formatInteger(getValue(name))),
    formatInteger(getPeakRssMb(result) ?? NaN),
    `${formatInteger(early)} → ${formatInteger(late)}`,
    late <= early * MAX_MEMORY_GROWTH ? 'yes' : '**no**',
  ]
}

async function soak(folder: string, inspector: Inspector): Promise<string> {
  const machine = describeMachine()
  const log = (line: string) => process.stderr.write(`${line}\n`)
  const run = { quick: false, folder, inspector, log }
  const faults = { randomFaults: { rate: FAULTS_PER_REQUEST, seed: Number(seed) }, gzip: true, prerenderedLimits: [] }
  const results = await withServer(folder, { era: '8.6', records, ...faults }, (server) =>
    runContest(run, server, createContenders(server), 1),
  )
  const method = `${formatInteger(records)} records of the modern shape in pages of ${formatInteger(limit)}, from a server that fails randomly (seed ${seed}), about every 40th request: connections closed before and within the answer, JSON and gzip data that end early, 500, 502, 503, 504, expired searches. Each file is read back by DuckDB: all ids, each once. Flat: the median RSS of the last quarter of the time is within 10 % of that of the second.`
  const head = ['', 'wall s', 'pages', 'retries', 'restarts', 'duplicates skipped', 'peak RSS MB', 'RSS MB', 'flat']
  return `## Soak\n\n${machine}\n\n${method}\n\n${formatMarkdownTable(head, results.map(createRow))}`
}

const folder = await mkdtemp(join(process.env['BENCH_TMP'] ?? tmpdir(), 'optimize-export-soak-'))
const inspector = await Inspector.open()
try {
  const text = await soak(folder, inspector)
  process.stdout.write(`${text}\n`)
  const results = records < FULL_RUN_RECORDS ? getBuiltPath('RESULTS.md') : getSourcePath('RESULTS.md')
  await writeSections(results, [{ id: 'soak', text, figures: {} }], sectionIds)
} finally {
  inspector.close()
  await rm(folder, { recursive: true, force: true })
}

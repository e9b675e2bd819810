// npm run proof:formats [-- --short]: workbooks read cell by cell by openpyxl, and event logs in which pm4py finds the same
// directly-follows graph. Needs Python 3.11 or later. Exits with 1 when something differs.
import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { atomicFile, exportStream, flowNodeEvents, toCsv, toParquet } from '../../../lib/index.js'
import { toOcel, toXes } from '../../../lib/formats/mining/index.js'
import { toXlsx } from '../../../lib/formats/xlsx/index.js'
import { startFakeOptimize } from '../../../lib/testing/index.js'
import { pythonWith } from '../readers/python.js'
import { sourceFile } from '../support/folders.js'
import { broken, Report } from '../support/report.js'
import { exitOnSignals } from '../support/turn.js'

const isShort = process.argv.includes('--short')
exitOnSignals()
const folder = mkdtempSync(join(tmpdir(), 'optimize-export-formats-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const report = new Report()

const awkward = [
  '007',
  '=1+1',
  '2251799813685249',
  '-',
  ' a ',
  'a\tb\nc',
  '"<&>\'',
  'é😀',
  'TRUE',
  '1e5',
  '2024-05-31',
  '#N/A',
  '_x0041_',
]

function* createRecords(count: number) {
  for (let n = 0; n < count; n++)
    yield {
      processInstanceId: String(2251799813685249n + BigInt(n)),
      startDate: new Date(Date.UTC(1901 + (n % 8000), n % 12, 1 + (n % 28), n % 24, n % 60, n % 59)).toISOString(),
      duration: n,
      variables: { text: awkward[n % awkward.length]!, number: String(n / 8), flag: String(n % 2 === 0) },
    }
}

/** The cells as openpyxl has to find them. */
function* createExpectedRows(count: number) {
  for (const { processInstanceId, startDate, duration, variables } of createRecords(count)) {
    // openpyxl does not read the escapes of Excel
    const text = variables.text.replace('_x0041_', '_x005F_x0041_')
    const cells = [
      processInstanceId,
      startDate.slice(0, 19),
      duration,
      text,
      Number(variables.number),
      variables.flag === 'true',
    ]
    yield `${JSON.stringify(cells)}\n`
  }
}

function read(name: string, packages: readonly string[], argv: readonly string[]): void {
  const started = performance.now()
  try {
    const output = execFileSync(pythonWith(packages), [sourceFile('formats/read_formats.py'), ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    report.add(name, { ok: true, seen: output.toString().trim() }, (performance.now() - started) / 1000)
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer }
    report.add(name, broken(stderr?.toString().slice(-1000) ?? String(error)), (performance.now() - started) / 1000)
  }
}

report.heading('openpyxl')
for (const rows of isShort ? [0, 1, 2000] : [0, 1, 100_000]) {
  const [path, expected] = [join(folder, 'a.xlsx'), join(folder, 'expected.ndjson')]
  const columns = ['processInstanceId', 'startDate', 'duration', 'variable:text', 'variable:number', 'variable:flag']
  let peak = 0
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 100)
  await pipeline(Readable.from(createRecords(rows)), toXlsx({ columns }), atomicFile(path))
  clearInterval(timer)
  await pipeline(Readable.from(createExpectedRows(rows)), createWriteStream(expected))
  const memory = peak === 0 ? '' : `, written with at most ${Math.round(peak / 2 ** 20)} MB`
  read(`${rows} rows${memory}`, ['openpyxl'], ['xlsx', path, expected])
}

report.heading('pm4py')
const server = await startFakeOptimize({ records: isShort ? 500 : 5000, flowNodes: 8 })
const source = () => exportStream({ baseUrl: server.url, reportId: server.reportId, accessToken: server.token })
const at = (name: string) => join(folder, name)
const between = () => new PassThrough({ objectMode: true })
for (const lifecycle of ['single', 'pairs'] as const) {
  const events = () => flowNodeEvents({ naming: 'xes', lifecycle })
  await pipeline(source(), events(), toCsv(), atomicFile(at('events.csv')))
  await pipeline(
    source(),
    events(),
    toParquet({ types: { 'time:timestamp': 'timestamp' } }),
    atomicFile(at('events.parquet')),
  )
  await pipeline(source(), toXes({ lifecycle }), createGzip(), atomicFile(at('log.xes.gz')))
  await pipeline(source(), between(), toOcel(), atomicFile(at('log.jsonocel')))
  read(
    `the same graph from CSV, Parquet and XES, lifecycle ${lifecycle}`,
    ['pm4py', 'pyarrow'],
    ['mining', folder, lifecycle],
  )
}
await server.close()
process.exitCode = report.finish()

// npm run proof:formats [-- PART…] [--short]: openpyxl reads workbooks cell by cell, and LibreOffice opens them; pm4py finds the same
// directly-follows graph in event logs of each format; pyarrow and DuckDB compare Arrow streams with Parquet; a Singer target reads messages.
// Needs Python 3.11 or later, and LibreOffice for its part. Exits with 1 when something differs.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { atomicFile, exportStream, flowNodeEvents, toCsv, toParquet, type Encoder } from '../../../lib/index.js'
import { toArrow } from '../../../lib/formats/arrow/index.js'
import { toOcel, toXes } from '../../../lib/formats/mining/index.js'
import { toSinger } from '../../../lib/formats/singer/index.js'
import { toXlsx } from '../../../lib/formats/xlsx/index.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../../lib/testing/index.js'
import { pythonWith } from '../readers/python.js'
import { sourceFile } from '../support/folders.js'
import { broken, finding, fine, Report } from '../support/report.js'
import { selectParts, exitOnSignals, type Choice } from '../support/turn.js'

const isShort = process.argv.includes('--short')
exitOnSignals()
const folder = mkdtempSync(join(tmpdir(), 'optimize-export-formats-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const report = new Report()
const at = (name: string) => join(folder, name)
/** The last number of rows needs two sheets, because a sheet has at most 1,048,575 rows below its header. */
const counts = isShort ? [0, 1, 2000] : [0, 1, 100_000, 1_100_000]

const unusualTexts = [
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
      variables: {
        text: unusualTexts[n % unusualTexts.length]!,
        number: String(n / 8),
        flag: String(n % 2 === 0),
        day: n % 3 === 0 ? '' : new Date(Date.UTC(1900 + (n % 8000), n % 12, 1 + (n % 28))).toISOString().slice(0, 10),
        list: JSON.stringify([n, null]),
      },
    }
}

/** Yields the cells that openpyxl has to find. */
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

/** Runs one of the readers in read_formats.py, and adds its result to the report. */
function read(name: string, packages: readonly string[], argv: readonly string[]): void {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  try {
    const output = execFileSync(pythonWith(packages), [sourceFile('formats/read_formats.py'), ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    report.add(name, fine(output.toString().trim()), seconds())
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer }
    report.add(name, broken(stderr?.toString().slice(-1000) ?? String(error)), seconds())
  }
}

/** Writes a file. Returns the time and the memory in words. */
async function write(path: string, rows: number, encoder: Encoder): Promise<string> {
  const started = performance.now()
  let peak = 0
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 100)
  await pipeline(Readable.from(createRecords(rows)), encoder, atomicFile(path))
  clearInterval(timer)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  return peak === 0 ? '' : `, written in ${seconds} s with at most ${Math.round(peak / 2 ** 20)} MB`
}

async function readWorkbooks(): Promise<void> {
  const columns = ['processInstanceId', 'startDate', 'duration', 'variable:text', 'variable:number', 'variable:flag']
  for (const rows of counts) {
    const cost = await write(at('a.xlsx'), rows, toXlsx({ columns }))
    await pipeline(Readable.from(createExpectedRows(rows)), createWriteStream(at('expected.ndjson')))
    read(`${rows} rows${cost}`, ['openpyxl'], ['xlsx', at('a.xlsx'), at('expected.ndjson')])
  }
}

async function readStreams(): Promise<void> {
  const types = {
    'variable:number': 'decimal(20,3)',
    'variable:flag': 'boolean',
    'variable:day': 'date',
    'variable:list': 'json',
  } as const
  for (const rows of counts) {
    const cost = await write(at('a.arrows'), rows, toArrow({ types, columns: 'all' }))
    await write(at('a.parquet'), rows, toParquet({ types, columns: 'all' }))
    read(`${rows} rows${cost}`, ['pyarrow', 'duckdb', 'pytz'], ['arrow', at('a.arrows'), at('a.parquet')])
  }
  await withServer({ records: isShort ? 500 : 5000, hostileValues: true, objectVariables: 'json' }, async (source) => {
    const options = { columns: 'all', variables: 'map' } as const
    await pipeline(source(), toArrow({ ...options, batchRows: 300 }), atomicFile(at('a.arrows')))
    await pipeline(source(), toParquet(options), atomicFile(at('a.parquet')))
    read('lists, maps and hostile values', ['pyarrow', 'duckdb', 'pytz'], ['arrow', at('a.arrows'), at('a.parquet')])
  })
}

type Source = () => ReturnType<typeof exportStream>

async function withServer(options: FakeOptimizeOptions, work: (source: Source) => Promise<void>): Promise<void> {
  const server = await startFakeOptimize({ maxContexts: 10_000, ...options })
  const { url: baseUrl, reportId, token: accessToken } = server
  try {
    await work(() => exportStream({ baseUrl, reportId, accessToken, maxRestarts: 0, retry: { attempts: 1 } }))
  } finally {
    await server.close()
  }
}

/** Process instances with branches, a loop and two flow nodes at the same time. */
function* createCases(count: number) {
  for (let n = 0; n < count; n++) {
    const dice = (sides: number) => (Math.imul(n + 1, 2_654_435_761) >>> 8) % sides
    const names = ['Receive order', 'Check credit']
    for (let questions = dice(7) === 0 ? 2 : dice(4) === 0 ? 1 : 0; questions > 0; questions--)
      names.push('Ask customer', 'Check credit')
    if (dice(9) === 0) names.push('Cancel order')
    else
      names.push(
        ...(dice(2) === 0 ? ['Ship goods', 'Send invoice'] : ['Send invoice', 'Ship goods']),
        'Receive payment',
      )
    const start = Date.UTC(2026, 0, 1) + n * 60_000
    const time = (minutes: number) => new Date(start + minutes * 60_000).toISOString().replace('Z', '+0000')
    yield {
      processInstanceId: String(n),
      processDefinitionKey: 'order',
      startDate: time(0),
      variables: {},
      flowNodeInstances: names.map((name, at) => ({
        id: `${n}-${at}`,
        name,
        startDate: time(at * 7),
        endDate: n % 50 === 0 && at === names.length - 1 ? null : time(at * 7 + 1 + dice(6)),
      })),
    }
  }
}

async function readLogs(): Promise<void> {
  for (const cases of isShort ? [1, 500] : [1, 20_000, 215_000])
    for (const lifecycle of cases > 100_000 ? (['single'] as const) : (['single', 'pairs'] as const)) {
      const source = () => Readable.from(createCases(cases))
      const events = () => flowNodeEvents({ naming: 'xes', lifecycle })
      await pipeline(source(), events(), toCsv(), atomicFile(at('events.csv')))
      await pipeline(source(), events(), toParquet(), atomicFile(at('events.parquet')))
      await pipeline(source(), toXes({ lifecycle }), createGzip(), atomicFile(at('log.xes.gz')))
      await pipeline(source(), toOcel(), atomicFile(at('log.jsonocel')))
      read(
        `the same graph from CSV, Parquet and XES, ${cases} instances, lifecycle ${lifecycle}`,
        ['pm4py', 'pyarrow'],
        ['mining', folder, lifecycle, String(cases <= 100_000)],
      )
    }
}

/** Pipes the messages into the target. Returns the state that it printed, and the error of the pipeline. */
async function runTarget(source: Source): Promise<{ state: string; problem: unknown }> {
  const python = pythonWith(['target-jsonl'], 'formats/requirements-singer.txt')
  writeConfig()
  const target = spawn(join(dirname(python), 'target-jsonl'), ['--config', at('target.json')], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let state = ''
  target.stdout.on('data', (text: Buffer) => (state += text.toString()))
  const ended = once(target, 'close')
  const records = source()
  const types = { 'variable:amount': 'decimal(20,4)' } as const
  const encoder = toSinger({
    stream: 'orders',
    columns: 'sample',
    lateColumns: 'drop',
    naming: 'snake',
    types,
    isComplete: () => records.stats.complete,
  })
  const problem: unknown = await pipeline(records, encoder, target.stdin).catch((error: unknown) => error)
  target.stdin.destroy()
  await ended
  return { state, problem }
}

function writeConfig(): void {
  rmSync(at('orders.jsonl'), { force: true })
  writeFileSync(at('target.json'), JSON.stringify({ destination_path: folder, do_timestamp_file: false }))
}

async function runSinger(): Promise<void> {
  const records = isShort ? 300 : 20_000
  await withServer({ records }, (source) =>
    report.check(`target-jsonl gets ${records} records and the state`, async () => {
      const { state, problem } = await runTarget(source)
      const rows = readFileSync(at('orders.jsonl'), 'utf8').trimEnd().split('\n')
      const ids = new Set(rows.map((row) => (JSON.parse(row) as Record<string, unknown>)['process_instance_id']))
      const isRight = problem === undefined && ids.size === records && rows.length === records
      return finding(
        isRight && state.includes(`"records": ${records}`),
        `${rows.length} rows, ${ids.size} ids, state ${state.trim()}`,
      )
    }),
  )
  await withServer({ records: 5000, faults: [{ kind: 'drop', page: 3 }] }, (source) =>
    report.check('a cut connection leaves rows and no state', async () => {
      const { state, problem } = await runTarget(source)
      return finding(state.trim() === '' && problem !== undefined, `state "${state.trim()}", ${String(problem)}`)
    }),
  )
}

/** A workbook and a CSV file of the preset for Excel, opened in German and saved again as CSV. */
async function openInLibreOffice(): Promise<void> {
  const records = isShort ? 200 : 5000
  const columns = ['processInstanceId', 'startDate', 'duration', 'variable:text', 'variable:number', 'variable:flag']
  const locale = 'de'
  await write(at('workbook.xlsx'), records, toXlsx({ columns, locale }))
  await write(at('excel.csv'), records, toCsv({ columns, preset: 'excel', locale }))
  await pipeline(Readable.from(createExpectedRows(records)), createWriteStream(at('expected.ndjson')))
  for (const name of ['workbook.xlsx', 'excel.csv'])
    read(`${name}, ${records} rows`, [], ['libreoffice', at(name), at('expected.ndjson'), folder])
}

interface Part extends Choice {
  readonly run: () => Promise<void>
}

const parts: readonly Part[] = [
  { name: 'openpyxl', run: readWorkbooks, short: 'always' },
  { name: 'Arrow', run: readStreams, short: 'always' },
  { name: 'Singer', run: runSinger, short: 'always' },
  { name: 'pm4py', run: readLogs, short: 'always' },
  { name: 'LibreOffice', run: openInLibreOffice, short: 'never' },
]

for (const { name, run } of selectParts(parts, process.argv.slice(2))) {
  report.heading(name)
  await run()
}
process.exitCode = report.finish()

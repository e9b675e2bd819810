// npm run proof:readers [-- READER…] [--short]: programs of other projects read files of the library, and every cell is compared. Needs
// Python 3.11 or later, psql and a server of PostgreSQL, and Java for PySpark; the readers are installed into test/proofs/.build. Exits
// with 1 if a cell differs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startPostgres } from '../../support/servers/postgres.js'
import { sourceFile } from '../support/folders.js'
import { broken, Report } from '../support/report.js'
import { selectParts, exitOnSignals, type Choice } from '../support/turn.js'
import { writeFiles, writeManifest } from './files.js'
import { pythonWith } from './python.js'

interface Reader extends Choice {
  /** The packages that pip installs for it. */
  readonly packages: readonly string[]
}

const all: readonly Reader[] = [
  { name: 'csv of Python', packages: [], short: 'always' },
  { name: 'PostgreSQL', packages: [] },
  { name: 'pyarrow', packages: ['pyarrow'] },
  { name: 'pandas (pyarrow, C parser)', packages: ['pandas', 'pyarrow'] },
  { name: 'pandas (fastparquet, Python parser)', packages: ['pandas', 'fastparquet'] },
  { name: 'polars', packages: ['polars'] },
  { name: 'DuckDB', packages: ['duckdb', 'pytz'] },
  { name: 'PySpark', packages: ['pyspark'], short: 'never' },
  { name: 'pm4py', packages: ['pm4py', 'pyarrow'], short: 'never' },
]

const readers = selectParts(all, process.argv.slice(2))

exitOnSignals()

const folder = mkdtempSync(join(tmpdir(), 'optimize-export-readers-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const report = new Report()
const python = pythonWith(readers.flatMap(({ packages }) => packages))
const files = await writeFiles(folder)
const manifest = join(folder, 'manifest.json')
await writeManifest(manifest, files)
process.stdout.write(`${files.length} files\n`)
for (const { name } of readers) {
  report.heading(name)
  if (name === 'PostgreSQL') await readWithPostgres(name)
  else await read(name)
}
process.exitCode = report.finish()

interface Line {
  readonly name: string
  readonly format: string
  readonly ok: boolean
  readonly limit?: boolean
  readonly seen: string
  readonly seconds: number
}

async function read(reader: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const child = spawn(python, [sourceFile('readers/read.py'), reader, manifest], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => (stderr = (stderr + text.toString()).slice(-2000)))
  const exited = once(child, 'exit')
  for await (const text of createInterface({ input: child.stdout })) {
    const { name, format, seconds, ...found } = JSON.parse(text) as Line
    report.add(`${format}: ${name}`, found, seconds)
  }
  const [code] = (await exited) as [number | null]
  if (code !== 0) report.add('the reader ran to its end', broken(`exit ${code}: ${stderr}`), 0)
}

async function readWithPostgres(reader: string): Promise<void> {
  const postgres = await startPostgres()
  if (typeof postgres === 'string') {
    report.add('the reader was started', broken(postgres), 0)
    return
  }
  try {
    await read(reader, postgres.env)
  } finally {
    await postgres.stop()
  }
}

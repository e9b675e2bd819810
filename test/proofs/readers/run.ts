// npm run proof:readers [-- READER… --all]: files of the library, read cell by cell by programs of others. Needs Python 3.11 or later; the
// readers are installed into test/proofs/.build. `--all` adds PySpark (needs Java) and pm4py. Exits with 1 when a cell differs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sourceFile } from '../support/folders.js'
import { broken, finding, Report } from '../support/report.js'
import { writeFiles, writeManifest } from './files.js'
import { pythonWithReaders } from './python.js'

const args = process.argv.slice(2)

const everyTime = [
  'pyarrow',
  'pandas (pyarrow, C parser)',
  'pandas (fastparquet, Python parser)',
  'polars',
  'DuckDB',
  'csv of Python',
]
const nightly = ['PySpark', 'pm4py']
const all = args.includes('--all') ? [...everyTime, ...nightly] : everyTime
const named = args.filter((arg) => arg !== '--all')
const readers = all.filter((reader) => named.length === 0 || named.some((name) => reader.startsWith(name)))
if (readers.length === 0) throw new Error(`no reader is called ${named.join(', ')}; there are ${all.join(', ')}`)

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => process.exit(code))

const folder = mkdtempSync(join(tmpdir(), 'optimize-export-readers-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const report = new Report()
const python = pythonWithReaders(args.includes('--all'))
const files = await writeFiles(folder)
const manifest = join(folder, 'manifest.json')
await writeManifest(manifest, files)
process.stdout.write(`${files.length} files\n`)
for (const reader of readers) await read(reader)
process.exitCode = report.finish()

interface Line {
  readonly name: string
  readonly format: string
  readonly ok: boolean
  readonly seen: string
  readonly seconds: number
}

async function read(reader: string): Promise<void> {
  report.heading(reader)
  const child = spawn(python, [sourceFile('readers/read.py'), reader, manifest], { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2000)))
  const exited = once(child, 'exit')
  for await (const text of createInterface({ input: child.stdout })) {
    const { name, format, ok, seen, seconds } = JSON.parse(text) as Line
    report.add(`${format}: ${name}`, finding(ok, seen), seconds)
  }
  const [code] = (await exited) as [number | null]
  if (code !== 0) report.add('the reader ran to its end', broken(`exit ${code}: ${complaint}`), 0)
}

// Runs the installed package on every supported Node.js: a program that uses all of the library, and each command. Every Node.js has to
// write the same files, and nothing to stderr. Bun and Deno run for information: their failures do not make this proof fail.
// `npm run proof:nodes -- --short` runs one Node.js that is not the one of this process; the commit decides which.
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { startFakeOptimize } from '../../../lib/testing/index.js'
import { readWithHyparquet } from '../../support/readers/read-parquet.js'
import { exitOnSignals, turnOf } from '../support/turn.js'
import { installPacked } from '../support/user-folder.js'
import { commandOf, nodes, others, type Runtime } from './runtimes.js'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The files that the commands write, and their rows; a header counts as a row. */
const FILES = { 'a.csv': 501, 'a.parquet': 500, 'zstd.parquet': 500, 'a.ndjson.gz': 500, 'demo/instances.csv': 201 }

if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('proof:nodes runs on Linux on x64 only')
const isOwn = ({ name }: Runtime) => `${process.version}.`.startsWith(`${name.replace('Node.js ', 'v')}.`)
const isShort = process.argv.includes('--short')
const runtimes = isShort ? [turnOf(nodes.filter((runtime) => !isOwn(runtime)))] : [...nodes, ...others]
exitOnSignals()
// each package is a link into a folder that has only its own dependencies, as pnpm does it; proof:install has the other layout
const user = await installPacked('--install-strategy=linked')
const server = await startFakeOptimize({ records: 500, collections: { c: ['r1'] } })
let expected: string | undefined
let failed = false
try {
  // Deno takes packages that a manifest names, and no paths of archives
  const manifest = { type: 'module', dependencies: { 'optimize-export': '*' } }
  writeFileSync(join(user.folder, 'package.json'), JSON.stringify(manifest))
  copyFileSync(join(import.meta.dirname, 'smoke.js'), join(user.folder, 'smoke.mjs'))
  process.stdout.write('| runtime | version | program | commands | seconds |\n| --- | --- | --- | --- | --- |\n')
  for (const runtime of runtimes) {
    const command = commandOf(runtime)
    const { stdout } = await run(command.slice(0, 1), ['--version'])
    const started = performance.now()
    const problems = [await runProgram(runtime, command), await runCommands(command)]
    const cells = problems.map((list) => (list.length === 0 ? 'ok' : 'FAILS'))
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    process.stdout.write(`| ${[runtime.name, stdout.split('\n')[0], ...cells, seconds].join(' | ')} |\n`)
    const all = problems.flat()
    for (const problem of runtime.isSupported ? all : all.slice(0, 1)) process.stdout.write(`  ${problem}\n`)
    failed ||= runtime.isSupported && all.length > 0
  }
} finally {
  await server.close()
  user.remove()
}
if (failed) process.exitCode = 1

/** Runs the program of smoke.ts. Every supported runtime has to write the same files as the first one. Returns the problems. */
async function runProgram({ isSupported }: Runtime, command: readonly string[]): Promise<string[]> {
  const out = join(user.folder, 'out')
  mkdirSync(out)
  try {
    const { code, stdout, stderr } = await run(command, [join(user.folder, 'smoke.mjs'), out])
    if (code !== 0 || stderr !== '') return [`smoke.mjs: exit code ${code}, stderr: ${stderr}`]
    if (isSupported) expected ??= stdout
    const isSame = !isSupported || stdout === expected
    return [
      ...(isSame ? [] : [`smoke.mjs: other files than the first runtime: ${stdout}`]),
      ...(await compareCodecs(out)),
    ]
  } finally {
    rmSync(out, { recursive: true })
  }
}

/** Checks that the files `codec-*.parquet` have the same rows with every compression. Returns the problems. */
async function compareCodecs(out: string): Promise<string[]> {
  const read = async (codec: string) => readWithHyparquet(readFileSync(join(out, `codec-${codec}.parquet`)))
  const plain = await read('uncompressed')
  const problems = plain.rows.length === 2000 ? [] : [`codec-uncompressed.parquet has ${plain.rows.length} rows`]
  for (const codec of ['snappy', 'gzip', 'zstd'])
    if (!isDeepStrictEqual(await read(codec), plain)) problems.push(`codec-${codec}.parquet has other rows`)
  return problems
}

async function runCommands(command: readonly string[]): Promise<string[]> {
  const out = join(user.folder, 'commands')
  mkdirSync(out)
  const main = join(user.folder, 'node_modules/optimize-export/dist/cli/main.js')
  const at = (name: string) => join(out, name)
  const ofReport = ['--report', server.reportId, '--quiet']
  writeFileSync(at('token'), server.token)
  const argvs = [
    ['--version'],
    ['--help'],
    ['list', '--collection', 'c'],
    ['inspect', ...ofReport.slice(0, 2), '--json'],
    ['export', ...ofReport, '--out', at('a.csv'), '--events', at('events.csv')],
    ['export', ...ofReport, '--out', at('a.parquet'), '--infer-types', '--token-file', at('token')],
    ['export', ...ofReport, '--out', at('zstd.parquet'), '--codec', 'zstd'],
    ['export', ...ofReport, '--out', at('a.ndjson.gz'), '--json'],
    ['export', ...ofReport, '--out', '-', '--format', 'ndjson'],
    ['export', '--collection', 'c', '--out', `${at('all')}/`, '--quiet'],
    ['demo', '--records', '200', '--out', at('demo'), '--quiet'],
  ]
  const problems: string[] = []
  for (const argv of argvs) {
    const { code, stdout, stderr } = await run(command, [main, ...argv])
    if (code !== 0 || stderr !== '') problems.push(`${argv.join(' ')}: exit code ${code}, stderr: ${stderr}`)
    if (argv.includes('-') && countLines(stdout) !== 500)
      problems.push(`stdout: expected 500 lines, got ${countLines(stdout)}`)
  }
  const failing = await run(command, [main, 'export', '--report', 'unknown', '--out', at('b.csv')])
  if (
    failing.code !== 1 ||
    !/^b\.csv: .* \(ERR_REPORT_NOT_FOUND\)\n {2}more: optimize-export help ERR_REPORT_NOT_FOUND\n$/.test(failing.stderr)
  )
    problems.push(`an unknown report: exit code ${failing.code}, stderr: ${failing.stderr}`)
  problems.push(
    ...(await Promise.all(Object.entries(FILES).map(([name, count]) => findRowProblems(at(name), count)))).flat(),
  )
  const found = existsSync(at('all')) ? readdirSync(at('all')).sort().join(' ') : 'nothing'
  if (found !== '_receipts r1.csv') problems.push(`all/: expected _receipts and r1.csv, got ${found}`)
  rmSync(out, { recursive: true })
  return problems
}

async function findRowProblems(path: string, expected: number): Promise<string[]> {
  if (!existsSync(path)) return [`${path} is not there`]
  const bytes = readFileSync(path)
  const found = path.endsWith('.parquet')
    ? (await readWithHyparquet(bytes)).rows.length
    : countLines((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString())
  return found === expected ? [] : [`${path}: expected ${expected} rows, got ${found}`]
}

function countLines(text: string): number {
  return text.split('\n').length - 1
}

function run(command: readonly string[], argv: readonly string[]): Promise<Ended> {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, NO_COLOR: '1', OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  const options = { cwd: user.folder, env, maxBuffer: 2 ** 26, timeout: 120_000 }
  return new Promise((resolve) => {
    const child = execFile(command[0]!, [...command.slice(1), ...argv], options, (error, stdout, stderr) =>
      resolve({
        code: child.exitCode ?? (error ? 1 : 0),
        stdout,
        stderr: stderr || (child.exitCode === null ? (error?.message ?? '') : ''),
      }),
    )
  })
}

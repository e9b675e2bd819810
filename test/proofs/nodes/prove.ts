// Runs the packed and installed package on every supported Node.js: a program that uses all of it, and each command. Each has
// to make the same files, and nothing may be on stderr. Bun and Deno are run for information: they do not make it fail.
import { execFile, execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startFakeOptimize } from '../../../lib/testing/index.js'
import { install } from '../../support/installed.js'
import { root } from '../../support/root.js'

interface Runtime {
  readonly name: string
  /** The program and its arguments before the name of a script. */
  readonly command: readonly [string, ...string[]]
  readonly isSupported: boolean
}

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const here = join(root, 'test/proofs/nodes')
const modules = join(here, 'node_modules')
const node = (version: string): Runtime => ({
  name: `Node.js ${version}`,
  command: [join(modules, `node-${version}/bin/node`), '--trace-warnings', '--trace-deprecation'],
  isSupported: true,
})
const runtimes: readonly Runtime[] = [
  ...['20.19', '22', '24', '26'].map(node),
  { name: 'Bun', command: [join(modules, '@oven/bun-linux-x64/bin/bun')], isSupported: false },
  {
    name: 'Deno',
    command: [join(modules, '@deno/linux-x64-glibc/deno'), 'run', '-A', '--node-modules-dir=manual'],
    isSupported: false,
  },
]

if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('proof:nodes runs on Linux on x64 only')
// the binaries are packages of their own; nothing has to run after their installation
const names = ['node-20.19', 'node-22', 'node-24', 'node-26', '@oven/bun-linux-x64', '@deno/linux-x64-glibc']
if (!names.every((name) => existsSync(join(modules, name))))
  execFileSync('npm', ['ci', '--prefer-offline', '--ignore-scripts'], { cwd: here, stdio: 'inherit' })
const installed = await install()
const server = await startFakeOptimize({ records: 500, collection: { c: ['r1'] } })
let expected: string | undefined
let failed = false
try {
  // Deno looks for packages in a manifest
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object }
  const manifest = { type: 'module', dependencies: { 'optimize-export': '*', ...dependencies } }
  writeFileSync(join(installed.folder, 'package.json'), JSON.stringify(manifest))
  copyFileSync(join(import.meta.dirname, 'smoke.js'), join(installed.folder, 'smoke.mjs'))
  process.stdout.write('| runtime | version | program | commands |\n| --- | --- | --- | --- |\n')
  for (const runtime of runtimes) {
    const problems = { program: await program(runtime), commands: await commands(runtime) }
    const { stdout } = await run(runtime.command.slice(0, 1), ['--version'])
    const cells = Object.values(problems).map((list) => (list.length === 0 ? 'ok' : 'FAILS'))
    process.stdout.write(`| ${[runtime.name, stdout.split('\n')[0], ...cells].join(' | ')} |\n`)
    const all = Object.values(problems).flat()
    for (const problem of runtime.isSupported ? all : all.slice(0, 1)) process.stdout.write(`  ${problem}\n`)
    failed ||= runtime.isSupported && cells.includes('FAILS')
  }
} finally {
  await server.close()
  installed.remove()
}
if (failed) process.exitCode = 1

/** The program of smoke.ts; every runtime with Node's own zlib has to make the files that the first one made. */
async function program({ command, isSupported }: Runtime): Promise<string[]> {
  const { code, stdout, stderr } = await run(command, [join(installed.folder, 'smoke.mjs')])
  if (code !== 0 || stderr !== '') return [`smoke.mjs: exit code ${code}, stderr: ${stderr}`]
  if (isSupported) expected ??= stdout
  return isSupported && stdout !== expected ? [`smoke.mjs: other files than the first runtime: ${stdout}`] : []
}

async function commands({ command }: Runtime): Promise<string[]> {
  const out = join(installed.folder, 'commands')
  mkdirSync(out, { recursive: true })
  const main = join(installed.folder, 'node_modules/optimize-export/dist/cli/main.js')
  const ofReport = ['--report', server.reportId, '--quiet']
  const tokenFile = join(out, 'token')
  writeFileSync(tokenFile, server.token)
  const argvs = [
    ['--version'],
    ['--help'],
    ['list', '--collection', 'c'],
    ['inspect', ...ofReport.slice(0, 2), '--json'],
    ['export', ...ofReport, '--out', join(out, 'a.csv'), '--events', join(out, 'events.csv')],
    ['export', ...ofReport, '--out', join(out, 'a.parquet'), '--infer-types', '--token-file', tokenFile],
    ['export', ...ofReport, '--out', join(out, 'a.ndjson.gz'), '--json'],
    ['export', ...ofReport, '--out', '-', '--format', 'ndjson'],
    ['demo', '--records', '200', '--out', join(out, 'demo'), '--quiet'],
  ]
  const problems: string[] = []
  for (const argv of argvs) {
    const { code, stderr } = await run(command, [main, ...argv])
    if (code !== 0 || stderr !== '') problems.push(`${argv.join(' ')}: exit code ${code}, stderr: ${stderr}`)
  }
  const lines = existsSync(join(out, 'a.csv'))
    ? readFileSync(join(out, 'a.csv'), 'utf8').trimEnd().split('\n').length
    : 0
  if (lines !== 501) problems.push(`a.csv: expected 501 lines, got ${lines}`)
  rmSync(out, { recursive: true })
  return problems
}

function run(command: readonly string[], argv: readonly string[]): Promise<Ended> {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, NO_COLOR: '1', OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  const options = { cwd: installed.folder, env, maxBuffer: 2 ** 26, timeout: 120_000 }
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

// The packed and installed command in a separate process: subcommands, exit codes, signals, a terminal.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import t, { type Test } from 'tap'
import { VERSION } from '../../lib/index.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { install, runInstalled } from '../support/command/installed.js'
import { startWatched, type WatchedOptions } from '../support/servers/watched-server.js'

const installed = await install()
const { bin } = installed
t.setTimeout(300_000)
t.teardown(() => installed.remove())

async function setUp(t: Test, options: WatchedOptions = {}) {
  const server = await startWatched(t, { records: 120, collections: { c: ['r1'] }, ...options })
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  const ofReport = (...argv: string[]) => ['export', '--report', server.reportId, '--limit', '50', ...argv]
  return { server, env, ofReport, folder: t.testdir() }
}

const run = (argv: string[], env?: NodeJS.ProcessEnv) => runInstalled(bin, argv, env).ended
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const receiptOf = (path: string) => JSON.parse(readFileSync(`${path}.json`, 'utf8')) as { sha256: string; rows: number }

t.test('list, inspect, demo and export work', async (t) => {
  const { server, env, ofReport, folder } = await setUp(t)
  t.strictSame(await run(['--version']), { code: 0, stdout: `${VERSION}\n`, stderr: '' })
  t.match(await run(['--help']), { code: 0, stdout: /optimize-export demo/, stderr: '' })
  t.match(await run(['list', '--collection', 'c'], env), { code: 0, stdout: 'r1\n' })
  t.match(await run(['inspect', '--report', 'r1'], env), { code: 0, stdout: /120 records/ })
  t.match(await run(['demo', '--records', '50', '--out', join(folder, 'demo')]), { code: 0, stdout: '' })
  t.strictSame(readdirSync(join(folder, 'demo')).sort(), ['_receipts', 'instances.csv', 'instances.parquet'])
  const path = join(folder, 'a.parquet')
  t.match(await run(ofReport('--out', path, '--json', '--quiet'), env), { code: 0, stderr: '' })
  t.match(receiptOf(path), { rows: 120, sha256: sha256(path) })
  const { stdout } = await run(ofReport('--out', '-', '--quiet'), env)
  t.equal(parse<object>(stdout, { columns: true }).length, server.ids().length)
})

t.test('the message about a missing package has the command that installs all packages', async (t) => {
  const { env } = await setUp(t)
  const load = (into: string) => run(['load', '--report', 'r1', '--table', 'orders', '--into', into], env)
  const install = (line: string) => ({
    code: 2,
    stderr: new RegExp(`is not installed; run: npm install ${line}$`, 'm'),
  })
  t.match(await load('postgresql://localhost/w'), install('--global pg pg-copy-streams'))
  t.match(await load('duckdb:a.duckdb'), install('--global @duckdb/node-api'))
  const manifest = join(installed.folder, 'package.json')
  writeFileSync(manifest, '{}')
  t.teardown(() => rmSync(manifest))
  t.match(await load('postgresql://localhost/w'), install('pg pg-copy-streams'))
})

t.test('packages behind symbolic links are found when stdout or the target is a pipe', async (t) => {
  const { env, ofReport, folder } = await setUp(t)
  // without NODE_OPTIONS, because the modules that tap loads through it hide the failure
  const runAlone = (argv: string[]) => runInstalled('env', ['-u', 'NODE_OPTIONS', bin, ...argv], env)
  const path = join(folder, 'a.parquet')
  t.match(await runAlone(ofReport('--out', path, '--quiet')).ended, { code: 0, stderr: '' })
  const fifo = join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  const { ended } = runAlone(ofReport('--out', fifo, '--format', 'parquet', '--quiet'))
  const [{ code, stderr }, bytes] = await Promise.all([ended, readFile(fifo)])
  t.strictSame({ code, stderr }, { code: 0, stderr: '' })
  t.equal(bytes.subarray(0, 4).toString('latin1'), 'PAR1')
})

t.test('a shell gets the exit codes 1 to 4, and a failure leaves no files', async (t) => {
  const cases: [number, WatchedOptions, string[], NodeJS.ProcessEnv?][] = [
    [1, { faults: [{ kind: 'login', page: 1 }] }, []],
    [2, {}, ['--limit', '0']],
    [2, {}, [], { OPTIMIZE_TOKEN: '' }],
    [3, { faults: [{ kind: 'expire', page: 2 }] }, ['--recovery', 'fail']],
    [4, {}, [], { OPTIMIZE_TOKEN: 'wrong' }],
  ]
  for (const [code, options, flags, more] of cases) {
    const { env, ofReport, folder } = await setUp(t, options)
    const ended = await run(ofReport('--out', join(folder, 'a.csv'), ...flags), { ...env, ...more })
    t.equal(ended.code, code, ended.stderr)
    t.strictSame(readdirSync(folder), [])
  }
})

t.test('SIGINT and SIGTERM leave no files', async (t) => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const { server, env, ofReport, folder } = await setUp(t, { isHeld: ({ number }) => number === 3, records: 5000 })
    const { child, ended } = runInstalled(bin, ofReport('--out', join(folder, 'a.csv')), env)
    await server.received(3)
    t.strictSame(readdirSync(folder), ['a.csv.part'])
    child.kill(signal)
    t.match(await ended, { code, stderr: 'optimize-export: interrupted\n' })
    t.strictSame(readdirSync(folder), [])
  }
})

t.test('SIGINT ends an export even if the reader of stdout does not read', async (t) => {
  const { server, env, ofReport } = await setUp(t, { records: 5000 })
  const { child, ended } = runInstalled(bin, ofReport('--out', '-'), env)
  child.stdout!.pause()
  await server.received(3)
  await drainEventLoopTurns()
  const exited = once(child, 'exit')
  child.kill('SIGINT')
  await exited
  child.stdout!.resume()
  t.match(await ended, { code: 130 })
})

t.test('head as the reader of stdout ends the export without a message', async (t) => {
  const { env, ofReport } = await setUp(t, { records: 5000 })
  const { child, ended } = runInstalled(bin, ofReport('--out', '-'), env)
  child.stdout!.once('data', () => child.stdout!.destroy())
  t.match(await ended, { code: 141, stderr: '' })
})

t.test('a terminal has a progress bar on stderr, and stdout has only records', async (t) => {
  const { server, env, folder } = await setUp(t, { isHeld: ({ number }) => number === 5, records: 400 })
  const out = join(folder, 'a.csv')
  const line = `'${bin}' export --report ${server.reportId} --limit 50 --out - > '${out}'`
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' })
  } catch {
    t.comment('there is no `script` of util-linux to make a terminal with')
    return
  }
  const { PATH } = process.env
  const { child, ended } = runInstalled('script', ['-qec', line, '/dev/null'], { PATH, ...env })
  const bar = /█+░* \d+% \d+ of 400 records, [\d,]+\/s/
  let shown = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    if (bar.test(shown)) server.release()
  })
  const { stdout: screen } = await ended
  t.match(screen, bar)
  t.equal(parse<object>(readFileSync(out), { columns: true }).length, 400)
})

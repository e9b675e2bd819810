// The end of commands: failures of stdout, signals, one JSON document in every case, texts without control characters.
import { execFileSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createStdout } from '../../lib/cli/output/stdout-writer.js'
import { runProcess, type CommandProcess } from '../../lib/cli/command-line.js'
import { runCommand, CapturedStream, startCommand } from '../support/command/command-line.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { runChild } from '../support/children/run-child.js'
import { mountSmallDisk } from '../support/machine/small-disk.js'
import { startWatched, type WatchedOptions } from '../support/servers/watched-server.js'

// the tests must not fail on a machine that pauses for a minute
t.setTimeout(300_000)

async function setUp(t: Test, options: WatchedOptions = {}) {
  const server = await startWatched(t, { records: 60, collections: { c: ['r1', 'r2', 'r3'] }, ...options })
  return { server, env: { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }, folder: join(t.testdir(), 'out') }
}

/** Runs a command line in a process whose stdout is this file, opened as a shell opens it. */
async function runIntoFile(path: string, argv: string[], env: NodeJS.ProcessEnv) {
  const fd = openSync(path, 'a')
  const stderr = new CapturedStream()
  const fake = Object.assign(new EventEmitter(), {
    ...{ stdout: Object.assign(new CapturedStream(), { fd }), stderr, env, argv: ['node', 'main.js', ...argv] },
    ...{ exitCode: 0, exit: () => undefined as never },
  })
  await runProcess(fake as unknown as CommandProcess)
  closeSync(fd)
  return { code: fake.exitCode, stderr: stderr.text }
}

interface Document {
  readonly complete: boolean
  readonly error?: { code: string; message: string; signal?: string }
  readonly reports?: { complete: boolean; rows?: number; error?: { code: string } }[]
}
const documentIn = (stdout: string) => JSON.parse(stdout) as Document

t.test('stdout on a full disk is exit code 1 and a message, from every command', async (t) => {
  const { server, env, folder } = await setUp(t)
  const report = ['--report', server.reportId, '--quiet']
  const commands = [
    ['--help'],
    ['--version'],
    ['export', '--help'],
    ['list', '--collection', 'c'],
    ['list', '--collection', 'c', '--json'],
    ['inspect', ...report],
    ['inspect', ...report, '--json'],
    ['export', ...report, '--out', '-'],
    ['export', ...report, '--out', '-', '--format', 'ndjson'],
    ['export', ...report, '--out', '-', '--format', 'parquet'],
    ['export', ...report, '--out', `${folder}.csv`, '--json'],
    ['demo', '--records', '1', '--out', folder, '--json', '--quiet'],
  ]
  for (const argv of commands) {
    const { code, stderr } = await runIntoFile('/dev/full', argv, env)
    t.equal(code, 1, argv.join(' '))
    t.equal(stderr, 'optimize-export: cannot write to stdout: no space left on the disk (ENOSPC)\n')
  }
})

t.test('a disk that accepts only a part of the last write is reported as full', async (t) => {
  const disk = mountSmallDisk(t)
  if (disk === undefined) {
    t.comment('no file system can be mounted here')
    return
  }
  const { server, env } = await setUp(t)
  writeFileSync(join(disk, 'fill'), Buffer.alloc(56 * 1024))
  const argv = ['export', '--report', server.reportId, '--quiet', '--out', '-', '--max-records', '30']
  const { code, stderr } = await runIntoFile(join(disk, 'a.csv'), argv, env)
  t.equal(code, 1)
  t.match(stderr, /no space left on the disk/)
})

t.test('the output is appended to a stdout that is a file, with all bytes', async (t) => {
  const { server, env } = await setUp(t)
  const folder = t.testdir({ a: 'before\n' })
  const argv = ['export', '--report', server.reportId, '--quiet', '--out', '-']
  t.match(await runIntoFile(join(folder, 'a'), argv, env), { code: 0, stderr: '' })
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), `before\n${(await runCommand(argv, { env })).stdout}`)
  execFileSync('mkfifo', [join(folder, 'fifo')])
  const fd = openSync(join(folder, 'fifo'), 'r+')
  for (const stdout of [
    Object.assign(new CapturedStream(), { fd }),
    Object.assign(new CapturedStream(true), { fd: 1 }),
    new CapturedStream(),
  ])
    t.equal(createStdout({ stdout }), stdout, 'a pipe and a terminal stay the streams of Node')
  closeSync(fd)
})

t.test('a reader that closes stdout is exit code 141 without a message, any other failure has one', async (t) => {
  const { env } = await setUp(t)
  for (const [code, expected, text] of [
    ['EPIPE', 141, ''],
    ['EIO', 1, 'optimize-export: cannot write to stdout: EIO\n'],
    [undefined, 1, 'optimize-export: cannot write to stdout: no\n'],
  ] as const) {
    const stdout = new CapturedStream()
    stdout._write = (_chunk, _encoding, done) => done(Object.assign(new Error('no'), code && { code }))
    const running = startCommand(['list', '--collection', 'c'], { env, stdout })
    t.equal(await running.code, expected)
    t.equal(running.stderr.text, text)
  }
})

t.test('rows on stdout are reported only after all bytes are printed, and never before a failure', async (t) => {
  const { server, env, folder } = await setUp(t)
  const argv = ['export', '--report', server.reportId, '--out', '-']
  for (const more of [[], ['--format', 'ndjson'], ['--format', 'parquet'], ['--gzip'], ['--events', `${folder}.csv`]]) {
    const { code, stderr } = await runIntoFile('/dev/full', [...argv, ...more], env)
    t.equal(code, 1, more.join(' '))
    t.equal(stderr, 'optimize-export: cannot write to stdout: no space left on the disk (ENOSPC)\n')
  }
  const gone = new CapturedStream()
  gone._write = (_chunk, _encoding, done) => done(Object.assign(new Error('no'), { code: 'EPIPE' }))
  const left = startCommand(argv, { env, stdout: gone })
  t.strictSame([await left.code, left.stderr.text], [141, ''])
  const slow = new CapturedStream()
  let print: () => void = () => undefined
  slow._write = (_chunk, _encoding, done) => {
    print = done
    slow.emit('written')
  }
  const running = startCommand(argv, { env, stdout: slow })
  await once(slow, 'written')
  await drainEventLoopTurns()
  t.equal(running.stderr.text, '')
  slow._write = (_chunk, _encoding, done) => done()
  print()
  t.equal(await running.code, 0)
  t.match(running.stderr.text, /^stdout: 60 rows, \d+ columns\n$/)
  const stuck = new CapturedStream()
  stuck._write = () => void stuck.emit('written')
  const stopped = startCommand(argv, { env, stdout: stuck })
  await once(stuck, 'written')
  await drainEventLoopTurns()
  stopped.signal('SIGINT')
  t.equal(await stopped.code, 130)
  t.equal(stopped.stderr.text, 'optimize-export: interrupted\n')
})

t.test('a collection without reports is named by its id, however it was given', async (t) => {
  const { server, env, folder } = await setUp(t)
  for (const argv of [['list'], ['export', '--out', folder]]) {
    const given = ['--collection', `${server.url}/#/collection/none/`]
    const { code, stderr } = await runCommand([...argv, ...given], { env })
    t.equal(code, 1)
    t.equal(stderr, 'optimize-export: collection none: it has no reports, or does not exist\n')
  }
})

t.test('--json is one document also when the command line is wrong', async (t) => {
  const { server, env, folder } = await setUp(t)
  const cases: [string[], string, number, RegExp][] = [
    [['export', '--json', '--unknown'], 'ERR_USAGE', 2, /^unknown option '--unknown'$/],
    [['export', '--json', '--out'], 'ERR_USAGE', 2, /argument missing/],
    [['exprot', '--json'], 'ERR_USAGE', 2, /unknown command/],
    [['export', '--json', '--report', 'r'], 'ERR_USAGE', 2, /give --out/],
    [['export', '--json', '--config', 'none', '--report', 'r'], 'ERR_USAGE', 2, /could not be read/],
    [['export', '--json', '--report', 'r', '--out', 'a.csv', '--limit', '0'], 'ERR_OPTION', 2, /^--limit: expected/],
    [['export', '--json', '--collection', 'none', '--out', folder], 'ERR_FAILED', 1, /no reports, or does not exist/],
    [['inspect', '--json', '--report', 'none'], 'ERR_REPORT_NOT_FOUND', 1, /./],
    [['list', '--json', '--collection', 'c', '--url', 'ftp://a'], 'ERR_OPTION', 2, /./],
    [['demo', '--json', '--records', 'many'], 'ERR_OPTION', 2, /expected an integer/],
  ]
  for (const [argv, code, exit, message] of cases) {
    const ended = await runCommand(argv, { env })
    t.equal(ended.code, exit, argv.join(' '))
    t.match(documentIn(ended.stdout), { complete: false, error: { code, message } })
    t.ok(ended.stderr.length > 0)
  }
  t.equal(server.requests.filter(({ query }) => 'limit' in query).length, 1)
})

t.test('an interrupted collection reports the finished files in one document', async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const { server, env, folder } = await setUp(t, { isHeld: ({ path }) => path.includes('/r2/') })
    const argv = ['export', '--collection', 'c', '--out', folder, '--limit', '30', '--json']
    const running = startCommand(argv, { env })
    await running.stderr.waitForText('r1.csv: 60 rows')
    await server.received(4)
    running.signal(signal)
    t.equal(await running.code, signal === 'SIGINT' ? 130 : 143)
    const { complete, error, reports } = documentIn(running.stdout.text)
    t.strictSame([complete, error?.code, error?.signal], [false, 'ERR_INTERRUPTED', signal])
    t.match(reports, [{ complete: true, rows: 60 }, { error: { code: 'ERR_INTERRUPTED' } }, { complete: false }])
    t.match(running.stderr.text, /3 reports: 1 complete, 2 failed, 0 skipped\noptimize-export: interrupted\n$/)
    t.strictSame(readdirSync(folder).sort(), ['_receipts', 'r1.csv'])
    t.strictSame(readdirSync(join(folder, '_receipts')), ['r1.csv.json'])
  }
})

t.test('a signal at any moment of a command is one document and exit code 143', async (t) => {
  const { server, env, folder } = await setUp(t)
  const report = ['--report', server.reportId, '--limit', '10', '--json']
  const jobsFile = `${folder}.yaml`
  writeFileSync(
    jobsFile,
    `version: 1\njobs:\n  - { name: a, report: ${server.reportId}, out: ${folder}.run.csv, limit: 10 }\n`,
  )
  const commands = [
    ['export', ...report, '--out', `${folder}.csv`, '--events', `${folder}.events.csv`],
    ['export', '--collection', 'c', '--out', folder, '--limit', '30', '--json'],
    ['load', ...report, '--into', `duckdb:${folder}.duckdb`, '--table', 't', '--events', 'e'],
    ['run', jobsFile, '--json'],
  ]
  for (const argv of commands) {
    let stopped = 0
    for (let turns = 0; ; turns += Math.max(4, turns >> 2)) {
      const running = startCommand(argv, { env })
      await drainEventLoopTurns(turns)
      running.signal('SIGTERM')
      const code = await running.code
      const { complete, error } = documentIn(running.stdout.text)
      if (code === 0) {
        t.strictSame([complete, error], [true, undefined], 'it was complete by then')
        break
      }
      t.equal(code, 143, `${argv[0]}, ${turns} turns`)
      t.equal(complete, false)
      stopped++
    }
    t.ok(stopped > 5, `${argv[0]} was stopped ${stopped} times`)
  }
})

t.test('one interrupted report, list and inspect are one document too', async (t) => {
  const { server, env, folder } = await setUp(t)
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => {
    silent.closeAllConnections()
    silent.close()
  })
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  for (const argv of [
    ['export', '--report', server.reportId, '--out', `${folder}.csv`],
    ['list', '--collection', 'c'],
    ['inspect', '--report', server.reportId],
  ]) {
    const asked = once(silent, 'request')
    const running = startCommand([...argv, '--json', '--quiet'], { env: { ...env, OPTIMIZE_URL: url } })
    await asked
    running.signal('SIGTERM')
    t.equal(await running.code, 143)
    t.match(documentIn(running.stdout.text), { complete: false, error: { code: 'ERR_INTERRUPTED', signal: 'SIGTERM' } })
  }
})

t.test('one signal ends an export whose FIFO has no reader, also when all records are read', async (t) => {
  const { server, env, folder } = await setUp(t)
  for (const more of [[], ['--events', `${folder}.events.csv`], ['--gzip'], ['--format', 'parquet']]) {
    const path = join(t.testdir(), 'fifo')
    execFileSync('mkfifo', [path])
    const argv = ['export', '--report', server.reportId, '--format', 'csv', '--out', path, '--json', ...more]
    const running = startCommand([...argv, '--progress-interval', '0.02'], { env })
    await running.stderr.waitForText('60 of 60 records')
    running.signal('SIGINT')
    t.equal(await running.code, 130, more.join(' '))
    t.match(documentIn(running.stdout.text), { complete: false, error: { code: 'ERR_INTERRUPTED' } })
    t.strictSame(readdirSync(join(path, '..')), ['fifo'])
  }
})

t.test('a token that was refused once is not tried again', async (t) => {
  const { server, env, folder } = await setUp(t)
  const argv = ['export', '--report', 'r1', 'r2', 'r3', '--out', folder, '--json']
  const { code, stdout, stderr } = await runCommand(argv, { env: { ...env, OPTIMIZE_TOKEN: 'wrong' } })
  t.equal(code, 4)
  t.strictSame(
    documentIn(stdout).reports?.map(({ error }) => error?.code),
    ['ERR_AUTH', 'ERR_NOT_TRIED', 'ERR_NOT_TRIED'],
  )
  t.match(stderr, /3 reports: 0 complete, 1 failed, 0 skipped, 2 not tried\n$/)
  t.equal(new Set(server.requests.map(({ path }) => path)).size, 1)
})

t.test('after a signal the command does not wait long for a reader of stdout', async (t) => {
  const { server, env } = await setUp(t, { isHeld: ({ number }) => number === 1 })
  const stdout = new CapturedStream()
  stdout._write = () => undefined
  const running = startCommand(['list', '--collection', 'c', '--json'], { env, stdout })
  await server.received(1)
  running.signal('SIGINT')
  running.signal('SIGTERM')
  t.equal(await running.code, 130)
  const stuck = new CapturedStream()
  stuck._write = () => void stuck.emit('written')
  const waiting = startCommand(['list', '--collection', 'c'], { env, stdout: stuck })
  await once(stuck, 'written')
  await drainEventLoopTurns()
  waiting.signal('SIGINT')
  t.equal(await waiting.code, 130, 'a signal while the last bytes wait for their reader')
  const slow = new CapturedStream()
  slow._write = (_chunk, _encoding, done) => void slow.emit('written', done)
  const late = startCommand(['list', '--collection', 'c'], { env, stdout: slow })
  const [acceptBytes] = (await once(slow, 'written')) as [() => void]
  await drainEventLoopTurns()
  late.signal('SIGINT')
  slow._write = (_chunk, _encoding, done) => done()
  acceptBytes()
  t.equal(await late.code, 0, 'a signal before the last bytes, which the reader then takes')
})

t.test('the second signal ends the process by the default action', async (t) => {
  const { server, env } = await setUp(t, { isHeld: () => true })
  const ended: unknown[] = []
  const fake = Object.assign(new EventEmitter(), {
    ...{
      stdout: new CapturedStream(),
      stderr: new CapturedStream(),
      env,
      argv: ['node', 'main.js', 'list', '--collection', 'c'],
    },
    ...{ exitCode: 0, exit: () => undefined as never, pid: 7 },
    kill: (...what: unknown[]) => ended.push([...what, fake.listenerCount('SIGTERM')]),
  })
  const run = runProcess(fake as unknown as CommandProcess)
  await server.received(1)
  fake.emit('SIGINT')
  fake.emit('SIGTERM')
  await run
  t.strictSame(ended, [[7, 'SIGTERM', 0]])
})

t.test('the second signal ends a command that hangs', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hang-'))
  const token = join(folder, 'token')
  execFileSync('mkfifo', [token])
  const argv = ['export', '--report', 'r', '--out', join(folder, 'a.csv'), '--token-file', token]
  const child = runChild('signalled-child.ts', argv, { OPTIMIZE_URL: 'http://127.0.0.1:9' })
  const closed = once(child.process, 'close') as Promise<[number | null, string | null]>
  // a child that ends too early leaves the FIFO without a reader, for which open() would wait
  void closed.then(() => closeSync(openSync(token, 'r+')))
  // the FIFO is open when the command waits for its token; then the command hangs until the FIFO is closed
  const writer = await open(token, 'w')
  child.process.kill('SIGTERM')
  // two signals that a process has not handled yet arrive in the order of their numbers
  await child.waitForText('SIGTERM')
  child.process.kill('SIGINT')
  t.strictSame(await closed, [null, 'SIGINT'])
  await writer.close()
})

t.test('texts of the server have no control characters', async (t) => {
  const evil = 'a\u001b[31m\u0085\u202eb\u2066'
  const shown = 'a\\u001b[31m\\u0085\\u202eb\\u2066'
  const hostile = /[\u007f-\u009f\u202a-\u202e\u2066-\u2069\u001b]/
  const { env, folder } = await setUp(t, { collections: { c: [evil] } })
  const list = await runCommand(['list', '--collection', 'c'], { env })
  t.equal(list.stdout, `${shown}\n`)
  const json = await runCommand(['list', '--collection', 'c', '--json'], { env })
  t.strictSame(JSON.parse(json.stdout), [evil])
  t.notMatch(json.stdout, hostile)
  const all = await runCommand(['export', '--report', evil, 'r2', '--out', folder], { env })
  const more = await runCommand(['export', '--report', 'r', '--out', `${folder}.csv`, `--${evil}`], { env })
  const none = await runCommand(['export', '--collection', evil, '--out', folder], { env })
  for (const { stderr } of [all, more, none]) t.notMatch(stderr, hostile)
  t.ok(none.stderr.includes(shown))
})

t.test('a dumb terminal, or one without colours, gets plain lines', async (t) => {
  const stderrWith = async (more: NodeJS.ProcessEnv) => {
    const { server, env, folder } = await setUp(t, { isHeld: ({ number }) => number === 3 })
    const report = ['export', '--report', server.reportId, '--limit', '10', '--out', `${folder}.csv`]
    const stderr = new CapturedStream(true)
    const running = startCommand([...report, '--progress-interval', '0.05'], { env: { ...env, ...more }, stderr })
    await Promise.race([stderr.waitForText('of 60 records'), running.code])
    server.release()
    t.equal(await running.code, 0)
    return stderr.text
  }
  for (const more of [{ TERM: 'dumb' }, { NO_COLOR: '1' }]) {
    const text = await stderrWith(more)
    t.match(text, /of 60 records/)
    t.notMatch(text, '\u001b')
  }
  t.match(await stderrWith({ NO_COLOR: '' }), '\u001b', 'a variable that is empty is not set')
})

t.test('files of a collection have distinct names, also where the file system ignores case', async (t) => {
  const { env, folder } = await setUp(t, { collections: { c: ['a', 'a.events', 'Sales', 'sales', 'x'] } })
  const places = ['--out', folder, '--events', folder, '--gzip']
  const argv = ['export', '--collection', 'c', ...places, '--concurrency', '2', '--json']
  const { code, stdout, stderr } = await runCommand(argv, { env })
  t.equal(code, 0, stderr)
  const files = () => readdirSync(folder).filter((name) => name.endsWith('.csv.gz'))
  const names = files()
  t.equal(new Set(names.map((name) => name.toLowerCase())).size, 10)
  t.ok(names.includes('a.csv.gz') && names.includes('x.events.csv.gz'), 'the others keep theirs')
  t.equal(names.filter((name) => /^a\.events~[\da-f]{8}\.csv\.gz$/.test(name)).length, 2)
  t.equal(names.filter((name) => /^sales~[\da-f]{8}\.csv\.gz$/i.test(name)).length, 2)
  const { reports } = JSON.parse(stdout) as { reports: { file: string; receipt: string; reportId: string }[] }
  for (const { file, receipt, reportId } of reports) {
    t.ok(names.some((name) => file === join(folder, name)))
    t.match(JSON.parse(readFileSync(receipt, 'utf8')), { reportId })
  }
  t.equal(readdirSync(join(folder, '_receipts')).length, 10)
  await runCommand(argv, { env })
  t.strictSame(files(), names, 'the same names in the next run')
})

t.test('an export into a device has no receipt, but its result is printed', async (t) => {
  const { server, env } = await setUp(t)
  const argv = ['export', '--report', server.reportId, '--out', '/dev/null', '--format', 'csv', '--json']
  const { code, stdout } = await runCommand(argv, { env })
  t.equal(code, 0)
  t.match(JSON.parse(stdout), { file: '/dev/null', rows: 60, complete: true })
  t.notOk('receipt' in (JSON.parse(stdout) as object))
})

// The commands `inspect`, `list` and `demo`, and the behaviour that all commands share.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { VERSION } from '../../lib/index.js'
import { program } from '../../lib/cli/program.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { runCommand, CapturedStream, startCommand } from '../support/command/command-line.js'

async function setUp(t: Test, options: FakeOptimizeOptions = {}) {
  const server = await startFakeOptimize({ records: 300, ...options })
  t.teardown(() => server.close())
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  return {
    server,
    env,
    inspect: (...argv: string[]) => runCommand(['inspect', '--report', server.reportId, ...argv], { env }),
  }
}

t.test('inspect prints kind, size and columns from one page', async (t) => {
  const { server, inspect } = await setUp(t)
  const { code, stdout, stderr } = await inspect('--limit', '100')
  t.equal(code, 0, stderr)
  t.equal(server.requests.length, 1)
  t.match(stdout, /^kind {6}process instances, raw data$/m)
  t.match(stdout, /^total {5}300 records$/m)
  t.match(stdout, /^sample    100 records, 1\.\d kB of JSON each$/m)
  t.match(stdout, /^estimate  about \d+\.\d kB of JSON for the whole report, in about \d/m)
  t.match(stdout, /^ {2}100% {2}timestamp {2}startDate$/m)
  t.match(stdout, /%  double {5}variable:amount$/m)
})

t.test('inspect estimates the time from all pages of the sample', async (t) => {
  let milliseconds = 0
  const { inspect } = await setUp(t, { onRequest: () => void (milliseconds += 100) })
  t.intercept(performance, 'now', { value: () => milliseconds })
  const { stdout } = await inspect('--limit', '50', '--max-records', '150', '--json')
  t.match(JSON.parse(stdout), { estimatedSeconds: 0.6 }, 'three pages of 100 ms are half of the report')
})

t.test('inspect --all prints a dictionary of the columns from the whole report', async (t) => {
  const { server, inspect } = await setUp(t, { variableNames: ['a|b``c', 'country'] })
  const { code, stdout, stderr } = await inspect('--all', '--limit', '100')
  t.equal(code, 0, stderr)
  t.equal(server.requests.length, 3)
  t.match(stdout, /^sample {4}300 records/m)
  t.match(
    stdout,
    /^ {2}100% {2}timestamp {2}startDate\n {19}start of the process instance\n {19}from 20\S+ to 20\S+; for example 20/m,
  )
  t.match(stdout, /^ {19}duration of the flow node "[^"]+" in milliseconds/m)
  t.match(stdout, /^ {19}(always|\d+ values:) /m)
  const markdown = (await inspect('--all', '--markdown')).stdout
  t.match(markdown, /^# Columns of report /)
  t.match(markdown, /^- process instances, raw data; from all records$/m)
  t.match(
    markdown,
    /^\| Column \| Type \| Empty \| Meaning \| Example \| Values \| Min \| Max \| Warnings \|\n\| --- /m,
  )
  t.match(markdown, /^\| `flowNodeInstances` \| .* \| more than 20, or long \| /m)
  t.match(markdown, /^\| ``` variable:a\\\|b``c ``` \| /m)
  for (const line of markdown.split('\n').filter((text) => text.startsWith('|')))
    t.equal(line.replace(/\\\|/g, '').split('|').length, 11, line)
  t.match((await inspect('--markdown', '--limit', '10')).stdout, /from the first 10 records of 300/)
  t.match(await inspect('--markdown', '--json'), { code: 2, stderr: /--json and --markdown: expected one of them/ })
})

t.test('inspect on a terminal shows that it waits for the records', async (t) => {
  const stderr = new CapturedStream(true)
  const { server, env } = await setUp(t, { onRequest: () => stderr.waitForText('requesting the first records') })
  t.match(await runCommand(['inspect', '--report', server.reportId], { env, stderr }), {
    code: 0,
    stderr: /requesting the first records/,
  })
})

t.test('inspect --all on a terminal shows its progress', async (t) => {
  const stderr = new CapturedStream(true)
  const { server, env } = await setUp(t, { onRequest: () => stderr.waitForText('waiting for the first page') })
  const argv = ['inspect', '--report', server.reportId, '--all']
  t.match(await runCommand(argv, { env, stderr }), { code: 0, stderr: /waiting for the first page/ })
})

t.test('inspect --json prints the profile as JSON', async (t) => {
  const { inspect } = await setUp(t, { objectVariables: 'placeholder', records: 1000 })
  const { stdout } = await inspect('--json', '--quiet')
  const found = JSON.parse(stdout) as { columns: { name: string }[]; warnings: string[]; bytesPerRecord: number }
  t.match(found, { kind: 'process', total: 1000, records: 1000 })
  t.ok(found.bytesPerRecord > 500)
  t.ok(found.columns.some(({ name }) => name === 'variable:amount'))
  t.match(found.warnings.join('\n'), /variable:customerProfile: <<OBJECT_VARIABLE_VALUE>> in \d+ of \d+ values/)
})

t.test('inspect warns of limits of map reports and of empty reports', async (t) => {
  const map = await setUp(t, { report: 'map', records: 150 })
  const { stdout } = await map.inspect('--limit', '100')
  t.match(stdout, /kind {6}a map of groups and values/)
  t.match(stdout, /Optimize says: /)
  t.match(stdout, /warning: if the report has several measures, Optimize exports only the first/)
  const empty = await setUp(t, { report: 'number', noData: true })
  const nothing = await empty.inspect()
  t.match(nothing.stdout, /kind {6}no data/)
  t.match(nothing.stdout, /warning: the report has no data/)
  const number = await setUp(t, { report: 'number' })
  t.match((await number.inspect()).stdout, /kind {6}one number/)
  const rare = await setUp(t, { variableNames: ['a\nb'], records: 0 })
  t.match((await rare.inspect()).stdout, /total {5}0 records/)
})

t.test(
  'a name with a line break is printed on one line, and a share of filled cells below 1 % is not 0%',
  async (t) => {
    const data = Array.from({ length: 300 }, (_, at) => ({ key: String(at), value: 1, label: null }))
    const odd = [{ ...data[0]!, 'a\nb': 'x' }, ...data.slice(1)]
    const { inspect } = await setUp(t, { data: odd, report: 'map' })
    t.match((await inspect()).stdout, /^ {3}<1% {2}string {2}"a\\nb"$/m)
  },
)

t.test('inspect has the exit codes of export', async (t) => {
  const { server, env, inspect } = await setUp(t)
  const wrong = await runCommand(['inspect', '--report', server.reportId], { env: { ...env, OPTIMIZE_TOKEN: 'wrong' } })
  t.equal(wrong.code, 4)
  t.equal(wrong.stdout, '')
  t.equal((await inspect('other')).code, 2)
  const none = await runCommand(['inspect'], { env })
  t.equal(none.code, 2)
  t.match(none.stderr, /expected one report, got none: give --report ID once/)
})

t.test('list prints ids, or ids and names, one per line, or as JSON', async (t) => {
  const { env, server } = await setUp(t, { collections: { c: ['r1', 'r2'] } })
  const list = (...flags: string[]) => runCommand(['list', '--collection', 'c', ...flags], { env })
  t.match(await list(), { code: 0, stdout: 'r1\nr2\n', stderr: '' })
  t.strictSame(JSON.parse((await list('--json')).stdout), ['r1', 'r2'])
  t.match(await list('--names'), { code: 0, stdout: 'r1\tReport r1\nr2\tReport r2\n', stderr: '' })
  t.strictSame(JSON.parse((await list('--names', '--json')).stdout), [
    { id: 'r1', name: 'Report r1', isCombined: false },
    { id: 'r2', name: 'Report r2', isCombined: false },
  ])
  const unknown = await runCommand(['list', '--collection', 'x'], { env })
  t.match(unknown, { code: 1, stdout: '', stderr: /collection x: it has no reports, or does not exist/ })
  t.match(await runCommand(['list'], { env }), { code: 2, stderr: /give --collection ID/ })
  for (const [command, ...more] of [['list'], ['init'], ['export', '--out', t.testdir()]] as const) {
    const from = server.requests.length
    await runCommand([command, ...more, '--collection', 'c', '--header', 'X-Tenant: a'], { env })
    t.equal(server.requests[from]!.headers['x-tenant'], 'a', command)
  }
  t.match(await list('--header', 'bad'), { code: 2, stderr: /--headers: expected name:value/ })
})

t.test('demo writes CSV and Parquet with receipts, without any settings', async (t) => {
  const folder = join(t.testdir(), 'demo')
  const { code, stdout, stderr } = await runCommand(['demo', '--records', '70', '--out', folder, '--json'])
  t.equal(code, 0, stderr)
  t.strictSame(readdirSync(folder).sort(), ['_receipts', 'instances.csv', 'instances.parquet'])
  t.strictSame(readdirSync(join(folder, '_receipts')).sort(), ['instances.csv.json', 'instances.parquet.json'])
  const { complete, reports } = JSON.parse(stdout) as {
    complete: boolean
    reports: { file: string; sha256: string; rows: number }[]
  }
  t.equal(complete, true)
  for (const { file, sha256, rows } of reports) {
    t.equal(rows, 70)
    t.equal(createHash('sha256').update(readFileSync(file)).digest('hex'), sha256)
  }
  t.match(stderr, /70 process instances/)
})

t.test('demo without flags writes to out', async (t) => {
  const before = process.cwd()
  t.teardown(() => process.chdir(before))
  process.chdir(t.testdir())
  t.match(await runCommand(['demo', '--records', '1', '--quiet']), { code: 0, stdout: '', stderr: '' })
  t.strictSame(readdirSync('out').sort(), ['_receipts', 'instances.csv', 'instances.parquet'])
})

t.test('demo fails with the messages and exit codes of export', async (t) => {
  const folder = t.testdir({ 'instances.csv': {} })
  t.match(await runCommand(['demo', '--records', '1', '--out', folder]), { code: 1, stderr: /EISDIR/ })
  t.match(await runCommand(['demo', '--records', '1', '--out', '/dev/null/']), {
    code: 1,
    stderr: /folder \/dev\/null\/: cannot be created: \/dev\/null\/ is a file, and a folder is expected \(EEXIST\)/,
  })
  t.match(await runCommand(['demo', '--records', 'many']), { code: 2, stderr: /--records: expected an integer/ })
  const running = startCommand(['demo', '--records', '20000', '--out', folder])
  await running.stderr.waitForText('runs at')
  running.signal('SIGINT')
  t.equal(await running.code, 130)
})

t.test('--version is the version of the package', async (t) => {
  t.match(await runCommand(['--version']), { code: 0, stdout: `${VERSION}\n`, stderr: '' })
})

t.test('--help shows commands, examples and exit codes', async (t) => {
  const main = await runCommand(['--help'])
  t.equal(main.code, 0)
  t.match(main.stdout, /Begin here:\n {2}optimize-export demo/)
  for (const { name } of program.commands) {
    t.match(main.stdout, new RegExp(`^  ${name} `, 'm'))
    const { code, stdout } = await runCommand([name, '--help'])
    t.equal(code, 0)
    t.match(stdout, new RegExp(`Examples:\n  optimize-export ${name}`))
    t.ok(
      stdout.split('\n').every((line) => line.length <= 112),
      name,
    )
  }
})

t.test('a stderr without a reader is not a failure', async (t) => {
  const stderr = new CapturedStream()
  stderr._write = (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  t.equal(await startCommand(['demo', '--records', '1', '--out', t.testdir()], { stderr }).code, 0)
})

t.test('help that is not read to its end is not a failure', async (t) => {
  const stdout = new CapturedStream()
  stdout._write = (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  t.equal(await startCommand(['export', '--help'], { stdout }).code, 0)
})

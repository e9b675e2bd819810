// The command `load`, and `demo --load`.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { LoadProgress } from '../../lib/cli/progress/load-progress.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { runCommand, startCommand } from '../support/command/command-line.js'
import { createInstance, createInstances } from '../support/loads/instances.js'
import { createDuckdbTarget } from '../support/loads/load-targets.js'

t.setTimeout(400_000)

async function run(argv: string[], options: FakeOptimizeOptions = {}, env: NodeJS.ProcessEnv = {}) {
  const server = await startFakeOptimize({ records: 50, ...options })
  try {
    const access = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
    return await runCommand(['load', '--report', server.reportId, ...argv], { env: { ...access, ...env } })
  } finally {
    await server.close()
  }
}

t.test('load loads a report, and prints the result and the changes', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const argv = ['--table', 'orders', '--into', `duckdb:${target.path}`]
  const first = await run([...argv, '--events', 'steps', '--fields', 'businessKey'])
  t.match(first, {
    code: 0,
    stdout: '',
    stderr: /duckdb:.*main\.orders: 50 rows, 50 inserted, 50 in the table, 150 events, in /,
  })
  const data = [createInstance('a', { variables: { new: '1' } }), ...createInstances(40, 1)]
  const second = await run([...argv, '--mode', 'merge', '--json'], { data })
  t.equal(second.code, 0)
  t.match(second.stderr, /orders: changed: the report has a new column variable:new; it is variable_new, int64/)
  t.match(second.stderr, /41 rows, 41 inserted, 91 in the table, \d+ changes, in /)
  t.match(JSON.parse(second.stdout), {
    mode: 'merge',
    inserted: 41,
    total: 91,
    complete: true,
    table: 'main.orders',
    dryRun: false,
  })
  const dry = await run([
    ...argv,
    '--mode',
    'merge',
    '--delete-missing',
    'hard',
    '--max-lost-share',
    '1',
    '--dry-run',
    '--max-records',
    '5',
  ])
  t.match(dry, { code: 2, stderr: /--delete-missing: expected no maxRecords/ })
  const rolledBack = await run([
    ...argv,
    '--max-records',
    '5',
    '--max-lost-share',
    '1',
    '--dry-run',
    '--wait',
    '60000',
    '--timezone',
    'UTC',
  ])
  t.match(
    rolledBack.stderr,
    /5 rows, 5 inserted, 91 deleted, 5 in the table, .*stopped by --max-records.*rolled back because of --dry-run/,
  )
  const updated = await run([...argv, '--mode', 'merge', '--quiet'], { data: createInstances(40, 2) })
  t.strictSame([updated.code, updated.stderr], [0, ''])
  t.match(await run([...argv, '--mode', 'merge'], { data: createInstances(1, 3) }), {
    stderr: /1 row, 0 inserted, 1 updated/,
  })
})

t.test('the files of a load can be kept', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const folder = t.testdir()
  const { stdout } = await run([
    '--table',
    'orders',
    '--into',
    `duckdb:${target.path}`,
    '--keep-files',
    folder,
    '--json',
    '--events',
    'steps',
  ])
  const { id, keptFiles: kept } = JSON.parse(stdout) as { id: string; keptFiles: string }
  t.equal(kept, join(folder, id))
  t.strictSame(readdirSync(kept).sort(), ['events', 'events.json', 'records', 'records.json'])
  const failed = await run([
    '--table',
    'orders',
    '--into',
    `duckdb:${target.path}`,
    '--keep-files',
    join(kept, 'events'),
  ])
  t.match(failed, { code: 1, stderr: /ERR_FILE/ })
})

t.test('failures have their exit codes and a JSON document', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const argv = ['--table', 'orders', '--into', `duckdb:${target.path}`, '--json']
  await run(argv)
  const suspicious = await run(argv, { records: 3 })
  t.equal(suspicious.code, 3)
  t.match(JSON.parse(suspicious.stdout), { complete: false, error: { code: 'ERR_SUSPICIOUS_LOAD' } })
  t.equal((await run([...argv, '--schema-changes', 'freeze'], { records: 50, variableNames: ['other'] })).code, 5)
  t.equal((await run([...argv, '--into', 'postgresql://x@127.0.0.1:9/db'])).code, 5)
})

t.test('wrong use is exit code 2, and shows no password', async (t) => {
  const table = ['--table', 'orders']
  for (const [argv, message] of [
    [[], /missing --table/],
    [[...table, '--into', 'mysql://x'], /--into: expected duckdb:FILE or postgresql/],
    [[...table, '--into', 'postgresql://etl:hunter2@db/w'], /other users of the machine can see a password/],
    [[...table, '--into', 'postgresql:///w?host=db&password=hunter2'], /other users of the machine can see a password/],
    [[...table, '--memory-limit', '1GB', '--into', 'postgresql://etl@db/w'], /--memory-limit: is not for PostgreSQL/],
    [[...table, '--lock-timeout', '1s'], /--lock-timeout: is not for DuckDB/],
    [[...table, '--into', 'postgresql://etl@db/w', '--lock-timeout', 'long'], /--lock-timeout: expected a duration/],
    [[...table, '--fields', 'businessKey'], /--fields: needs --events TABLE/],
    [[...table, '--mode', 'upsert'], /--mode: expected 'replace', 'merge' or 'append'/],
    [[...table, '--since', 'last'], /--since: expected mode 'merge', got 'replace'/],
    [[...table, '--report', 'a', 'b'], /expected one report, got 3: give --report ID once/],
  ] as const) {
    const { code, stderr } = await run([...argv])
    t.equal(code, 2, argv.join(' '))
    t.match(stderr, message)
    t.notMatch(stderr, 'hunter2')
  }
  const inEnvironment = await run(table, {}, { OPTIMIZE_INTO: 'postgresql://etl:hunter2@127.0.0.1:9/w' })
  t.match(inEnvironment, {
    code: 5,
    stderr: /postgresql:\/\/etl@127\.0\.0\.1:9\/w: .*\[ECONNREFUSED\]; is the server running/,
  })
  t.notMatch(inEnvironment.stderr, 'hunter2')
})

t.test('retries, restarts and warnings are printed', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const faults = [
    { kind: '503' as const, page: 1 },
    { kind: 'drop' as const, page: 2 },
  ]
  const argv = [
    '--table',
    'orders',
    '--into',
    `duckdb:${target.path}`,
    '--limit',
    '20',
    '--retry-min-delay',
    '1',
    '--retry-max-delay',
    '2',
  ]
  const { code, stderr } = await run(
    [...argv, '--pick', 'processInstanceId', 'zzz', '--allow-unmatched', '--progress-interval', '0.01'],
    { faults },
  )
  t.equal(code, 0)
  t.match(stderr, /orders: retrying page 1/)
  t.match(stderr, /orders: page 2 may be lost .* restarting the search and skipping the 20 records already received/)
  t.match(stderr, /zzz/)
})

t.test('the progress has two phases', async (t) => {
  let text = () => ''
  let share = () => 0
  const notes: string[] = []
  const progress = {
    follow: (task: { text: () => string; share: () => number }) => {
      ;({ text, share } = task)
      return () => undefined
    },
    note: (line: string) => notes.push(line),
    alert: () => undefined,
    stop: () => undefined,
  }
  const display = new LoadProgress('orders', progress, Infinity)
  t.match(text(), /^load: connecting, /)
  t.equal(share(), 0)
  display.handle({ type: 'extract', stats: { records: 50, total: 100, bytes: 1000, restarts: 0 } as never })
  t.match(text(), /^extract: 50% 50 of 100 records/)
  t.equal(share(), 0.4)
  display.handle({ type: 'page', page: { number: 1, records: 50, total: 100, bytes: 1 } })
  display.handle({ type: 'load', rows: 100, bytes: 1000 })
  display.handle({ type: 'step', step: 'write' })
  t.match(text(), /^load: writing, 100 rows, \d/)
  t.equal(share(), 0.8)
  display.handle({ type: 'wait', reason: 'a lock' })
  t.match(text(), /waiting: a lock/)
  t.strictSame(notes, ['orders: waiting: a lock'])
})

t.test('a signal rolls the load back', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const server = await startFakeOptimize({ records: 50, faults: [{ kind: 'delay', ms: 60_000, page: 2 }] })
  t.teardown(() => server.close())
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  const argv = [
    'load',
    '--report',
    server.reportId,
    '--limit',
    '20',
    '--table',
    'orders',
    '--into',
    `duckdb:${target.path}`,
    '--progress-interval',
    '0.05',
    '--json',
  ]
  const running = startCommand(argv, { env })
  await running.stderr.waitForText('20 of 50 records')
  running.signal('SIGTERM')
  t.equal(await running.code, 143)
  t.match(JSON.parse(running.stdout.text), { complete: false, error: { code: 'ERR_INTERRUPTED' } })
  t.notOk(existsSync(target.path))
})

t.test('demo --load loads generated records and queries them', async (t) => {
  const out = t.testdir()
  const text = await runCommand(['demo', '--load', '--records', '20', '--out', out])
  t.equal(text.code, 0)
  t.match(text.stdout, /^SELECT flow_node_name.*\nflow_node_name +times +instances\n/s)
  t.match(text.stderr, /main\.orders: 20 rows/)
  const json = await runCommand(['demo', '--load', '--records', '20', '--out', out, '--json'])
  t.match(JSON.parse(json.stdout), { complete: true, load: { rows: 20, deleted: 20 }, rows: [{ times: '20' }] })
  const empty = await runCommand(['demo', '--load', '--records', '0', '--out', join(out, 'empty')])
  t.equal(empty.code, 0)
})

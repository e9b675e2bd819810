// `optimize-export run`: jobs to files and tables, the schedule, the state, and the output.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { CapturedStream, runCommand } from '../support/command/command-line.js'
import { createDuckdbTarget } from '../support/loads/load-targets.js'
import { createJobsFolder, type JobsDocument } from '../support/command/jobs.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'
import { startWatched } from '../support/servers/watched-server.js'

t.setTimeout(300_000)

const HEAD = 'version: 1\ndefaults: { retry-min-delay: 1, retry-max-delay: 5 }\n'
const serverOptions = { collections: { c: ['r1', 'r2', 'r3', 'a/b'], none: [] } }
const rowsOf = (path: string) => parse<object>(readFileSync(path), { columns: true }).length

t.test(
  'the events of a collection are in the folder of the records, also if it is given without a slash',
  async (t) => {
    const server = await startWatched(t, { records: 2, collections: { c: ['r1'] } })
    const jobs = createJobsFolder(t, server)
    jobs.write(`${HEAD}jobs: [{ name: all, collection: c, out: DIR/lake, events: true }]`)
    t.match(await jobs.run(), { code: 0 })
    t.strictSame(readdirSync(jobs.folder).sort(), ['.optimize-export', 'jobs.yaml', 'lake'])
    t.strictSame(readdirSync(jobs.path('lake')).sort(), ['_receipts', 'r1.csv', 'r1.events.csv'])
  },
)

t.test('jobs write files and tables, and the state, the summary and --json say what happened', async (t) => {
  const server = await startWatched(t, { records: 60, ...serverOptions })
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs:
  - { name: files, report: r1, out: DIR/a.csv, events: true }
  - { name: table, report: r2, table: orders, into: 'duckdb:${target.path}', events: true }
  - { name: all, collection: c, out: DIR/all/, format: parquet }
  - { name: tables, collection: c, table: 't_{report}', into: 'duckdb:${target.path}' }
`)
  const { code, stderr, document } = await jobs.runJson()
  t.equal(code, 0, stderr)
  t.equal(rowsOf(jobs.path('a.csv')), 60)
  t.ok(rowsOf(jobs.path('a.events.csv')) > 60)
  t.strictSame(readdirSync(jobs.path('all')).sort(), [
    '_receipts',
    'a%2Fb.parquet',
    'r1.parquet',
    'r2.parquet',
    'r3.parquet',
  ])
  const tables = ['orders', 't_r1', 't_r2', 't_r3', 't_a_b']
  for (const table of tables) t.strictSame(await target.query(`SELECT count(*) AS n FROM ${table}`), [{ n: 60 }], table)
  const names = [
    'files',
    'table',
    ...['all', 'tables'].flatMap((job) => serverOptions.collections.c.map((id) => `${job}/${id}`)),
  ]
  t.strictSame(
    document.jobs.map(({ name, result, rows }) => [name, result, rows]),
    names.map((name) => [name, 'complete', 60]),
  )
  t.match(document, { complete: true, exitCode: 0, error: undefined })
  t.match(stderr, /^files: complete, 60 rows, [\d.]+ kB in [\d.]+ s$/m)
  t.match(stderr, /^table: main\.orders: 60 rows, 60 inserted/m)
  t.match(stderr, /^10 jobs: 10 complete, in [\d.]+ s\n$/m)
  const state = jobs.state()
  t.strictSame(Object.keys(state.jobs).sort(), [...names].sort())
  t.equal(state.runId, document.run)
  t.equal(state.jobs['files']?.lastSuccess?.rows, 60)
})

t.test('a job whose folder cannot be created fails with ERR_FILE', async (t) => {
  const jobs = createJobsFolder(t, await startWatched(t, { records: 20, reportId: 'r' }))
  writeFileSync(jobs.path('file'), '')
  jobs.write(`${HEAD}jobs: [{ name: a, report: r, out: DIR/file/a.csv }, { name: b, report: r, out: DIR/file/b/ }]`)
  const { document } = await jobs.runJson()
  const message =
    /folder .*file.*: cannot be created: (a folder in its path is a file \(ENOTDIR\)|.*file is a file, and a folder is expected \(EEXIST\))/
  t.match(
    document.jobs,
    ['a', 'b'].map((name) => ({ name, result: 'failed', code: 'ERR_FILE', message })),
  )
})

t.test(
  'a failure does not stop the others, the exit code is the worst, and --resume runs only what failed',
  async (t) => {
    const server = await startWatched(t, { records: 30, ...serverOptions })
    const jobs = createJobsFolder(t, server)
    jobs.write(`${HEAD}jobs:
  - { name: first, report: r1, out: DIR/1.csv }
  - { name: gone, report: unknown, out: DIR/2.csv }
  - { name: last, report: r2, out: DIR/3.csv }
`)
    const first = await jobs.runJson()
    t.equal(first.code, 1)
    t.match(first.stderr, /^gone: failed: .* \(ERR_REPORT_NOT_FOUND\)$/m)
    t.match(first.document.jobs, [
      { result: 'complete' },
      { result: 'failed', code: 'ERR_REPORT_NOT_FOUND' },
      { result: 'complete' },
    ])
    t.notOk(jobs.has('2.csv'))
    const before = server.requests.length
    const second = await jobs.runJson('--resume')
    t.equal(second.code, 1)
    t.strictSame(second.document.jobs.map(({ result }) => result).sort(), ['done', 'done', 'failed'])
    t.ok(server.requests.slice(before).every(({ path }) => path.includes('unknown')))
    t.equal(second.document.run, first.document.run, 'it is the same run')
    rmSync(jobs.path('1.csv'))
    writeFileSync(jobs.path('3.csv.json'), '{}')
    const third = await jobs.runJson('--resume')
    t.match(third.document.jobs.map(({ name, result }) => `${name} ${result}`).sort(), [
      'first complete',
      'gone failed',
      'last complete',
    ])
    jobs.write(`${HEAD}jobs:
  - { name: first, report: r1, out: DIR/1.csv, delimiter: ';' }
  - { name: last, report: r2, out: DIR/3.csv }
`)
    const fourth = await jobs.runJson('--resume')
    t.strictSame(
      fourth.document.jobs.map(({ name, result }) => `${name} ${result}`).sort(),
      ['first complete', 'last done'],
      'a job that was changed is not done',
    )
    const only = await jobs.runJson('--only', 'last')
    t.strictSame(
      only.document.jobs.map(({ name, result }) => [name, result]),
      [['last', 'complete']],
    )
    t.equal(only.document.run, first.document.run)
    t.not((await jobs.runJson()).document.run, first.document.run)
  },
)

t.test('a value of a mapping may contain the sign between the name and the value', async (t) => {
  const server = await startWatched(t, { records: 3, ...serverOptions })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs:
  - { name: a, report: r1, out: DIR/a.parquet, metadata: { 'who=x': ' me=you ' } }
  - { name: b, report: r1, out: DIR/b.parquet, metadata: ['who=me=you'] }
`)
  t.equal((await jobs.run()).code, 0)
  const readMetadata = async (file: string) =>
    (
      await readBytesWithDuckdb(
        readFileSync(file),
        `SELECT decode(key), decode(value) FROM parquet_kv_metadata('${file}') WHERE decode(key) LIKE 'who%'`,
      )
    ).rows
  t.strictSame(await readMetadata(jobs.path('a.parquet')), [['who=x', 'me=you']])
  t.strictSame(await readMetadata(jobs.path('b.parquet')), [['who', 'me=you']])
})

t.test('fresh-for skips a job whose last success is young and whose target is there', async (t) => {
  const server = await startWatched(t, { records: 30, ...serverOptions })
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const jobs = createJobsFolder(t, server)
  const text = `${HEAD}jobs:
  - { name: file, report: r1, out: DIR/1.csv, events: DIR/e.csv, fresh-for: 20h }
  - { name: table, report: r2, table: orders, into: 'duckdb:${target.path}', fresh-for: 20h }
  - { name: dry, report: r2, table: other, into: 'duckdb:${target.path}', fresh-for: 20h, dry-run: true }
`
  jobs.write(text)
  const results = async (...argv: string[]) => {
    const { document } = await jobs.runJson(...argv)
    return Object.fromEntries(document.jobs.map(({ name, result }) => [name, result]))
  }
  const complete = { file: 'complete', table: 'complete', dry: 'complete' }
  t.match(await results(), complete)
  t.match(await results(), { file: 'fresh', table: 'fresh', dry: 'complete' })
  for (const zero of ['0', ' 0\r\n']) t.match(await results('--fresh-for', zero), complete, 'a run by hand')
  t.match(await results('--fresh-for', '1h\r', '--only', 'file', 'table'), { file: 'fresh', table: 'fresh' })
  for (const text of ['5', 'x', '', '-1h'])
    t.match(await jobs.run('--fresh-for', text), {
      code: 2,
      stderr: `--fresh-for: expected a duration such as 30m, 6h or 7d, or 0, got "${text}"`,
    })
  rmSync(jobs.path('e.csv'))
  await target.query('DROP TABLE orders')
  t.match(await results(), complete)
  writeFileSync(jobs.path('1.csv.json'), 'no JSON')
  t.match(await results(), { file: 'complete', table: 'fresh' })
  writeFileSync(jobs.path('1.csv.json'), 'null')
  t.match(await results(), { file: 'complete', table: 'fresh' })
  rmSync(target.path)
  t.match(await results(), { file: 'fresh', table: 'complete' })
  const path = jobs.path('.optimize-export/state.json')
  const state = JSON.parse(readFileSync(path, 'utf8')) as {
    jobs: Record<string, { lastSuccess: { finishedAt: string } }>
  }
  state.jobs['file']!.lastSuccess.finishedAt = new Date(Date.now() - 21 * 3_600_000).toISOString()
  state.jobs['table']!.lastSuccess.finishedAt = new Date(Date.now() + 3_600_000).toISOString()
  writeFileSync(path, JSON.stringify(state))
  t.match(await results(), complete, 'old, or in the future')
})

t.test('--resume after a run in which jobs were fresh runs only what did not succeed', async (t) => {
  const server = await startWatched(t, { records: 30, ...serverOptions })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs:
  - { name: fresh, report: r1, out: DIR/1.csv, fresh-for: 6h }
  - { name: gone, report: unknown, out: DIR/2.csv }
`)
  const results = async (...argv: string[]) =>
    (await jobs.runJson(...argv)).document.jobs.map(({ name, result }) => `${name} ${result}`)
  const path = jobs.path('.optimize-export/state.json')
  const setAge = (hours: number) => {
    const state = JSON.parse(readFileSync(path, 'utf8')) as { jobs: Record<string, { lastSuccess: object }> }
    const finishedAt = new Date(Date.now() - hours * 3_600_000).toISOString()
    state.jobs['fresh']!.lastSuccess = { ...state.jobs['fresh']!.lastSuccess, finishedAt }
    writeFileSync(path, JSON.stringify(state))
  }
  t.strictSame(await results(), ['fresh complete', 'gone failed'])
  t.strictSame(await results(), ['fresh fresh', 'gone failed'])
  setAge(7)
  t.strictSame(await results('--resume'), ['fresh done', 'gone failed'], 'fresh in the run that is continued')
  t.strictSame(await results('--resume'), ['fresh done', 'gone failed'])
  t.strictSame(await results(), ['fresh complete', 'gone failed'], 'a new run')
  t.strictSame(await results('--resume'), ['fresh done', 'gone failed'])
  setAge(7)
  jobs.write(`${HEAD}jobs: [{ name: fresh, report: r2, out: DIR/1.csv }]`)
  t.strictSame(await results('--resume'), ['fresh complete'], 'the job was changed')
})

t.test('a state that cannot be read is a usage error, and one that cannot be written is a failure', async (t) => {
  const server = await startWatched(t, { records: 30, ...serverOptions })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs: [{ name: a, report: r1, out: DIR/1.csv }]`)
  for (const text of ['{', '[]', 'null', '{"version":2,"jobs":{}}', '{"version":1,"jobs":null}', '{"version":1}']) {
    writeFileSync(jobs.path('s.json'), text)
    const { code, stderr } = await jobs.run('--state', jobs.path('s.json'))
    t.equal(code, 2)
    t.match(stderr, /expected the state of an earlier run; remove the file to begin without it/)
  }
  t.match((await jobs.run('--state', jobs.folder)).stderr, /state .*: could not be read: it is a folder \(EISDIR\)/)
  t.equal(server.requests.length, 0)
  const held = await startWatched(t, { records: 30, ...serverOptions, isHeld: ({ kind }) => kind === 'export' })
  const running = jobs.start(['--json', '--state', jobs.path('x/s.json')], {
    env: { OPTIMIZE_URL: held.url, OPTIMIZE_TOKEN: held.token },
  })
  await held.received(1)
  rmSync(jobs.path('x'), { recursive: true })
  writeFileSync(jobs.path('x'), 'a file')
  held.release()
  t.equal(await running.code, 1)
  t.match(running.stderr.text, /^state: cannot be written: /m)
  t.match(JSON.parse(running.stdout.text), { error: { code: 'ERR_FAILED', message: /^state: cannot be written: / } })
  t.equal(rowsOf(jobs.path('1.csv')), 30)
})

t.test('after the server has refused a token no further job with that token starts', async (t) => {
  const server = await startWatched(t, { records: 30, ...serverOptions })
  const other = await startWatched(t, { records: 20, ...serverOptions })
  const jobs = createJobsFolder(t)
  jobs.write(`${HEAD}url: ${server.url}
token: wrong
jobs:
  - { name: a, report: r1, out: DIR/1.csv }
  - { name: b, report: r2, out: DIR/2.csv }
  - { name: c, collection: c, out: DIR/c/ }
  - { name: d, report: r3, out: DIR/4.csv, url: '${other.url}', token: ${other.token} }
`)
  const { code, document } = await jobs.runJson('--jobs', '1')
  t.equal(code, 4)
  const results = Object.fromEntries(
    document.jobs.map(({ name, result, code = '' }) => [name, `${result} ${code}`.trim()]),
  )
  t.strictSame(results, {
    a: 'not started ERR_NOT_TRIED',
    b: 'not started ERR_NOT_TRIED',
    c: 'failed ERR_AUTH',
    d: 'complete',
  })
  jobs.write(`${HEAD}url: ${server.url}\ntoken: wrong\njobs:
  - { name: a, report: r1, out: DIR/1.csv }
  - { name: b, report: r2, out: DIR/2.csv }
`)
  const second = await jobs.runJson('--jobs', '1')
  t.match(second.document.jobs.map(({ code }) => code).sort(), ['ERR_AUTH', 'ERR_NOT_TRIED'])
  jobs.write(`${HEAD}url: ${server.url}\ntoken: wrong\njobs:
  - { name: a, collection: c, out: DIR/c/ }
  - { name: b, collection: none, out: DIR/n/ }
  - { name: c, collection: c, out: DIR/d/, url: '${other.url}', token: ${other.token} }
`)
  const lists = await jobs.runJson()
  t.equal(lists.code, 4)
  t.match(
    lists.document.jobs.slice(0, 3).map(({ name, result, code }) => [name, result, code]),
    [
      ['a', 'failed', 'ERR_AUTH'],
      ['b', 'not started', 'ERR_NOT_TRIED'],
      ['c/r1', 'complete', undefined],
    ],
  )
  t.notOk(server.requests.some(({ path }) => path.includes('none')))
})

t.test('a token of client credentials is requested once for all jobs of a server', async (t) => {
  const oauth = { clientId: 'id', clientSecret: 'secret' }
  const server = await startWatched(t, { records: 30, ...serverOptions, oauth })
  const jobs = createJobsFolder(t)
  jobs.write(`${HEAD}url: ${server.url}
client-id: id
client-secret: \${SECRET}
token-url: ${server.url}/oauth/token
audience: optimize
jobs:
  - { name: a, report: r1, out: DIR/1.csv }
  - { name: b, report: r2, out: DIR/2.csv }
  - { name: c, report: r3, out: DIR/3.csv }
`)
  const { code, stderr } = await runCommand(['run', jobs.file], { env: { SECRET: 'secret' } })
  t.equal(code, 0, stderr)
  t.equal(server.requests.filter(({ path }) => path === '/oauth/token').length, 1)
})

t.test('at most --jobs jobs run at a time, at most concurrency on one server, and the longest first', async (t) => {
  const server = await startWatched(t, { records: 30, ...serverOptions, isHeld: ({ kind }) => kind === 'export' })
  const other = await startWatched(t, { records: 30, ...serverOptions, isHeld: ({ kind }) => kind === 'export' })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs:
  - { name: a, report: r1, out: DIR/1.csv, concurrency: 1 }
  - { name: b, report: r2, out: DIR/2.csv }
  - { name: c, report: r3, out: DIR/3.csv }
  - { name: d, report: r1, out: DIR/4.csv, url: '${other.url}' }
`)
  const seconds = { a: 1, b: 3, c: 2, d: 0.5 }
  const success = (length: number) => ({
    finishedAt: '2020-01-01T00:00:00Z',
    seconds: length,
    rows: 1,
    bytes: 1,
    settingsHash: '',
  })
  const totals = { runs: 1, failures: 0, retries: 0, restarts: 0 }
  const histories = Object.fromEntries(
    Object.entries(seconds).map(([name, length]): [string, object] => [
      name,
      { runId: 'x', result: 'complete', lastSuccess: success(length), totals },
    ]),
  )
  writeFileSync(jobs.path('s.json'), JSON.stringify({ version: 1, jobs: histories }))
  const running = jobs.start(['--state', jobs.path('s.json'), '--jobs', '2'])
  await Promise.all([server.received(1), other.received(1)])
  t.equal(server.requests.length, 1, 'concurrency: 1 is the limit of the server')
  server.release()
  other.release()
  t.equal(await running.code, 0, running.stderr.text)
  t.strictSame(
    server.requests.map(({ path }) => /report\/(\w+)/.exec(path)![1]),
    ['r2', 'r3', 'r1'],
  )
})

t.test('SIGTERM: running jobs are aborted, no others start, and the summary is still written', async (t) => {
  const server = await startWatched(t, { records: 90, ...serverOptions, isHeld: ({ number }) => number >= 3 })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}on-failure: cat > DIR/hook.json
jobs:
  - { name: a, report: r1, out: DIR/1.csv, limit: 30 }
  - { name: b, report: r2, out: DIR/2.csv, limit: 30 }
`)
  const running = jobs.start(['--jobs', '1', '--json', '--metrics', jobs.path('m.prom')])
  await server.received(3)
  running.signal('SIGTERM')
  t.equal(await running.code, 143)
  const document = JSON.parse(running.stdout.text) as { error: object; jobs: object[]; exitCode: number }
  t.match(document, {
    exitCode: 143,
    complete: false,
    error: { code: 'ERR_INTERRUPTED', signal: 'SIGTERM' },
    jobs: [
      { name: 'a', result: 'stopped' },
      { name: 'b', result: 'not started' },
    ],
  })
  t.match(running.stderr.text, /^2 jobs \(interrupted\): 1 stopped, 1 not started/m)
  t.strictSame(readdirSync(jobs.folder).sort(), ['.optimize-export', 'hook.json', 'jobs.yaml', 'm.prom'])
  t.match(JSON.parse(jobs.read('hook.json')), { exitCode: 143 })
  server.release()
  const { code, document: resumed } = await jobs.runJson('--resume')
  t.equal(code, 0)
  t.match(
    resumed.jobs.map(({ result }) => result),
    ['complete', 'complete'],
  )
})

t.test(
  'a signal that stops no job, because the last one has ended, does not change the result of the run',
  async (t) => {
    const server = await startWatched(t, { records: 30, ...serverOptions })
    for (const [report, token, ends, code, results] of [
      ['none', server.token, 'b: failed', 1, ['failed', 'failed']],
      ['r1', 'wrong', 'b: not started', 4, ['failed', 'not started']],
    ] as const) {
      const jobs = createJobsFolder(t, { url: server.url, token })
      jobs.write(
        `${HEAD}jobs: [{ name: a, report: ${report}, out: DIR/1.csv }, { name: b, report: ${report}, out: DIR/2.csv }]`,
      )
      const running = jobs.start(['--jobs', '1', '--json'])
      let signals = 0
      running.stderr.on('captured', () => {
        if (signals > 0 || !running.stderr.text.includes(ends)) return
        signals++
        running.signal('SIGTERM')
      })
      t.equal(await running.code, code)
      const { exitCode, error, jobs: ended } = JSON.parse(running.stdout.text) as JobsDocument
      t.strictSame([exitCode, error, ended.map(({ result }) => result)], [code, undefined, results])
      t.equal(signals, 1)
    }
  },
)

t.test(
  'after a first page that is too large for the server, smaller pages are tried, and their size is remembered',
  async (t) => {
    const server = await startWatched(t, {
      records: 300,
      ...serverOptions,
      faults: [
        { kind: 'drop', request: 1 },
        { kind: 'drop', request: 2 },
        { kind: '504', request: 3 },
        { kind: '504', request: 4 },
      ],
    })
    const jobs = createJobsFolder(t, server)
    jobs.write(`${HEAD}jobs: [{ name: a, report: r1, out: DIR/1.csv }]`)
    const { code, stderr, document } = await jobs.runJson()
    t.equal(code, 0, stderr)
    t.equal(rowsOf(jobs.path('1.csv')), 300)
    t.match(stderr, /^a: the server could not answer a first page of 1000 records; trying pages of 250$/m)
    t.match(stderr, /a first page of 250 records; trying pages of 62$/m)
    t.match(stderr, /^a: complete, 300 rows, .*, 4 retries, pages of 62$/m)
    t.match(document.jobs, [{ pageSize: 62 }])
    t.strictSame(jobs.state().jobs['a']!.pageSize, { limit: 1000, records: 62 })
    const before = server.requests.length
    await jobs.runJson()
    t.equal(server.requests[before]!.query['limit'], '62', 'the next run begins with it')
    jobs.write(`${HEAD}jobs: [{ name: a, report: r1, out: DIR/1.csv, limit: 500 }]`)
    const later = server.requests.length
    await jobs.runJson()
    t.equal(server.requests[later]!.query['limit'], '500', 'another limit is tried')
  },
)

t.test(
  'the smallest page is not made smaller, one timeout is enough, and the failure of the last attempt counts',
  async (t) => {
    const server = await startWatched(t, { records: 60, ...serverOptions, faults: [{ kind: '500', times: Infinity }] })
    const jobs = createJobsFolder(t, server)
    jobs.write(`${HEAD}jobs: [{ name: a, report: r1, out: DIR/1.csv, limit: 60, retry-attempts: 2 }]`)
    const { code, stderr } = await jobs.run()
    t.equal(code, 1)
    t.match(stderr, /trying pages of 25$/m)
    t.equal(server.requests.length, 4)
    const slow = await startWatched(t, { records: 60, ...serverOptions, faults: [{ kind: 'drip', request: 1 }] })
    jobs.write(
      `${HEAD}url: ${slow.url}\njobs: [{ name: a, report: r1, out: DIR/1.csv, request-timeout: 1000, retry-attempts: 1 }]`,
    )
    const timedOut = await jobs.run()
    t.equal(timedOut.code, 0, timedOut.stderr)
    t.match(timedOut.stderr, /a first page of 1000 records; trying pages of 250$/m)
    const closed = await startWatched(undefined, { records: 60, ...serverOptions })
    await closed.close()
    jobs.write(`${HEAD}url: ${closed.url}\njobs: [{ name: a, report: r1, out: DIR/1.csv }]`)
    const refused = await jobs.run()
    t.equal(refused.code, 1)
    t.notMatch(refused.stderr, /trying pages/, 'a refused connection is not a sign of a large page')
  },
)

t.test('an overloaded server gets a pause, and the jobs go on', async (t) => {
  const server = await startWatched(t, {
    records: 90,
    ...serverOptions,
    faults: [
      { kind: '429', request: 1, retryAfter: 0 },
      { kind: '503', request: 3 },
      { kind: '503', page: 2 },
    ],
  })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs:
  - { name: a, report: r1, out: DIR/1.csv, limit: 30 }
  - { name: b, report: r2, out: DIR/2.csv, limit: 30 }
  - { name: c, report: r3, out: DIR/3.csv, limit: 30, retry: { minDelay: 10 } }
`)
  const { code, stderr, document } = await jobs.runJson('--jobs', '3')
  t.equal(code, 0, stderr)
  for (const name of ['1', '2', '3']) t.equal(rowsOf(jobs.path(`${name}.csv`)), 90)
  t.ok(document.jobs.reduce((sum, { retries, restarts }) => sum + retries + restarts, 0) >= 3)
})

t.test('changes since the last run are printed, and fail-on keeps the file of the last run', async (t) => {
  const before = await startWatched(t, { records: 60, ...serverOptions, variableNames: ['amount', 'state'] })
  const after = await startWatched(t, { records: 50, ...serverOptions, variableNames: ['amount', 'region'] })
  const jobs = createJobsFolder(t, before)
  const write = (url: string, more: string) =>
    jobs.write(`${HEAD}jobs: [{ name: a, report: r1, out: DIR/1.csv, url: '${url}'${more} }]`)
  write(before.url, ', fail-on: [lost-columns, fewer-rows]')
  t.equal((await jobs.run()).code, 0)
  write(after.url, ', fail-on: lost-columns')
  const lost = await jobs.runJson()
  t.equal(lost.code, 5)
  t.match(lost.document.jobs, [
    {
      result: 'failed',
      code: 'ERR_SCHEMA_CHANGE',
      message: /the report no longer has the column variable:state, and fail-on has lost-columns$/,
    },
  ])
  t.equal(rowsOf(jobs.path('1.csv')), 60, 'the file of the last run stays')
  t.ok(existsSync(`${jobs.path('1.csv')}.json`))
  write(after.url, ', fail-on: [fewer-rows]')
  const fewer = await jobs.runJson()
  t.equal(fewer.code, 3)
  t.match(fewer.document.jobs, [
    {
      code: 'ERR_SUSPICIOUS_LOAD',
      message: /\/1\.csv: 50 rows, after 60 in the last complete run, and fail-on has fewer-rows$/,
    },
  ])
  write(after.url, '')
  const changed = await jobs.runJson()
  t.equal(changed.code, 0)
  t.strictSame(changed.document.jobs[0]!.changes, [
    'the report has a new column variable:region, string',
    'the report no longer has the column variable:state',
    `${jobs.path('1.csv')}: 50 rows, after 60 in the last complete run`,
  ])
  t.match(changed.stderr, /^a: changed: the report has a new column variable:region, string$/m)
  t.strictSame((await jobs.runJson()).document.jobs[0]!.changes, [])
})

t.test('fewer events are reported for their file, in events, and those of XES in process instances', async (t) => {
  const before = await startWatched(t, { records: 60, ...serverOptions })
  const after = await startWatched(t, { records: 50, ...serverOptions })
  const jobs = createJobsFolder(t, before)
  const write = (url: string) =>
    jobs.write(`${HEAD}url: ${url}
jobs:
  - { name: a, report: r1, out: DIR/1.csv, events: true }
  - { name: b, report: r1, events: DIR/b.xes }
`)
  write(before.url)
  const rows = rowsOf((await jobs.run(), jobs.path('1.events.csv')))
  write(after.url)
  const { document } = await jobs.runJson()
  const rowsNow = rowsOf(jobs.path('1.events.csv'))
  t.ok(rowsNow < rows)
  t.strictSame(
    document.jobs.map(({ changes }) => changes),
    [
      [
        `${jobs.path('1.csv')}: 50 rows, after 60 in the last complete run`,
        `${jobs.path('1.events.csv')}: ${rowsNow} events, after ${rows} in the last complete run`,
      ],
      [`${jobs.path('b.xes')}: 50 process instances, after 60 in the last complete run`],
    ],
  )
})

t.test('a dataset that is appended to is compared with the rows of its last run, not of all runs', async (t) => {
  const server = await startWatched(t, { records: 20, ...serverOptions })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs: [{ name: a, report: r1, out: DIR/a/, append: true, fail-on: [fewer-rows] }]`)
  for (let runs = 0; runs < 3; runs++) {
    const { code, stderr, document } = await jobs.runJson()
    t.equal(code, 0, stderr)
    t.strictSame(document.jobs[0]!.changes, [])
    t.equal(document.jobs[0]!.rows, 20)
  }
  const fewer = await startWatched(t, { records: 19, ...serverOptions })
  jobs.write(
    `${HEAD}url: ${fewer.url}\njobs: [{ name: a, report: r1, out: DIR/a/, append: true, fail-on: [fewer-rows] }]`,
  )
  t.match((await jobs.runJson()).document.jobs, [
    { code: 'ERR_SUSPICIOUS_LOAD', message: /\/a\/: 19 rows, after 20 in/ },
  ])
})

t.test(
  'a change of a table is in the summary, and a report of a collection that cannot be exported is not a failure',
  async (t) => {
    const target = createDuckdbTarget()
    t.teardown(() => target.close())
    const before = await startWatched(t, { records: 60, ...serverOptions, variableNames: ['amount'] })
    const after = await startWatched(t, { records: 60, ...serverOptions, variableNames: ['region'] })
    const combined = await startWatched(t, { report: 'combined', ...serverOptions })
    const jobs = createJobsFolder(t, before)
    const write = (url: string) =>
      jobs.write(`${HEAD}jobs: [{ name: a, report: r1, url: '${url}', table: t, into: 'duckdb:${target.path}' }]`)
    write(before.url)
    t.equal((await jobs.run()).code, 0)
    write(after.url)
    t.match((await jobs.runJson()).document.jobs[0]!.changes, [/variable:region/, /variable:amount/])
    jobs.write(
      `${HEAD}url: ${combined.url}\njobs: [{ name: a, collection: c, out: DIR/c/ }, { name: b, collection: none, out: DIR/n/ }]`,
    )
    const { code, document } = await jobs.runJson('--only', 'a', '--metrics', jobs.path('m.prom'))
    t.equal(code, 0)
    t.notMatch(
      jobs.read('m.prom'),
      /last_success_timestamp_seconds\{job="a/,
      'no alert on a report that has no success',
    )
    t.match(
      document.jobs.map(({ result }) => result),
      ['a', 'b', 'c', 'd'].map(() => 'not exportable'),
    )
    const none = await jobs.run('--only', 'b')
    t.equal(none.code, 1)
    t.match(none.stderr, /collection none: it has no reports, or does not exist/)
  },
)

t.test('a signal stops a run that is listing the reports of a collection', async (t) => {
  const server = await startWatched(t, { records: 30, ...serverOptions, isHeld: () => true })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs: [{ name: a, collection: c, out: DIR/c/ }, { name: b, report: r1, out: DIR/b.csv }]`)
  const running = jobs.start(['--json'])
  await server.received(1)
  running.signal('SIGINT')
  t.equal(await running.code, 130)
  t.match(JSON.parse(running.stdout.text), {
    jobs: [
      { name: 'a', result: 'stopped' },
      { name: 'b', result: 'not started' },
    ],
  })
  server.release()
})

t.test('a device has no receipt, so its job is never fresh; the JSON log has changes and smaller pages', async (t) => {
  const before = await startWatched(t, { records: 30, ...serverOptions, variableNames: ['state'] })
  const faults = [
    { kind: 'drop', request: 1 },
    { kind: 'drop', request: 2 },
  ] as const
  const after = await startWatched(t, { records: 30, ...serverOptions, variableNames: ['region'], faults })
  const jobs = createJobsFolder(t)
  const write = ({ url, token }: typeof before) =>
    jobs.write(`${HEAD}url: ${url}\ntoken: ${token}\njobs:
  - { name: device, report: r1, out: /dev/null, format: csv, fresh-for: 1d }
  - { name: file, report: r1, out: DIR/1.csv }
`)
  write(before)
  t.equal((await jobs.run('--only', 'file')).code, 0)
  write(after)
  const { code, stderr } = await jobs.run('--log-format', 'json', '--jobs', '1')
  t.equal(code, 0, stderr)
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  t.match(
    lines.filter(({ event }) => event === 'change'),
    [{ job: 'file' }, { job: 'file' }],
  )
  t.match(
    lines.filter(({ event }) => event === 'warning'),
    [{ job: 'device', message: /trying pages of 250/ }],
  )
  t.match((await jobs.runJson('--only', 'device')).document.jobs, [{ result: 'complete' }])
})

t.test('the second of two jobs with the same target fails, also if it comes from a collection', async (t) => {
  const server = await startWatched(t, { records: 30, ...serverOptions })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs: [{ name: a, report: r1, out: DIR/c/ }, { name: b, collection: c, out: DIR/c/ }]`)
  const { code, stderr, document } = await jobs.runJson()
  t.equal(code, 2)
  t.match(stderr, /^b\/r1: failed: the job a has the same target: \S+\/c\/r1\.csv \(ERR_USAGE\)$/m)
  t.match(
    document.jobs.find(({ name }) => name === 'b/r1'),
    { result: 'failed', code: 'ERR_USAGE', message: /^the job a has the same target: / },
  )
  t.equal(document.jobs.filter(({ result }) => result === 'complete').length, 4)
})

t.test('--log-format json is one object per line, and --metrics is a file for Prometheus', async (t) => {
  const server = await startWatched(t, {
    records: 60,
    ...serverOptions,
    faults: [
      { kind: '503', request: 1 },
      { kind: 'drop', page: 2 },
    ],
  })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}on-success: cat > DIR/hook.json
jobs:
  - { name: a, report: r1, out: DIR/1.csv, limit: 30 }
  - { name: b, report: unknown, out: DIR/2.csv }
  - { name: c, report: r1, table: t, into: duckdb:DIR/x.duckdb, limit: 30 }
`)
  const stderr = new CapturedStream(true)
  const running = jobs.start(['--log-format', 'json', '--jobs', '1', '--metrics', jobs.path('m.prom')], { stderr })
  t.equal(await running.code, 1)
  const lines = stderr.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  t.ok(
    lines.every(
      ({ time, level, event }) => typeof time === 'string' && typeof level === 'string' && typeof event === 'string',
    ),
  )
  const find = (event: string) => lines.find((line) => line['event'] === event)
  t.match(find('start'), { level: 'info', job: 'a', reportId: 'r1' })
  t.match(find('retry'), { level: 'warning', job: 'a', page: 1, code: 'ERR_HTTP', status: 503 })
  t.match(find('page'), { level: 'info', job: 'a', reportId: 'r1', page: 1, records: 30 })
  t.match(find('restart'), { level: 'warning', page: 2, records: 30, code: 'ERR_NETWORK' })
  t.match(find('step'), { job: 'c' })
  t.match(
    lines.filter(({ event }) => event === 'finish'),
    [
      { job: 'a', result: 'complete', rows: 60 },
      { job: 'b', level: 'error', result: 'failed', code: 'ERR_REPORT_NOT_FOUND' },
      { job: 'c', result: 'complete' },
    ],
  )
  t.match(lines.at(-1), { event: 'summary', level: 'error', exitCode: 1, message: /^3 jobs: 2 complete, 1 failed/ })
  t.notOk(jobs.has('hook.json'))
  const metrics = jobs.read('m.prom')
  t.match(
    metrics,
    /^# HELP optimize_export_job_rows Rows of the last success: of its file \(without those of an event log beside it\), or those that a load read\.\n# TYPE optimize_export_job_rows gauge\noptimize_export_job_rows\{job="a"\} 60\noptimize_export_job_rows\{job="c"\} 60$/m,
  )
  t.match(metrics, /^optimize_export_job_last_run_success\{job="b"\} 0$/m)
  t.match(metrics, /^optimize_export_job_failures_total\{job="b"\} 1$/m)
  t.match(metrics, /^optimize_export_job_restarts_total\{job="a"\} 1$/m)
  t.match(metrics, /^optimize_export_run_exit_code 1\n$/m)
  t.match(metrics, /^optimize_export_job_last_success_timestamp_seconds\{job="b"\} 0$/m, 'an alert on its age sees it')
  const quiet = await jobs.run('--log-format', 'json', '--quiet')
  t.strictSame(
    quiet.stderr
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { level: string }).level),
    ['error', 'error'],
  )
})

t.test('a hook that fails is printed and makes the run fail', async (t) => {
  const server = await startWatched(t, { records: 60, ...serverOptions })
  const jobs = createJobsFolder(t, server)
  const job = 'jobs: [{ name: a, report: r1, out: DIR/1.csv }]'
  jobs.write(`${HEAD}on-success: cat > DIR/hook.json\n${job}`)
  t.equal((await jobs.run('--quiet')).code, 0)
  t.match(JSON.parse(jobs.read('hook.json')), { complete: true, exitCode: 0, jobs: [{ name: 'a', rows: 60 }] })
  jobs.write(`${HEAD}on-success: exit 7\n${job}`)
  const failed = await jobs.runJson()
  t.equal(failed.code, 1)
  const error = { code: 'ERR_FAILED', message: 'on-success: the command failed: exit code 7' }
  t.match(failed.document, { complete: false, exitCode: 1, error, jobs: [{ result: 'complete' }] })
  jobs.write(`${HEAD}on-failure: 'kill -9 $$'\non-success: exit 7\n${job}`)
  const killed = await jobs.run()
  t.equal(killed.code, 1)
  t.match(killed.stderr, /^on-success: the command failed: exit code 7$/m)
})

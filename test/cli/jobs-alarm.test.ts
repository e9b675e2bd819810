// Failures of a nightly run that must reach a person: hooks of a run that fails before its first job; metrics of jobs that were left out
// or never succeeded, and of tables with fewer rows.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createInstances } from '../support/loads/instances.js'
import { createJobsFolder, type JobsDocument, type JobsFolder } from '../support/command/jobs.js'
import { createPostgresTarget, preparePostgres } from '../support/loads/load-targets.js'
import { startWatched } from '../support/servers/watched-server.js'

t.setTimeout(120_000)

const { postgres, skip } = await preparePostgres()

const HEAD = 'version: 1\ndefaults: { retry-min-delay: 1, retry-max-delay: 5 }\n'
const serverOptions = { collections: { c: ['r1', 'r2'] } }

/** Returns the series of one metric: the value by job. */
function readSeries(text: string, metric: string): Record<string, number> {
  const lines = [...text.matchAll(new RegExp(`^optimize_export_job_${metric}\\{job="(.*)"\\} (.*)$`, 'gm'))]
  return Object.fromEntries(lines.map(([, job, value]) => [job!, Number(value)]))
}

t.test('--only writes the metrics of all jobs of the file, also of one that never succeeded', async (t) => {
  const server = await startWatched(t, { records: 20, ...serverOptions })
  const jobs = createJobsFolder(t, server)
  const write = (collectionId: string) =>
    jobs.write(`${HEAD}jobs:
  - { name: a, report: r1, out: DIR/a.csv }
  - { name: b, report: unknown, out: DIR/b.csv }
  - { name: all, collection: ${collectionId}, out: DIR/all/, format: csv }
`)
  write('c')
  const metrics = jobs.path('m.prom')
  const readAll = (name: string) => readSeries(jobs.read('m.prom'), name)
  const succeeded = () => Object.entries(readAll('last_success_timestamp_seconds')).map(([job, at]) => [job, at > 0])
  t.equal((await jobs.run('--only', 'a', '--metrics', metrics)).code, 0)
  t.strictSame(succeeded(), [
    ['a', true],
    ['b', false],
    ['all', false],
  ])
  t.strictSame(readAll('runs_total'), { a: 1, b: 0, all: 0 })
  t.strictSame(readAll('last_run_success'), { a: 1 }, 'the others did not run')
  const all = [
    ['a', true],
    ['b', false],
    ['all/r1', true],
    ['all/r2', true],
  ]
  t.equal((await jobs.run('--metrics', metrics)).code, 1)
  t.strictSame(succeeded(), all)
  t.equal((await jobs.run('--only', 'b', '--metrics', metrics)).code, 1)
  t.strictSame(succeeded(), all)
  t.strictSame(readAll('failures_total'), { a: 0, b: 2, 'all/r1': 0, 'all/r2': 0 })
  write('gone')
  t.equal((await jobs.run('--metrics', metrics)).code, 1)
  t.strictSame(succeeded(), all, 'a collection that cannot be listed keeps its series')
})

t.test('a metrics file that cannot be written is an error before the first job', async (t) => {
  const server = await startWatched(t, { records: 20 })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}on-failure: cat > DIR/hook.json\njobs: [{ name: a, report: r, out: DIR/a.csv }]`)
  mkdirSync(jobs.path('folder'))
  writeFileSync(jobs.path('file'), '')
  for (const [path, problem] of [
    ['missing/m.prom', /^optimize-export: --metrics: the folder .*missing does not exist/m],
    [
      'file/m.prom',
      /^optimize-export: --metrics: the folder .*file cannot be written: a folder in its path is a file \(ENOTDIR\)/m,
    ],
    ['folder', /^optimize-export: --metrics: expected a file, got the folder/m],
  ] as const) {
    const { code, stderr } = await jobs.run('--metrics', jobs.path(path))
    t.equal(code, 2)
    t.match(stderr, problem)
  }
  t.strictSame(server.requests, [])
  t.notOk(jobs.has('a.csv'))
  t.match(JSON.parse(jobs.read('hook.json')), { exitCode: 2, error: { code: 'ERR_USAGE' }, jobs: [] })
})

t.test('a run whose metrics cannot be written at the end fails, and the hook gets the reason', async (t) => {
  let folder = ''
  const removeFolder = () => {
    rmSync(folder, { recursive: true, force: true })
    return false
  }
  const server = await startWatched(t, { records: 20, reportId: 'r', isHeld: removeFolder })
  const jobs = createJobsFolder(t, server)
  folder = jobs.path('metrics')
  mkdirSync(folder)
  jobs.write(`${HEAD}on-failure: cat > DIR/hook.json\njobs: [{ name: a, report: r, out: DIR/a.csv }]`)
  const { code, document } = await jobs.runJson('--metrics', join(folder, 'm.prom'))
  const summary = { complete: false, exitCode: 1, error: { code: 'ERR_FAILED', message: /^--metrics: / } }
  t.equal(code, 1)
  t.match(document, { ...summary, jobs: [{ result: 'complete' }] })
  t.match(JSON.parse(jobs.read('hook.json')), summary)
})

t.test('a failed hook on-success is in the exit code, in --json and in the metrics', async (t) => {
  const server = await startWatched(t, { records: 20, reportId: 'r' })
  const jobs = createJobsFolder(t, server)
  const metrics = jobs.path('m.prom')
  const readExitCode = () => /^optimize_export_run_exit_code (.*)$/m.exec(jobs.read('m.prom'))![1]
  // the hook sees the metrics of a complete run
  jobs.write(`${HEAD}on-success: cp DIR/m.prom DIR/seen; exit 3\njobs: [{ name: a, report: r, out: DIR/a.csv }]`)
  const { code, document } = await jobs.runJson('--metrics', metrics)
  const message = 'on-success: the command failed: exit code 3'
  t.equal(code, 1)
  t.match(document, { complete: false, exitCode: 1, error: { code: 'ERR_FAILED', message } })
  t.equal(readExitCode(), '1')
  t.match(jobs.read('seen'), /^optimize_export_run_exit_code 0$/m)
  jobs.write(`${HEAD}on-success: exit 0\njobs: [{ name: a, report: r, out: DIR/a.csv }]`)
  t.equal((await jobs.run('--metrics', metrics)).code, 0)
  t.equal(readExitCode(), '0')
})

t.test('on-failure is called if the run fails before its first job', async (t) => {
  const jobs = createJobsFolder(t, { url: 'http://localhost:1', token: 'x' })
  const hook = 'on-failure: cat > DIR/hook.json; echo $OPTIMIZE_EXPORT_EXIT_CODE > DIR/code\n'
  const job = 'jobs: [{ name: a, report: r, out: DIR/a.csv }]'
  const runAndRead = async (text: string, ...argv: string[]): Promise<[number, string, JobsDocument | undefined]> => {
    for (const name of ['hook.json', 'code']) rmSync(jobs.path(name), { force: true })
    jobs.write(text)
    const { code, stderr } = await jobs.run(...argv)
    return [code, stderr, readHook(jobs)]
  }
  const usage: [string, string[], RegExp][] = [
    [`${HEAD}${hook}jobs: [{ name: a, reportt: r, out: DIR/a.csv }]`, [], /unknown key/],
    [`${HEAD}${hook}jobs: [{ name: a, report: '\${UNSET_REPORT}', out: DIR/a.csv }]`, [], /UNSET_REPORT is not set/],
    [`${HEAD}${hook}${job}`, ['--only', 'b'], /there is no job/],
    [`${HEAD}${hook}${job}`, ['--jobs', '0'], /--jobs: expected/],
    [`${HEAD}${hook}${job}`, ['--log-format', 'xml'], /--log-format: expected/],
    [`${HEAD}${hook}${job}`, ['--state', jobs.folder], /state .*: could not be read/],
  ]
  for (const [text, argv, message] of usage) {
    const [code, stderr, summary] = await runAndRead(text, ...argv)
    t.equal(code, 2)
    t.match(stderr, message)
    t.match(summary, { complete: false, exitCode: 2, error: { code: 'ERR_USAGE', message }, jobs: [] })
    t.equal(jobs.read('code'), '2\n')
  }
  const wrong = `${HEAD}${hook}jobs: [{ name: a, reportt: r, out: DIR/a.csv }]`
  t.match(await runAndRead(wrong, '--check'), [2, /unknown key/, undefined], '--check calls no hook')
  t.match(await runAndRead(`${hook}jobs: [`), [2, /jobs\.yaml/, undefined], 'this is not YAML')
  const failing = `${HEAD}on-failure: exit 9\njobs: [{ name: a, reportt: r, out: DIR/a.csv }]`
  t.match(await runAndRead(failing), [2, /on-failure: the command failed: exit code 9\n.*unknown key/s, undefined])
})

const readHook = (jobs: JobsFolder) =>
  jobs.has('hook.json') ? (JSON.parse(readFileSync(jobs.path('hook.json'), 'utf8')) as JobsDocument) : undefined

t.test('postgres: a table whose report has fewer records is in the summary and in the metrics', { skip }, async (t) => {
  const target = await createPostgresTarget(postgres)
  const { host, user, database } = target.config
  const into = `postgresql:///${database}?host=${encodeURIComponent(host)}&user=${user}`
  const night = async (records: number, rest = '') => {
    const server = await startWatched(t, { data: createInstances(records, 1), reportId: 'r' })
    const jobs = createJobsFolder(t, server)
    jobs.write(
      `${HEAD}on-failure: cat > DIR/hook.json\njobs: [{ name: orders, report: r, table: orders, mode: merge, into: '${into}'${rest} }]`,
    )
    const { code, document, stderr } = await jobs.runJson('--metrics', jobs.path('m.prom'))
    return { code, stderr, job: document.jobs[0]!, changes: readSeries(jobs.read('m.prom'), 'last_run_changes'), jobs }
  }
  t.match(await night(200), { code: 0, job: { changes: [] }, changes: { orders: 0 } })
  const message = 'the report has 100 records, and had 200 in the last complete load'
  const fewer = await night(100)
  t.match(fewer, { code: 0, stderr: `orders: changed: ${message}`, changes: { orders: 1 } })
  t.strictSame(fewer.job.changes, [message])
  const failed = await night(0, ', max-lost-share: 0.2')
  t.match(failed, {
    code: 3,
    job: { result: 'failed', code: 'ERR_SUSPICIOUS_LOAD', message: /max-lost-share: 1 turns this check off/ },
  })
  t.match(readHook(failed.jobs), { exitCode: 3, jobs: [{ name: 'orders', code: 'ERR_SUSPICIOUS_LOAD' }] })
  t.strictSame(await target.query('SELECT count(*) AS n FROM orders'), [{ n: 200 }])
})

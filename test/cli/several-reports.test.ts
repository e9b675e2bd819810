// `optimize-export export` of several reports, or of a collection.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { runCommand, startCommand } from '../support/command/command-line.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { readWithDuckdb } from '../support/readers/read-parquet.js'
import { startWatched, type WatchedOptions } from '../support/servers/watched-server.js'

async function setUp(t: Test, options: WatchedOptions = {}) {
  const server = await startWatched(t, { records: 60, collections: { c: ['r1', 'r2', 'a/b'], none: [] }, ...options })
  return { server, env: { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }, folder: join(t.testdir(), 'out') }
}

const rowsIn = (path: string) =>
  (JSON.parse(readFileSync(join(dirname(path), '_receipts', `${basename(path)}.json`), 'utf8')) as { rows: number })
    .rows

t.test('each report of a collection has its own file and receipt', async (t) => {
  const { env, folder } = await setUp(t)
  const argv = ['export', '--collection', 'c', '--out', folder, '--format', 'parquet', '--json']
  const { code, stdout, stderr } = await runCommand(argv, { env })
  t.equal(code, 0, stderr)
  const names = ['a%2Fb', 'r1', 'r2'].map((id) => `${id}.parquet`)
  t.strictSame(readdirSync(folder).sort(), ['_receipts', ...names])
  t.strictSame(
    readdirSync(join(folder, '_receipts')).sort(),
    names.map((name) => `${name}.json`),
  )
  t.equal(rowsIn(join(folder, 'r1.parquet')), 60)
  const { complete, reports } = JSON.parse(stdout) as {
    complete: boolean
    reports: { reportId: string; rows: number }[]
  }
  t.equal(complete, true)
  t.strictSame(
    reports.map(({ reportId, rows }) => [reportId, rows]),
    [
      ['r1', 60],
      ['r2', 60],
      ['a/b', 60],
    ],
  )
  t.match(stderr, /3 reports: 3 complete, 0 failed, 0 skipped\n$/)
})

t.test('--gzip compresses the records, and the events unless their format has its own compression', async (t) => {
  const { env, folder } = await setUp(t)
  const run = (...argv: string[]) => runCommand(['export', '--gzip', '--quiet', ...argv], { env })
  const events = join(folder, 'events/')
  const several = ['--collection', 'c', '--out', folder, '--format', 'csv', '--events', events]
  t.match(await run(...several, '--events-format', 'parquet'), { code: 0, stderr: '' })
  t.ok(readdirSync(folder).includes('r1.csv.gz'))
  t.ok(readdirSync(events).includes('r1.events.parquet'))
  const one = ['--report', 'r1', '--out', join(folder, 'a.csv.gz')]
  t.match(await run(...one, '--events', join(folder, 'log'), '--events-format', 'xlsx'), { code: 0, stderr: '' })
  t.match(readFileSync(join(folder, 'log'), 'latin1'), /^PK/)
  t.match(await run(...one, '--events', join(folder, 'e.parquet.gz')), { code: 2, stderr: /compressed internally/ })
})

t.test('a folder with the name of a file is refused', async (t) => {
  const { server, env } = await setUp(t)
  const place = t.testdir({ 'old.csv': {} })
  const refuse = async (argv: string[], message: string) => {
    const { code, stderr } = await runCommand(['export', ...argv], { env })
    t.equal(code, 2)
    t.match(stderr, message)
  }
  const file = join(place, 'x.xlsx')
  const collection = ['--collection', 'c']
  const remedy = `use --out ${join(place, 'x')}/ and --format xlsx`
  const expected = `${file}: expected a folder for several reports, got the name of a file; ${remedy}`
  await refuse([...collection, '--out', file], expected)
  await refuse(['--report', 'r1', 'r2', '--out', file], expected)
  await refuse(
    [...collection, '--out', `${place}/`, '--events', join(place, 'e.csv.gz')],
    `use --events ${join(place, 'e')}/ and --events-format csv`,
  )
  await refuse(['--report', 'r1', '--out', join(place, 'old.csv')], 'the name of a folder must not end like a file')
  t.strictSame(readdirSync(place), ['old.csv'])
  t.equal(server.requests.length, 0)
  const slash = await runCommand(['export', ...collection, '--out', `${file}/`, '--quiet'], { env })
  t.equal(slash.code, 0, 'a slash says that it is a folder')
})

t.test('DuckDB reads all files of the folder, because the receipts are in a folder of their own', async (t) => {
  const { env, folder } = await setUp(t)
  for (const format of ['parquet', 'csv'] as const) {
    const place = join(folder, format)
    const argv = ['export', '--collection', 'c', '--out', `${place}/`, '--format', format, '--quiet']
    t.equal((await runCommand(argv, { env })).code, 0)
    for (const pattern of ['*', `*.${format}`, `**/*.${format}`]) {
      const { rows } = await readWithDuckdb(
        join(folder, 'parquet', 'r1.parquet'),
        `SELECT count(*)::INT, count(DISTINCT filename)::INT FROM read_${format}('${place}/${pattern}', union_by_name = true, filename = true)`,
      )
      t.strictSame(rows, [[180, 3]], pattern)
    }
  }
})

t.test('each report of several --report has its own file and event log', async (t) => {
  const { env, folder } = await setUp(t)
  const argv = ['export', '--report', 'r1', 'r2', '--report', 'r1', '--out', folder, '--events', folder]
  t.equal((await runCommand(argv, { env })).code, 0)
  const names = ['r1', 'r2'].flatMap((id) => ['csv', 'events.csv'].map((end) => `${id}.${end}`))
  t.strictSame(readdirSync(folder).sort(), ['_receipts', ...names])
})

t.test('the address of a report in the browser gives the same file name as its id', async (t) => {
  const { env, folder } = await setUp(t)
  const address = (id: string) => `${env.OPTIMIZE_URL}/#/collection/c/report/${id}/`
  const argv = ['export', '--report', address('r1'), 'r1', ' r2\r', '--out', folder, '--json']
  const { code, stdout, stderr } = await runCommand(argv, { env })
  t.equal(code, 0, stderr)
  t.strictSame(readdirSync(folder).sort(), ['_receipts', 'r1.csv', 'r2.csv'])
  const { reports } = JSON.parse(stdout) as { reports: { reportId: string }[] }
  t.strictSame(
    reports.map(({ reportId }) => reportId),
    ['r1', 'r2'],
  )
  t.match(stderr, /^r1\.csv: 60 rows/m)
  const { stdout: found } = await runCommand(['inspect', '--report', address('r1'), '--json'], { env })
  t.equal((JSON.parse(found) as { reportId: string }).reportId, 'r1')
  const refused = await runCommand(['export', '--report', 'r1', `${env.OPTIMIZE_URL}/#/`, '--out', folder], { env })
  t.equal(refused.code, 2)
  t.match(refused.stderr, /^optimize-export: --report: expected the id of a report, or its address in the browser/)
})

t.test('one report is exported at a time, or as many as --concurrency says', async (t) => {
  for (const [width, most] of [
    ['1', 1],
    ['3', 3],
  ] as const) {
    const { server, env, folder } = await setUp(t, { isHeld: ({ kind }) => kind === 'export', records: 90 })
    const argv = ['export', '--collection', 'c', '--out', folder, '--limit', '30', '--concurrency', width]
    const running = startCommand(argv, { env })
    // the list of the reports, and a search of each report that may run
    await server.received(1 + most)
    await drainEventLoopTurns()
    t.equal(server.requests.length, 1 + most)
    server.release()
    t.equal(await running.code, 0)
    const searches = server.requests.filter(({ query }) => 'limit' in query).map(({ path }) => path)
    const firstOf = [...new Set(searches)].map((path) => searches.indexOf(path))
    t.equal(firstOf.filter((at) => at < most).length, most, searches.join(' '))
  }
})

t.test('a report that fails does not stop the others, and the exit code is that of the failure', async (t) => {
  const { server, env, folder } = await setUp(t)
  const argv = ['export', '--report', 'r1', 'unknown', server.reportId, '--out', folder, '--json']
  const { code, stdout, stderr } = await runCommand(argv, { env })
  t.equal(code, 1)
  t.match(stderr, /unknown\.csv: .*ERR_REPORT_NOT_FOUND/)
  t.match(stderr, /3 reports: 2 complete, 1 failed, 0 skipped/)
  t.match(JSON.parse(stdout), {
    complete: false,
    reports: [{ rows: 60 }, { error: { code: 'ERR_REPORT_NOT_FOUND' } }, {}],
  })
  t.notOk(existsSync(join(folder, 'unknown.csv')))
})

t.test('a combined report is skipped in a collection, and is an error by its id', async (t) => {
  const { env, folder } = await setUp(t, { report: 'combined' })
  const all = await runCommand(['export', '--collection', 'c', '--out', folder], { env })
  t.equal(all.code, 0)
  t.match(all.stderr, /r1\.csv: skipped: .*ERR_REPORT_NOT_EXPORTABLE/)
  t.match(all.stderr, /3 reports: 0 complete, 0 failed, 3 skipped/)
  t.equal((await runCommand(['export', '--report', 'r1', 'r2', '--out', folder], { env })).code, 1)
})

t.test('a collection without reports is a failure', async (t) => {
  const { env, folder } = await setUp(t)
  const { code, stderr } = await runCommand(['export', '--collection', 'none', '--out', folder], { env })
  t.equal(code, 1)
  t.match(stderr, /collection none: it has no reports, or does not exist/)
})

t.test('a signal ends the exports of all reports, also those that have not started', async (t) => {
  const { server, env, folder } = await setUp(t, { isHeld: ({ number }) => number >= 5, records: 90 })
  const running = startCommand(
    ['export', '--collection', 'c', '--out', folder, '--limit', '10', '--concurrency', '2'],
    {
      env,
    },
  )
  await server.received(5)
  running.signal('SIGINT')
  t.equal(await running.code, 130)
  t.notOk(existsSync(folder), 'the folder that the export created is gone')
})

// `optimize-export init`, and the JSON schema of jobs files against the files that `run` accepts.
import Ajv from 'ajv'
import t from 'tap'
import { parse } from 'yaml'
import { flagKeys } from '../../lib/cli/jobs/file/job-keys.js'
import { createJobsTemplate, getSchemaPath } from '../../lib/cli/jobs/file/jobs-template.js'
import { runCommand } from '../support/command/command-line.js'
import { createJobsFolder } from '../support/command/jobs.js'
import { createPostgresTarget, preparePostgres } from '../support/loads/load-targets.js'
import { startWatched } from '../support/servers/watched-server.js'

const { postgres, skip } = await preparePostgres()

const collections = { c: ['r1', 'r2'], none: [] }

t.test('init writes a file that run accepts, and that names the reports', async (t) => {
  const server = await startWatched(t, { records: 20, collections })
  const jobs = createJobsFolder(t, server)
  const { code, stdout, stderr } = await runCommand(['init', '--collection', 'c'], { env: jobs.env })
  t.equal(code, 0, stderr)
  jobs.write(stdout.replaceAll('data/', 'DIR/data/'))
  const { document } = await jobs.runJson()
  t.match(document.jobs, [
    { name: 'report-r1', result: 'complete', rows: 20 },
    { name: 'report-r2', result: 'complete', rows: 20 },
  ])
  t.match(stdout, /^ {2}# Report r1\n {2}- name: report-r1\n {4}report: r1$/m)
  const isValid = await createValidator()
  t.ok(isValid(parse(stdout)))
  t.match(stdout, /^url: "\$\{OPTIMIZE_URL\}"$/m, 'the address comes from the environment')
  const given = await runCommand(['init', '--collection', 'c', '--url', server.url], { env: jobs.env })
  t.equal((parse(given.stdout) as { url: string }).url, server.url)
})

t.test('init --format writes jobs for workbooks', async (t) => {
  const server = await startWatched(t, { records: 20, collections })
  const jobs = createJobsFolder(t, server)
  const init = (format: string) => runCommand(['init', '--collection', 'c', '--format', format], { env: jobs.env })
  const { code, stdout, stderr } = await init('xlsx')
  t.equal(code, 0, stderr)
  t.match(stdout, /^ {2}format: xlsx$/m)
  t.match(stdout, /^ {4}out: data\/report-r1\.xlsx$/m)
  jobs.write(stdout.replaceAll('data/', 'DIR/data/'))
  t.match((await jobs.runJson()).document.jobs, [{ result: 'complete', rows: 20 }, { result: 'complete' }])
  const both = ['init', '--collection', 'c', '--format', 'csv', '--into', 'duckdb:x']
  t.match(await runCommand(both, { env: jobs.env }), { code: 2, stderr: /--format: is for files, not for --into/ })
  t.match(await init('xls'), { code: 2, stderr: /--format: expected csv, parquet/ })
})

t.test('titles become distinct names, and a combined report is a comment', async (t) => {
  const text = createJobsTemplate(
    'https://x',
    [
      { id: '1', name: 'Aufträge & Größe', isCombined: false },
      { id: '2', name: 'aufträge-größe', isCombined: undefined },
      { id: '3', name: '\u0007', isCombined: undefined },
      { id: '4', name: 'All', isCombined: true },
      { id: '5', name: undefined, isCombined: undefined },
      { id: 'true', name: 'true', isCombined: undefined },
    ],
    { schema: './s.json' },
  )
  t.strictSame((parse(text) as { jobs: object[] }).jobs, [
    { name: 'auftrage-große', report: '1', out: 'data/auftrage-große.parquet' },
    { name: 'auftrage-große-2', report: '2', out: 'data/auftrage-große-2.parquet' },
    { name: 'report', report: '3', out: 'data/report.parquet' },
    { name: '5', report: '5', out: 'data/5.parquet' },
    { name: 'true', report: 'true', out: 'data/true.parquet' },
  ])
  t.match(text, /^ {2}# - name: all$/m)
})

t.test('the names of tables are distinct, short enough, and need no quotes in SQL', async (t) => {
  const create = (id: string, name: string) => ({ id, name, isCombined: undefined })
  const reports = [create('1', '注文'), create('2', '注文 (2)'), create('3', '5'), create('4', 'report 5')]
  const long = [create('5', '注文'.repeat(20)), create('6', '注文'.repeat(30))]
  const text = createJobsTemplate('https://x', [...reports, ...long], { schema: '', into: 'duckdb:a', mode: 'append' })
  const { defaults, jobs } = parse(text) as { defaults: object; jobs: { table: string }[] }
  const longest = '注文'.repeat(8) + '注'
  t.ok(Buffer.byteLength(`${longest}_99_events`) <= 63, 'the event table has room in PostgreSQL')
  t.strictSame(defaults, { into: 'duckdb:a', mode: 'append' })
  t.strictSame(
    jobs.map(({ table }) => table),
    ['注文', '注文_2', 'report_5', 'report_5_2', longest, `${longest}_2`],
  )
  t.match(createJobsTemplate('https://x', reports, { schema: '' }), /^ {4}# table: "注文"$/m)
})

t.test('init --into writes a file with tables that run accepts', { skip }, async (t) => {
  const server = await startWatched(t, { records: 20, collections })
  const jobs = createJobsFolder(t, server)
  const target = await createPostgresTarget(postgres)
  const { host, user, database } = target.config
  const into = `postgresql:///${database}?host=${encodeURIComponent(host)}&user=${user}`
  const init = (...argv: string[]) =>
    runCommand(['init', '--collection', 'c', ...argv], { env: { ...jobs.env, OPTIMIZE_INTO: 'duckdb:x' } })
  const { code, stdout, stderr } = await init('--into', into, '--mode', 'merge')
  t.equal(code, 0, stderr)
  jobs.write(stdout)
  for (const inserted of [20, 0]) {
    const { document, stderr: log } = await jobs.runJson()
    t.match(document.jobs, [{ name: 'report-r1', result: 'complete' }, { result: 'complete' }])
    t.match(log, `report-r1: public.report_r1: 20 rows, ${inserted} inserted`)
  }
  t.strictSame(await target.query('SELECT count(*) AS n FROM report_r2'), [{ n: 20 }])
  t.notMatch((await init()).stdout, /^ {2}into:/m, 'the environment alone does not ask for tables')
  t.match(await init('--mode', 'merge'), { code: 2, stderr: /--mode: needs --into/ })
  t.match(await init('--into', into, '--mode', 'x'), { code: 2, stderr: /--mode: expected replace, merge or append/ })
  t.match(await init('--into', 'mysql://db'), { code: 2, stderr: /--into: expected duckdb:FILE/ })
  t.match(await init('--into', 'postgresql://a:secret@db/x'), { code: 2, stderr: /can see a password/ })
  t.match((await init('--into', into)).stdout, /^ {2}# mode: merge$/m)
})

t.test('reports have no names if the server gives no definitions; other failures are errors', async (t) => {
  const oldServer = await startWatched(t, { collections: { c: ['unknown'] } })
  const env = { OPTIMIZE_URL: oldServer.url, OPTIMIZE_TOKEN: oldServer.token }
  const { listNamedReports } = await import('../../lib/index.js')
  const fetch = (answers: Record<string, unknown>) => async (url: string | URL) => {
    const { pathname } = new URL(url)
    const [status, body] = pathname.endsWith('/report')
      ? [200, [{ id: 'a' }, { id: 'b' }]]
      : (answers['definition'] as [number, unknown])
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
  }
  const list = (status: number, body: unknown) =>
    listNamedReports({
      baseUrl: 'https://x',
      accessToken: 't',
      collectionId: 'c',
      fetch: fetch({ definition: [status, body] }),
    })
  const unnamed = [
    { id: 'a', name: undefined, isCombined: undefined },
    { id: 'b', name: undefined, isCombined: undefined },
  ]
  t.strictSame(await list(404, {}), unnamed)
  t.strictSame(await list(200, {}), unnamed)
  t.strictSame(await list(200, [{ id: 'b', name: 'B', combined: true }, 5, { id: 'a', name: '' }]), [
    unnamed[0],
    { id: 'b', name: 'B', isCombined: true },
  ])
  await t.rejects(list(403, {}), { code: 'ERR_AUTH' })
  const abort = new AbortController()
  abort.abort(new Error('stop'))
  await t.rejects(
    listNamedReports({ baseUrl: env.OPTIMIZE_URL, accessToken: 't', collectionId: 'c', signal: abort.signal }),
    { message: 'stop' },
  )
  t.strictSame(
    await listNamedReports({ baseUrl: env.OPTIMIZE_URL, accessToken: oldServer.token, collectionId: 'none' }),
    [],
  )
  const none = await runCommand(['init', '--collection', 'none'], { env })
  t.equal(none.code, 1)
  t.match(none.stderr, /collection none: it has no reports, or does not exist/)
  t.match(await runCommand(['init'], { env }), { code: 2, stderr: /give --collection ID, or --schema/ })
})

type Validate = (value: unknown) => boolean

async function createValidator(): Promise<Validate> {
  const { code, stdout } = await runCommand(['init', '--schema'])
  if (code !== 0) throw new Error(stdout)
  const validate = new Ajv({ allErrors: true }).compile(JSON.parse(stdout) as object)
  return (value) => validate(value) === true
}

t.test('the schema has every flag of export and load, and agrees with the parser', async (t) => {
  const isValid = await createValidator()
  const { stdout } = await runCommand(['init', '--schema'])
  const { properties } = JSON.parse(stdout) as {
    properties: { jobs: { items: { properties: Record<string, { description: string }> } } }
  }
  const jobProperties = properties.jobs.items.properties
  for (const key of flagKeys.keys()) t.ok(jobProperties[key]!.description, key)
  t.match(jobProperties['codec'], { anyOf: [{ enum: ['snappy', 'gzip', 'zstd', 'uncompressed'] }, {}, {}] })

  const HEAD = 'version: 1\nurl: https://x\ntoken: t\n'
  const job = (more: string) => `${HEAD}jobs: [{ name: a, report: r, out: a.csv, ${more} }]`
  const load = (more: string) => `${HEAD}jobs: [{ name: a, report: r, table: t, ${more} }]`
  const accepted = [
    job('limit: 5'),
    job("limit: '${LIMIT}'"),
    job("limit: '5'"),
    job('columns: all'),
    job('columns: [a, b]'),
    job('events: true'),
    job("gzip: 'true'"),
    job('header: false, bom: true, timezone: false'),
    job('retry: { attempts: 3 }'),
    job('retry: [attempts=3]'),
    job('headers: { a: b }, stringify: { quoted: true }'),
    job('quote: ~, delimiter: ;, null-value: 0'),
    job('fail-on: [lost-columns], fresh-for: 20h, concurrency: 1'),
    job('fail-on: lost-columns'),
    job('fail-on: null, fresh-for: ~, concurrency: null'),
    job("stringify: '{}'"),
    load('mode: merge, events: false, types: { startDate: string }, infer-types: false, fields: ~'),
    `${HEAD}defaults: { table: t, into: 'duckdb:x' }\njobs: [{ name: a, report: r }]`,
    load('mode: merge, since: last, sorted-by: startDate, lookback: 7d, max-lost-share: 0.2'),
    load('wait: 60000'),
    load('wait: 1.5 h'),
    `${HEAD}jobs: [{ name: a, report: r, out: a/, format: parquet, file-bytes: 64MiB }]`,
    `${HEAD}on-success: 'true'\non-failure: echo\ndefaults: { limit: 5, mode: merge }\njobs: [{ name: a, collection: c, out: a/ }]`,
  ]
  const refused = [
    job('limt: 5'),
    job('limit: [5]'),
    job('limit: many'),
    job('columns: { a: b }'),
    job('gzip: 1'),
    job('delimiter: [a]'),
    job('retry: { attempts: [1] }'),
    job('version: 1'),
    job('fail-on: [lost]'),
    job('fresh-for: [20h]'),
    `${HEAD}jobs: []`,
    HEAD,
    'version: 2\njobs: [{ name: a, report: r, out: a.csv }]',
    `${HEAD}limit: 5\njobs: [{ name: a, report: r, out: a.csv }]`,
    `${HEAD}jobs: [{ report: r, out: a.csv }]`,
    '5',
  ]
  const jobs = createJobsFolder(t)
  for (const [texts, expected] of [
    [accepted, true],
    [refused, false],
  ] as const) {
    for (const text of texts) {
      jobs.write(text)
      const { code, stderr } = await runCommand(['run', jobs.file, '--check'], { env: { LIMIT: '7' } })
      t.equal(code === 0, expected, `run: ${text} ${stderr}`)
      t.equal(isValid(parse(text)), expected, `schema: ${text}`)
    }
  }
})

t.test('after a global installation, the jobs file names a schema beside itself', async (t) => {
  t.equal(getSchemaPath(false), './node_modules/optimize-export/dist/jobs.schema.json')
  t.equal(getSchemaPath(true), './jobs.schema.json')
})

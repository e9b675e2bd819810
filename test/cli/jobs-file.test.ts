// The jobs file of `optimize-export run`: its keys, its values, and all of its problems with their places.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Context } from '../../lib/cli/context.js'
import { openJobsFile } from '../../lib/cli/jobs/file/plan-jobs.js'
import { readSettings } from '../../lib/cli/settings.js'
import { runCommand } from '../support/command/command-line.js'
import { createJobsFolder } from '../support/command/jobs.js'
import { startWatched } from '../support/servers/watched-server.js'

const HEAD = 'version: 1\nurl: https://optimize.example.com\ntoken: secret\n'

/** Returns the problems of a file, without its path. */
async function findProblems(
  t: Parameters<typeof createJobsFolder>[0],
  text: string,
  env: NodeJS.ProcessEnv = {},
  prepare?: (folder: string) => void,
) {
  const jobs = createJobsFolder(t)
  prepare?.(jobs.folder)
  jobs.write(text)
  const { code, stderr, stdout } = await runCommand(['run', jobs.file, '--check'], { env })
  const [first, ...lines] = stderr.replaceAll(jobs.file, 'jobs.yaml').replaceAll(jobs.folder, 'DIR').trim().split('\n')
  return { code, first, lines, stdout }
}

t.test('all problems are printed at once, with line, column and the nearest name, before any request', async (t) => {
  const server = await startWatched(t)
  const text = `version: 1
url: ${server.url}
tokn-file: x
defaults:
  formt: csv
  name: a
jobs:
  - name: orders
    report: r1
    out: DIR/a.csv
    limt: 5
    mode: merge
  - name: orders
    report: r2
    out: DIR/b.csv
    limit: many
    version: 1
  - name: claims
    report: \${UNSET_REPORT}
    table: claims
    delimiter: ';'
  - report: r3
    out: DIR/a.csv
  - name: none
    report: r4
  - name: twice
    report: r5
    collection: c
    out: DIR/c/
    table: t
  - just text
`
  const { code, first, lines, stdout } = await findProblems(t, text, { OPTIMIZE_TOKEN: server.token })
  t.equal(code, 2)
  t.equal(stdout, '')
  t.equal(first, 'optimize-export: jobs.yaml: 16 problems, nothing was requested')
  t.strictSame(lines, [
    'jobs.yaml:3:1: unknown key "tokn-file", did you mean token-file',
    'jobs.yaml:5:3: unknown key "formt", did you mean format',
    'jobs.yaml:6:3: name: belongs in a job',
    'jobs.yaml:11:5: unknown key "limt", did you mean limit',
    'jobs.yaml:12:5: mode: is for a job with table',
    'jobs.yaml:13:5: name: the job in line 8 also has the name orders',
    'jobs.yaml:16:5: limit: expected an integer from 1 to 10000, got "many"',
    'jobs.yaml:17:5: version: belongs at the top of the file',
    'jobs.yaml:19:13: the environment variable UNSET_REPORT is not set',
    'jobs.yaml:21:5: delimiter: is for a job with out',
    'jobs.yaml:22:5: name: the job has no name; expected letters, digits, dots, dashes and underscores',
    'jobs.yaml:22:5: the job orders in line 8 has the same target: DIR/a.csv',
    'jobs.yaml:24:5: the job has no target: expected out for files, or table for a database',
    'jobs.yaml:26:5: expected one of report and collection',
    'jobs.yaml:29:5: out: expected out or table, got both; a job writes files or a table',
    'jobs.yaml:31:5: expected a job to be a mapping of keys',
  ])
  t.equal(server.requests.length, 0)
})

t.test('two jobs have one target if they write one file, dataset or table, however its name is written', async (t) => {
  const { lines } = await findProblems(
    t,
    `${HEAD}jobs:
  - { name: a, report: r, out: DIR/new/a.csv }
  - { name: a-by-link, report: r, out: DIR/link/new/a.csv }
  - { name: receipt-of-a, report: r, out: DIR/new/a.csv.json, format: ndjson }
  - { name: part-folder-of-a, report: r, out: DIR/new/a.csv.part, format: ndjson }
  - { name: d, report: r, out: DIR/d/d/, partition-by: startDate:month }
  - { name: in-d, report: r, out: DIR/d/d/sub/b.parquet }
  - { name: around-d, report: r, out: DIR/d/, partition-by: startDate:month }
  - { name: beside-d, report: r, out: DIR/d.parquet }
  - { name: s, report: r, out: s3://bucket/s/, partition-by: startDate:month }
  - { name: in-s, report: r, out: s3://bucket/s/b.parquet }
  - { name: t, report: r, into: 'duckdb:DIR/w.duckdb', table: t, events: t_events }
  - { name: t-by-schema, report: r, into: 'duckdb:DIR/x/../w.duckdb', table: main.T }
  - { name: t-by-option, report: r, into: 'duckdb:DIR/link/w.duckdb', schema: main, table: t_events }
  - { name: other-schema, report: r, into: 'duckdb:DIR/w.duckdb', schema: o, table: t, events: x.t }
  - { name: quoted, report: r, into: 'postgresql://etl@db/w', table: public.q }
  - { name: unquoted, report: r, into: 'postgresql://etl@db/w', table: '"public"."q"' }
  - { name: other-case, report: r, into: 'postgresql://etl@db/w', table: public.Q }
`,
    {},
    (folder) => symlinkSync('.', join(folder, 'link')),
  )
  t.strictSame(lines, [
    'jobs.yaml:6:7: the job a in line 5 has the same target: DIR/new/a.csv',
    'jobs.yaml:7:7: the job a in line 5 has the same target: DIR/new/a.csv.json',
    'jobs.yaml:7:7: the job a-by-link in line 6 has the same target: DIR/link/new/a.csv.json',
    'jobs.yaml:8:7: the job a in line 5 has the same target: DIR/new/a.csv.part',
    'jobs.yaml:8:7: the job a-by-link in line 6 has the same target: DIR/link/new/a.csv.part',
    'jobs.yaml:10:7: the job d in line 9 has the same target: DIR/d/d/',
    'jobs.yaml:11:7: the job d in line 9 has the same target: DIR/d/d/',
    'jobs.yaml:11:7: the job in-d in line 10 has the same target: DIR/d/d/sub/b.parquet',
    'jobs.yaml:14:7: the job s in line 13 has the same target: s3://bucket/s/',
    'jobs.yaml:16:7: the job t in line 15 has the same target: duckdb:DIR/w.duckdb t',
    'jobs.yaml:17:7: the job t in line 15 has the same target: duckdb:DIR/w.duckdb t_events',
    'jobs.yaml:20:7: the job quoted in line 19 has the same target: postgresql://etl@db/w public.q',
  ])
})

t.test('a wrong server or a variable that is not set does not hide the other problems of its job', async (t) => {
  const text = `version: 1
jobs:
  - { name: a, url: not a url, report: r, out: DIR/a.csv, limit: 0 }
  - { name: b, report: '\${UNSET}', out: DIR/b.csv, limit: 0, format: xml }
  - { name: c, collection: '\${UNSET}', table: 'c_{report}', limit: 0 }
`
  const { lines } = await findProblems(t, text, { OPTIMIZE_URL: 'http://localhost', OPTIMIZE_TOKEN: 'secret' })
  t.match(lines, [
    /^jobs.yaml:3:16: url: expected an http or https URL without user, query or hash, got a string$/,
    /^jobs.yaml:3:\d+: limit: expected an integer from 1 to 10000, got 0$/,
    /^jobs.yaml:4:24: the environment variable UNSET is not set$/,
    /^jobs.yaml:4:\d+: limit: /,
    /^jobs.yaml:4:\d+: format: /,
    /^jobs.yaml:5:28: the environment variable UNSET is not set$/,
    /^jobs.yaml:5:\d+: limit: /,
  ])
  t.equal(lines.length, 7)
})

t.test('no part of the value of a variable is shown, and a switch takes every form of true', async (t) => {
  const env = { A: 'pass', B: 'password123', C: 'ab"cd\\ef' }
  const text = `${HEAD}jobs:
  - { name: a, report: '\${A}', out: DIR/a.csv, concurrency: '\${B}', fresh-for: '\${C}' }
  - { name: b, report: r, into: 'duckdb:DIR/b.duckdb', table: b, dry-run: True }
`
  const { lines } = await findProblems(t, text, env)
  t.match(lines, [/concurrency: .* got "\$\{B\}"$/, /fresh-for: .* got "\$\{C\}"$/])
  t.equal(lines.length, 2)
})

t.test('the events are beside the records: in the same folder, or in a table with a similar name', async (t) => {
  const jobs = createJobsFolder(t)
  mkdirSync(join(jobs.folder, 'lake'))
  jobs.write(`${HEAD}defaults: { events: true }
jobs:
  - { name: folder, report: r, out: DIR/lake, format: csv }
  - { name: quoted, report: r, table: '"Sales Orders"', into: 'duckdb:DIR/w.duckdb' }
  - { name: schema, report: r, table: 'main."say ""x"""', into: 'duckdb:DIR/w.duckdb' }
  - { name: blank, report: r, table: 'orders ', into: 'duckdb:DIR/w.duckdb' }
`)
  const { code, stdout, stderr } = await runCommand(['run', jobs.file, '--check', '--json'])
  t.equal(code, 0, stderr)
  const found = (JSON.parse(stdout) as { jobs: { targets: string[] }[] }).jobs.map(({ targets }) =>
    targets.map((target) => target.replaceAll(jobs.folder, 'DIR')),
  )
  t.strictSame(found, [
    ['DIR/lake/r.csv', 'DIR/lake/r.events.csv'],
    ['duckdb:DIR/w.duckdb "sales orders"', 'duckdb:DIR/w.duckdb "sales orders_events"'],
    ['duckdb:DIR/w.duckdb main."say ""x"""', 'duckdb:DIR/w.duckdb main."say ""x""_events"'],
    ['duckdb:DIR/w.duckdb orders ', 'duckdb:DIR/w.duckdb orders_events'],
  ])
})

t.test('the message about an unknown key that is similar to no other lists the possible keys', async (t) => {
  const text = `${HEAD}orchestra: 1
jobs:
  - name: a
    report: r1
    out: DIR/a.csv
    orchestra: 1
`
  const { lines } = await findProblems(t, text)
  t.strictSame(lines, [
    'jobs.yaml:4:1: unknown key "orchestra", expected version, defaults, jobs, on-success, on-failure or a key of the server',
    'jobs.yaml:9:5: unknown key "orchestra", expected a flag of export or load without its dashes',
  ])
})

t.test('texts of YAML keep their form, lists and mappings are values, and null hides a default', async (t) => {
  const jobs = createJobsFolder(t)
  jobs.write(
    `${HEAD}defaults:
  delimiter: ';'
  codec: zstd
  columns: all
  gzip: true
  timezone: \${ZONE:-Europe/Berlin}
jobs:
  - name: a
    report: 0123
    out: DIR/a.csv
    codec: ~
    gzip: false
    header: false
    columns: [startDate, 'variable:a,b', 'variable:x']
    retry: { attempts: 3, min-delay: 0 }
    headers: { X-Price: '$\${5' }
    events: true
  - name: b
    report: '  r2 '
    out: DIR/
    format: parquet
    types: { 'variable:amount': int64 }
    delimiter: null
    gzip: ~
    columns: sample
    timezone: false
    events: DIR/e.csv
    events-delimiter: ','
    bom: false
    infer-types: true
    metadata: [a=1, b=2]
  - name: c
    report: r3
    into: duckdb:\${FILE}
    table: orders
    infer-types: false
    events: true
    fields: businessKey, tenantId
  - name: d
    collection: c1
    out: DIR/all/
    stringify: { quoted: true, quoted_match: [x, "1"] }
  - { name: e, collection: c1, table: 't_{report}', into: duckdb:x.duckdb }
  - { name: f, report: r4, events: DIR/only-events.csv }
  - { name: g, report: r5, out: DIR/g/, events: true, columns: [all] }
  - { name: h, report: r5, table: g, schema: s, into: duckdb:x.duckdb, infer-types: true }
`.replace('min-delay', 'minDelay'),
  )
  const { code, stdout, stderr } = await runCommand(['run', jobs.file, '--check', '--json'], {
    env: { FILE: 'warehouse.duckdb' },
  })
  t.equal(code, 0, stderr)
  const folder = jobs.folder
  const server = 'https://optimize.example.com/'
  t.strictSame((JSON.parse(stdout) as { jobs: unknown[] }).jobs, [
    { name: 'a', kind: 'export', reportId: '0123', server, targets: [`${folder}/a.csv`, `${folder}/a.events.csv`] },
    { name: 'b', kind: 'export', reportId: 'r2', server, targets: [`${folder}/r2.parquet`, `${folder}/e.csv`] },
    {
      name: 'c',
      kind: 'load',
      reportId: 'r3',
      server,
      targets: ['duckdb:warehouse.duckdb orders', 'duckdb:warehouse.duckdb orders_events'],
    },
    { name: 'd', kind: 'export', collectionId: 'c1', server, targets: [] },
    { name: 'e', kind: 'load', collectionId: 'c1', server, targets: [] },
    { name: 'f', kind: 'export', reportId: 'r4', server, targets: [`${folder}/only-events.csv`] },
    {
      name: 'g',
      kind: 'export',
      reportId: 'r5',
      server,
      targets: [`${folder}/g/r5.csv.gz`, `${folder}/g/r5.events.csv.gz`],
    },
    { name: 'h', kind: 'load', reportId: 'r5', server, targets: ['duckdb:x.duckdb s.g'] },
  ])
  const plain = await runCommand(['run', jobs.file, '--check', '--only', 'd', 'f'], { env: { FILE: 'x' } })
  t.equal(plain.stdout, `d: export to one target per report\nf: export to ${folder}/only-events.csv\n`)
})

t.test('null removes a default, also of a key that is no flag', async (t) => {
  const defaults = 'defaults: { fresh-for: 6h, concurrency: 1, fail-on: [fewer-rows], table: t, into: duckdb:x.duckdb }'
  const plan = async (text: string) => {
    const path = join(t.testdir(), 'jobs.yaml')
    writeFileSync(path, `${HEAD}${defaults}\njobs: [${text}]`)
    const settings = await readSettings({}, {}, [])
    return (await openJobsFile(path, { env: {}, settings } as Context)).plan()
  }
  const nulls = 'fresh-for: null, concurrency: ~, fail-on: null'
  const [job] = await plan(`{ name: a, report: r, out: a.csv, table: null, into: ~, ${nulls} }`)
  t.equal(job!.kind, 'export')
  t.strictSame(
    Object.entries(job!.ownValues).filter(([, value]) => value !== undefined),
    [['report', 'r']],
  )
  t.match(await plan('{ name: a, report: r }'), [{ kind: 'load', ownValues: { concurrency: 1 } }])
  const { lines } = await findProblems(t, `${HEAD}${defaults}\njobs: [{ name: a, report: r, table: ~ }]`)
  t.strictSame(lines, ['jobs.yaml:5:10: the job has no target: expected a table, because of into'])
})

t.test('a problem names keys of the job, not flags', async (t) => {
  const { lines } = await findProblems(
    t,
    `${HEAD}jobs:
  - { name: a, report: r, out: a.log }
  - { name: b, report: r, out: b.csv, events: b.log }
  - { name: c, report: r, out: c.xlsx, events: c.xlsx }
  - { name: d, report: r, out: d.csv, strict: true, allow-unmatched: true }
  - { name: e, collection: c, out: e.csv }
`,
  )
  t.match(lines, [
    /^jobs\.yaml:5:27: a\.log: expected a name .*, or format$/,
    /^jobs\.yaml:6:39: b\.log: expected a name .*, or events-format$/,
    'jobs.yaml:7:40: out and events: expected two files, got one; for two sheets of one workbook use event-sheet',
    'jobs.yaml:8:39: strict and allow-unmatched: expected one of them',
    'jobs.yaml:9:31: e.csv: expected a folder for several reports, got the name of a file; use out e/ and format csv',
  ])
})

t.test('the message about a value of a wrong form has the place of the value', async (t) => {
  const { lines } = await findProblems(
    t,
    `${HEAD}defaults: { fresh-for: soon, concurrency: 0, fail-on: [lost-column], gzip: yes }
jobs:
  - { name: a, report: r, out: a.csv, limit: [1], columns: { a: 1 }, retry: 5, delimiter: true, quote: nothing }
  - { name: b, report: [r], out: b.csv }
  - { name: c, report: 'https://x.example.com/#/', out: c.csv }
  - { name: d, report: r, table: t, fail-on: lost-columns, into: mysql://x }
  - { name: e, collection: c, table: t }
  - { name: f, report: r, into: duckdb:x }
  - { name: g, report: r, table: a b, out: x.csv }
  - { name: h, report: r, out: h.csv, codec: snappy, token-file: missing.txt }
  - { name: i, report: r, out: i.csv, on-failure: x, headers: { a: [1] }, bom: [true], omit: 5 }
  - { name: j, report: r, table: j, mode: append, delete-missing: hard, lookback: x }
  - { name: k, report: r, out: '-' }
  - { name: l, report: r, out: l.csv, types: [variable:a=int64], bom: '\${UNSET}', header: '\${UNSET}', fields: '\${NOT A NAME}' }
  - { name: m, report: r, out: '\${OPEN' }
  - { name: n, collection: '', out: n/, table: ~ }
  - { name: p p, report: ~, out: ~, events: true, concurrency: [1], fail-on: [[x]] }
  - { name: q, report: r, out: q.csv, fail-on: { a: 1 } }
  - { name: o, collection: '\${SECRET_ID} ', out: o.csv/, limit: '\${SECRET_ID}' }
  - { name: s, report: r, out: [s.csv], events: true }
`,
    { SECRET_ID: 'a-secret-value' },
  )
  t.strictSame(lines, [
    'jobs.yaml:4:24: fresh-for: expected a duration such as 30m, 6h or 7d, got "soon"',
    'jobs.yaml:4:43: concurrency: expected an integer of at least 1, got "0"',
    'jobs.yaml:4:55: fail-on: expected lost-columns or fewer-rows, got "lost-column"',
    'jobs.yaml:4:76: gzip: expected true or false, got yes',
    'jobs.yaml:6:46: limit: expected a number, got a list',
    'jobs.yaml:6:60: columns: expected a list of names, got a mapping',
    'jobs.yaml:6:70: retry: expected an object of attempts, minDelay, maxDelay, got "5"',
    'jobs.yaml:6:91: delimiter: expected text, got true',
    "jobs.yaml:6:97: quote: expected 'minimal' or 'always', got \"nothing\"",
    'jobs.yaml:7:24: report: expected text, got a list',
    'jobs.yaml:8:16: report: expected the id of a report, or its address in the browser, got "https://x.example.com/#/"',
    'jobs.yaml:9:37: fail-on: is for files; for a table, use schema-changes or max-lost-share',
    'jobs.yaml:9:60: into: expected duckdb:FILE or postgresql://USER@HOST/DATABASE',
    'jobs.yaml:10:31: table: expected {report} in the name, because each report has its own table',
    'jobs.yaml:11:7: the job has no target: expected a table, because of into',
    'jobs.yaml:12:39: out: expected out or table, got both; a job writes files or a table',
    'jobs.yaml:13:39: codec: is not for csv, only for parquet',
    'jobs.yaml:13:54: --token-file missing.txt: could not be read: there is no such file or folder (ENOENT)',
    'jobs.yaml:14:39: on-failure: belongs at the top of the file',
    'jobs.yaml:14:68: headers.a: expected text, got a list',
    'jobs.yaml:14:80: bom: expected true or false, got a list',
    "jobs.yaml:15:51: delete-missing: expected mode 'merge', got 'append'",
    "jobs.yaml:15:73: lookback: expected a duration such as '30s', '5m', '2h' or '7d', or milliseconds, got \"x\"",
    'jobs.yaml:16:27: out: expected a file or a folder, got -',
    'jobs.yaml:17:39: types: is not for csv, only for parquet, arrow, xlsx, xes or ocel',
    'jobs.yaml:17:71: the environment variable UNSET is not set',
    'jobs.yaml:17:91: the environment variable UNSET is not set',
    'jobs.yaml:17:111: expected ${NAME} or ${NAME:-text}, got ${NOT A NAME}; write $${ for a literal ${',
    'jobs.yaml:18:32: expected ${NAME} or ${NAME:-text}, got ${OPEN; write $${ for a literal ${',
    'jobs.yaml:19:16: collection: expected the id of a collection, or its address in the browser, got ""',
    'jobs.yaml:20:7: name: expected letters, digits, dots, dashes and underscores',
    'jobs.yaml:20:7: the job has no target: expected out for files, or table for a database',
    'jobs.yaml:20:7: expected one of report and collection',
    'jobs.yaml:20:64: concurrency: expected an integer of at least 1, got a list',
    'jobs.yaml:20:79: fail-on: expected text, got a list',
    'jobs.yaml:21:48: fail-on: expected text, got a mapping',
    'jobs.yaml:22:58: limit: expected an integer from 1 to 10000, got "${SECRET_ID}"',
    'jobs.yaml:23:32: out: expected text, got a list',
  ])
})

t.test('blanks around a condition of fail-on are ignored, in a list and in a text with commas', async (t) => {
  const job = (name: string, failOn: string) =>
    `  - { name: ${name}, report: r, out: ${name}.csv, fail-on: ${failOn} }\n`
  const texts = [`[' lost-columns', "fewer-rows\\r\\n"]`, `'lost-columns , fewer-rows '`, `[' lost ']`, `''`]
  const { lines } = await findProblems(t, `${HEAD}jobs:\n${texts.map((text, at) => job(`j${at}`, text)).join('')}`)
  t.strictSame(lines, [
    'jobs.yaml:7:50: fail-on: expected lost-columns or fewer-rows, got "lost"',
    'jobs.yaml:8:50: fail-on: expected lost-columns or fewer-rows, got ""',
  ])
})

t.test('fresh-for needs a unit, because a number alone is probably meant as hours', async (t) => {
  const job = '{ name: a, report: r, out: a.csv, fresh-for: 20 }'
  const { lines } = await findProblems(t, `version: 1\nurl: https://x\ntoken: t\njobs: [${job}]`)
  t.strictSame(lines, ['jobs.yaml:4:53: fresh-for: expected a duration such as 30m, 6h or 7d, got "20"'])
})

t.test('YAML that is invalid, empty or has another shape is an error with its place', async (t) => {
  const find = async (text: string) => (await findProblems(t, text)).lines
  t.strictSame(await find(''), ['jobs.yaml:1:1: expected the file to be a mapping of keys'])
  t.strictSame(await find('version: 1\n  jobs: x\n a'), [
    'jobs.yaml:1:10: Nested mappings are not allowed in compact mappings',
  ])
  t.strictSame(await find('version: 2\nversion: 2\njobs: []'), ['jobs.yaml:2:1: Map keys must be unique'])
  t.strictSame(await find('version: 1\njobs: !odd x'), ['jobs.yaml:2:7: Unresolved tag: !odd'])
  t.strictSame(await find('version: [1]\ndefaults: 5\njobs: []'), [
    'jobs.yaml:1:10: version: expected 1, got a list',
    'jobs.yaml:2:11: expected defaults to be a mapping of keys',
    'jobs.yaml:3:7: jobs: expected a list with at least one job',
  ])
  t.strictSame(await find('version: ~\njobs: [{ name: a, report: r, out: a.csv }]\nurl: http://x\ntoken: t'), [
    'jobs.yaml:1:10: version: expected 1, got nothing',
  ])
  t.strictSame(await find('? jobs'), [
    'jobs.yaml:1:1: version: expected 1, got nothing',
    'jobs.yaml:1:3: jobs: expected a list with at least one job',
  ])
  t.strictSame(await find('version: 1'), ['jobs.yaml:1:1: jobs: expected a list with at least one job'])
  t.strictSame(await find('version: 1\njobs: *none'), ['jobs.yaml:2:7: no anchor with this name above'])
  const bomb = Array.from({ length: 6 }, (_, level) => `- &a${level + 1} [${`*a${level}, `.repeat(10)}]`)
  t.match(await find(`version: 1\njobs:\n- &a0 [x]\n${bomb.join('\n')}`), [/expected at most 100000 values/])
  const deep = 'a: &a [*a]'
  t.match(await find(`version: 1\n${deep}`), ['expected at most 16 levels'])
  t.match(await find(`version: '1'\njobs:\n- ? [a]\n  : 1`), ['With stringKeys, all keys must be strings'])
})

t.test('a missing server or token is a problem of the first job that needs it', async (t) => {
  const { lines } = await findProblems(
    t,
    'version: 1\njobs:\n- { name: a, report: r, out: a.csv }\n- { name: b, report: r, out: b.csv, url: "https://b" }\n- { name: c, report: r, out: c.csv }',
  )
  t.strictSame(lines, [
    'jobs.yaml:3:5: no server: give --url URL, or set OPTIMIZE_URL',
    'jobs.yaml:4:5: no token: set OPTIMIZE_TOKEN, give --token-file FILE, or set OPTIMIZE_CLIENT_ID, OPTIMIZE_CLIENT_SECRET and OPTIMIZE_TOKEN_URL',
  ])
})

t.test('a problem that is about no key of the job has the place of the job', async (t) => {
  const { code, lines } = await findProblems(
    t,
    `version: 1
url: https://optimize.example.com
jobs:
  - { name: a, client-id: x, report: r1, out: DIR/a.csv }
  - { name: b, token: secret, report: r1, out: 's3://B/', partition-by: tenantId }
`,
  )
  t.equal(code, 2)
  t.strictSame(lines, [
    'jobs.yaml:4:7: client credentials need OPTIMIZE_TOKEN_URL or --token-url too',
    'jobs.yaml:5:7: s3://B/: expected an address s3://bucket/key',
  ])
})

t.test('an alias is the value of its anchor', async (t) => {
  const jobs = createJobsFolder(t)
  jobs.write(`${HEAD}defaults: { pick: &names [startDate, endDate] }
jobs: [{ name: a, report: r, out: a.csv, pick: *names }]`)
  t.equal((await runCommand(['run', jobs.file, '--check'])).code, 0)
})

t.test('wrong arguments and flags of run are usage errors', async (t) => {
  const jobs = createJobsFolder(t)
  jobs.write(`${HEAD}jobs: [{ name: orders, report: r, out: a.csv }]`)
  for (const [argv, message] of [
    [[], /nothing to run: give a jobs file, such as jobs\.yaml/],
    [['missing.yaml'], /jobs file missing\.yaml: could not be read: there is no such file or folder \(ENOENT\)/],
    [[jobs.file, '--jobs', '0'], /--jobs: expected an integer of at least 1/],
    [[jobs.file, '--log-format', 'xml'], /--log-format: expected text or json, got "xml"/],
    [[jobs.file, '--only', 'ordrs'], /--only: there is no job "ordrs", did you mean orders/],
    [[jobs.file, '--only', 'zzz'], /--only: there is no job "zzz", expected one of orders/],
  ] as const) {
    const { code, stderr } = await runCommand(['run', ...argv, '--check'])
    t.equal(code, 2, stderr)
    t.match(stderr, message)
  }
})

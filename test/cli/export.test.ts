// `optimize-export export` of one report, against the fake server over HTTP.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import t, { type Test } from 'tap'
import { runCommand, CapturedStream, startCommand } from '../support/command/command-line.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { makeDiskReadOnly } from '../support/machine/read-only-disk.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'
import { startWatched, type WatchedOptions } from '../support/servers/watched-server.js'

async function setUp(t: Test, options: WatchedOptions = {}) {
  const server = await startWatched(t, { records: 120, ...options })
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  const ofReport = (...argv: string[]) => ['export', '--report', server.reportId, '--limit', '50', ...argv]
  return {
    server,
    env,
    ofReport,
    folder: t.testdir(),
    run: (...argv: string[]) => runCommand(ofReport(...argv), { env }),
  }
}

/** A stdout whose reader reads nothing before {@link release}. */
class HeldStream extends CapturedStream {
  readonly held = new Promise<void>((resolve) => this.once('held', resolve))
  #isHeld = true

  override _write(chunk: Buffer, encoding: string, done: (error?: Error) => void): void {
    const write = () => super._write(chunk, encoding, done)
    if (this.#isHeld) {
      this.once('release', write)
      this.emit('held')
    } else write()
  }

  release(): void {
    this.#isHeld = false
    this.emit('release')
  }
}

t.test('a page is fetched ahead, but not with --prefetch 0 or --max-records', async (t) => {
  for (const [flags, pages, records] of [
    [[], 2, 6000],
    [['--prefetch', '0'], 1, 6000],
    [['--max-records', '4000'], 1, 4000],
  ] as const) {
    const { server, env } = await setUp(t, { era: '8.6', records: 6000, gzip: false })
    const stdout = new HeldStream()
    const argv = [
      'export',
      '--report',
      server.reportId,
      '--limit',
      '2000',
      '--format',
      'ndjson',
      '--out',
      '-',
      ...flags,
    ]
    const { code, stderr } = startCommand(argv, { env, stdout })
    await stdout.held
    await server.answered(pages)
    await drainEventLoopTurns()
    t.equal(server.requests.length, pages)
    stdout.release()
    t.equal(await code, 0, stderr.text)
    t.equal(stdout.text.trimEnd().split('\n').length, records)
  }
})

const receiptOf = (path: string) => JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Record<string, unknown>
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const rowsOf = (csv: string | Buffer) => parse<Record<string, string>>(csv, { columns: true })
const idsOf = (csv: string | Buffer) => rowsOf(csv).map(({ processInstanceId }) => processInstanceId!)

t.test('a CSV file has every record once, and its receipt says so', async (t) => {
  const { server, folder, run } = await setUp(t)
  const path = join(folder, 'a.csv')
  const { code, stdout, stderr } = await run('--out', path)
  t.equal(code, 0, stderr)
  t.equal(stdout, '')
  // on a slow machine, lines of progress come before this line
  t.match(stderr, /(?:^|\n)a\.csv: 120 rows, \d+ columns, [\d.]+ kB in [\d.]+ s\n$/)
  t.strictSame(idsOf(readFileSync(path)), server.ids())
  const receipt = receiptOf(path)
  t.match(receipt, {
    reportId: server.reportId,
    kind: 'process',
    format: 'csv',
    rows: 120,
    total: 120,
    complete: true,
    columns: Object.keys(rowsOf(readFileSync(path))[0]!).length,
    restarts: 0,
    duplicates: 0,
    bytes: readFileSync(path).length,
    sha256: sha256(path),
  })
  t.ok(Date.parse(receipt['startedAt'] as string) <= Date.parse(receipt['finishedAt'] as string))
  t.strictSame(readdirSync(folder).sort(), ['a.csv', 'a.csv.json'])
})

t.test('the extension or --format decides the format', async (t) => {
  const { server, folder, run } = await setUp(t)
  await run('--out', join(folder, 'a.parquet'))
  await run('--out', join(folder, 'a.jsonl'))
  await run('--out', join(folder, 'b'), '--format', 'ndjson', '--quiet')
  const { rows } = await readBytesWithDuckdb(
    readFileSync(join(folder, 'a.parquet')),
    'SELECT processInstanceId FROM file',
  )
  t.strictSame(rows.flat(), server.ids())
  const lines = readFileSync(join(folder, 'a.jsonl'), 'utf8').trim().split('\n')
  t.strictSame(JSON.parse(lines[0]!), server.record(0))
  t.equal(readFileSync(join(folder, 'b'), 'utf8'), `${lines.join('\n')}\n`)
  t.equal(receiptOf(join(folder, 'b'))['columns'], null)
  t.equal((await run('--out', join(folder, 'c'), '--format', 'parquet ', '--codec', ' gzip\n')).code, 0)
  t.equal(readFileSync(join(folder, 'c'), 'latin1').slice(0, 4), 'PAR1')
})

t.test('a file has all columns, also the late ones; stdout has those of the sample', async (t) => {
  const { folder, run, env, ofReport } = await setUp(t, { lateVariables: { at: 100, names: ['late'] } })
  const path = join(folder, 'a.csv')
  t.equal((await run('--out', path)).code, 0)
  t.ok('variable:late' in rowsOf(readFileSync(path))[0]!)
  const { code, stderr } = await run('--out', '-', '--sample-size', '10')
  t.equal(code, 1)
  t.match(stderr, /ERR_LATE_COLUMN/)
  t.match(stderr, /--columns all/)
  const overflow = await run('--out', path, '--late-columns', 'overflow', '--sample-size', '10')
  t.equal(overflow.code, 0)
  t.ok('overflow' in rowsOf(readFileSync(path))[0]!, 'with --late-columns there is a sample')
  t.equal(await startCommand(ofReport('--out', '-', '--columns', 'all'), { env }).code, 0)
})

t.test('stdout has the records and nothing else', async (t) => {
  const { server, run } = await setUp(t)
  const csv = await run('--out', '-')
  t.equal(csv.code, 0)
  t.strictSame(idsOf(csv.stdout), server.ids())
  t.match(csv.stderr, /120 rows, \d+ columns\n$/)
  const ndjson = await run('--out', '-', '--format', 'ndjson', '--quiet', '--gzip')
  t.equal(ndjson.stderr, '')
  t.equal(gunzipSync(ndjson.bytes).toString().trim().split('\n').length, 120)
})

t.test('flags of the encoders do what the options do', async (t) => {
  const { folder, run } = await setUp(t, { variableNames: ['amount', 'a,b'] })
  const path = join(folder, 'a.csv')
  const csv = ['--no-header', '--delimiter', '\\t', '--quote', 'always', '--eol', 'crlf', '--bom']
  await run('--out', path, ...csv, '--columns', 'processInstanceId,variable:a\\,b', '--max-records', '1')
  t.match(readFileSync(path, 'utf8'), /^\uFEFF"[^"]+"\t"?[^\t]*"?\r\n$/)
  await run('--out', path, '--pick', 'processInstanceId', 'variable:amount', '--naming', 'plain')
  t.strictSame(Object.keys(rowsOf(readFileSync(path))[0]!), ['processInstanceId', 'amount'])
  await run('--out', path, '--omit', 'flowNodeInstances', '--stringify', '{"quoted":true}', '--null-value', 'NULL')
  t.match(readFileSync(path, 'utf8'), /^"processDefinitionKey",/)
  const parquet = ['--types', 'variable:amount=string', '--infer-types', '--metadata', 'who=me', 'why=a=b']
  const file = join(folder, 'a.parquet')
  const { code, stderr } = await run('--out', file, ...parquet, '--codec', 'gzip', '--row-group-rows', '50')
  t.equal(code, 0, stderr)
  const metadata = await readBytesWithDuckdb(
    readFileSync(file),
    `SELECT decode(key), decode(value) FROM parquet_kv_metadata('${file}') WHERE decode(key) LIKE 'w%'`,
  )
  t.strictSame(metadata.rows, [
    ['who', 'me'],
    ['why', 'a=b'],
  ])
  const { types, names } = await readBytesWithDuckdb(readFileSync(file))
  t.equal(types[names.indexOf('variable:amount')], 'VARCHAR')
  const exact = 'variable:amount=decimal(20,4),duration=decimal( 20, 0 ),businessKey=string'
  t.equal((await run('--out', file, '--types', exact)).code, 0)
  const read = await readBytesWithDuckdb(readFileSync(file))
  t.equal(read.types[read.names.indexOf('variable:amount')], 'DECIMAL(20,4)')
  t.equal(read.types[read.names.indexOf('duration')], 'DECIMAL(20,0)')
})

t.test('flags of the source do what the options do', async (t) => {
  const { server, folder, run } = await setUp(t)
  const flags = ['--pagination-timeout', '300', '--timezone', 'Europe/Berlin', '--header', 'X-One: 1', 'X-Two:a:b']
  const { code, stderr } = await run(
    '--out',
    join(folder, 'a.csv'),
    ...flags,
    '--retry-attempts',
    '2',
    '--retry',
    'minDelay=1',
  )
  t.equal(code, 0, stderr)
  const [{ query, headers }] = server.requests as [(typeof server.requests)[number]]
  t.match(query, { limit: '50', paginationTimeout: '300' })
  t.match(headers, { 'x-one': '1', 'x-two': 'a:b', 'x-optimize-client-timezone': 'Europe/Berlin' })
  await run('--out', join(folder, 'a.csv'), '--no-timezone')
  t.equal(server.requests.at(-1)!.headers['x-optimize-client-timezone'], undefined)
})

t.test('--gzip and .gz compress, and the receipt describes the compressed bytes', async (t) => {
  const { server, folder, run } = await setUp(t)
  for (const [name, flags] of [
    ['a.csv.gz', []],
    ['b.csv', ['--gzip']],
  ] as const) {
    const path = join(folder, name)
    t.equal((await run('--out', path, ...flags)).code, 0)
    t.strictSame(idsOf(gunzipSync(readFileSync(path))), server.ids())
    t.match(receiptOf(path), { sha256: sha256(path), gzip: true })
  }
})

t.test('--events writes the event log of the same export, in one search', async (t) => {
  const { server, folder, run } = await setUp(t)
  const [out, events] = [join(folder, 'a.parquet'), join(folder, 'e.csv')]
  const { code, stdout, stderr } = await run('--out', out, '--events', events, '--fields', 'businessKey', '--json')
  t.equal(code, 0, stderr)
  t.equal(server.requests.length, 3)
  t.match(stderr, /120 rows.*, \d+ events/)
  const log = rowsOf(readFileSync(events))
  t.ok(log.length > 0)
  t.ok('businessKey' in log[0]!)
  t.match(JSON.parse(stdout), {
    file: out,
    rows: 120,
    events: { file: events, rows: log.length, sha256: sha256(events) },
  })
  t.equal(receiptOf(out)['sha256'], sha256(out))
})

t.test('records on stdout and an event log in a file come from one search', async (t) => {
  const { server, folder, run } = await setUp(t)
  const { stdout, code } = await run('--out', '-', '--events', join(folder, 'e.ndjson'), '--gzip')
  t.equal(code, 0)
  t.equal(stdout.length > 0, true)
  t.ok(gunzipSync(readFileSync(join(folder, 'e.ndjson'))).length > 0)
  t.equal(server.requests.length, 3)
})

t.test('a report without flow nodes has an empty event log and a note', async (t) => {
  const { folder, run } = await setUp(t, { report: 'decision' })
  const { stderr } = await run('--out', join(folder, 'a.csv'), '--events', join(folder, 'e.csv'))
  t.match(stderr, /no events in this report/)
})

t.test(
  'an export that --max-records stops has exit code 0, and its receipt says that it is not complete',
  async (t) => {
    const { folder, run } = await setUp(t)
    const path = join(folder, 'a.csv')
    const { code, stderr } = await run('--out', path, '--max-records', '60')
    t.equal(code, 0)
    t.match(stderr, /60 rows, .* stopped by --max-records; the report has 120 records/)
    t.match(receiptOf(path), { rows: 60, total: 120, complete: false })
  },
)

t.test('messages of the server, retries and restarts are printed, and are in the receipt', async (t) => {
  const faults = [
    { kind: '503' as const, page: 1, times: 1 },
    { kind: 'drop' as const, page: 2 },
  ]
  const { folder, run } = await setUp(t, { faults })
  const path = join(folder, 'a.csv')
  const { code, stderr } = await run('--out', path, '--retry', 'minDelay=1', 'maxDelay=1')
  t.equal(code, 0, stderr)
  t.match(stderr, /retrying page 1 in 0\.0 s/)
  t.match(stderr, /page 2 may be lost .* restarting the search and skipping the 50 records already received/)
  t.match(receiptOf(path), { rows: 120, restarts: 1, retries: 1 })
  const map = await setUp(t, { report: 'map', records: 200 })
  const cut = await map.run('--out', join(map.folder, 'm.csv'))
  t.match(cut.stderr, /Optimize says: /)
  t.equal(typeof receiptOf(join(map.folder, 'm.csv'))['message'], 'string')
})

t.test('every failure has its exit code and leaves no file', async (t) => {
  const cases: [WatchedOptions, string[], number, RegExp, Record<string, string>?][] = [
    [{}, [], 4, /ERR_AUTH/, { OPTIMIZE_TOKEN: 'wrong-token' }],
    [{ report: 'combined' }, [], 1, /ERR_REPORT_NOT_EXPORTABLE/],
    [{ faults: [{ kind: 'missingRows', page: 1, times: 9 }] }, ['--max-restarts', '0'], 3, /ERR_INCOMPLETE/],
    [{ faults: [{ kind: 'expire', page: 2 }] }, ['--recovery', 'fail'], 3, /ERR_CURSOR_EXPIRED/],
    [{ faults: [{ kind: 'login', page: 1 }] }, [], 1, /ERR_RESPONSE/],
  ]
  for (const [options, flags, expected, text, env = {}] of cases) {
    const { folder, ofReport, env: good } = await setUp(t, options)
    const out = ['--out', join(folder, 'a.parquet'), '--events', join(folder, 'e.csv'), '--json', '--quiet']
    const { code, stderr, stdout } = await runCommand(ofReport(...out, ...flags), { env: { ...good, ...env } })
    t.equal(code, expected, stderr)
    t.match(stderr, text)
    t.notMatch(stderr, /wrong-token/)
    t.match(JSON.parse(stdout), { complete: false, error: { code: text.source } })
    t.strictSame(readdirSync(folder), [])
  }
})

t.test('a failure leaves the old file and its receipt', async (t) => {
  const { folder, run } = await setUp(t, { faults: [{ kind: 'expire', page: 2 }] })
  const path = join(folder, 'a.csv')
  writeFileSync(path, 'old')
  writeFileSync(`${path}.json`, 'of the old')
  t.equal((await run('--out', path, '--recovery', 'fail')).code, 3)
  t.strictSame([readFileSync(path, 'utf8'), readFileSync(`${path}.json`, 'utf8')], ['old', 'of the old'])
})

t.test('a signal ends an export with the exit code of the signal, and no file is left', async (t) => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    const { server, env, ofReport, folder } = await setUp(t, { isHeld: ({ number }) => number === 2 })
    const running = startCommand(ofReport('--out', join(folder, 'a.csv'), '--events', join(folder, 'e.csv')), { env })
    await server.received(2)
    running.signal(signal)
    t.equal(await running.code, code)
    t.equal(running.stderr.text, 'optimize-export: interrupted\n')
    t.strictSame(readdirSync(folder), [])
  }
})

t.test('a reader that closes stdout ends the export without a message', async (t) => {
  const { env, ofReport } = await setUp(t, { records: 5000 })
  const stdout = new CapturedStream()
  stdout._write = (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  const running = startCommand(ofReport('--out', '-'), { env, stdout })
  t.equal(await running.code, 141)
  t.equal(running.stderr.text, '')
})

t.test('wrong options fail before the first request', async (t) => {
  const { server, env, ofReport, folder } = await setUp(t)
  mkdirSync(join(folder, 'taken'))
  writeFileSync(join(folder, 'real.csv'), '')
  symlinkSync('real.csv', join(folder, 'link.csv'))
  const out = ['--out', join(folder, 'a.csv')]
  const cases: [string[], RegExp][] = [
    [ofReport(), /missing --out: give --out FILE/],
    [['export', ...out], /nothing to export: give --report ID, or --collection ID/],
    [['export', '--report', 'a', '--collection', 'b', ...out], /expected one of them/],
    [ofReport('--out', ''), /--out: expected a file, a folder or an address, got ""/],
    [
      ofReport('--out', 'a.parquet', '--types', 'duration'),
      /--types: expected an object of column types, got "duration"/,
    ],
    [ofReport('--out', 'a.txt'), /a\.txt: expected a name that ends with \.csv, /],
    [ofReport('--out', 'no-extension'), /no-extension: expected a name that ends with/],
    [
      ofReport(...out, '--format', 'xml'),
      /--format: expected csv, parquet, arrow, xlsx, ndjson, xes or ocel, got "xml"/,
    ],
    [ofReport(...out, '--limit', '0'), /--limit: expected an integer from 1 to 10000, got 0/],
    [ofReport(...out, '--limit', 'ten'), /--limit: expected an integer from 1 to 10000, got "ten"/],
    [ofReport(...out, '--retry', 'attempts=0'), /--retry attempts: expected an integer of at least 1, got 0/],
    [ofReport(...out, '--retry-attempts', '0'), /--retry-attempts: expected an integer of at least 1, got 0/],
    [ofReport(...out, '--retry', 'often'), /--retry: expected an object/],
    [ofReport(...out, '--header', 'bad'), /--headers: expected name:value$/m],
    [
      ofReport(...out, '--header', 'Authorization: Bearer secret'),
      /--headers: expected a header name and a value .*; the header "Authorization" is wrong/,
    ],
    [ofReport(...out, '--row-group-rows', '7'), /--row-group-rows: is not for csv/],
    [ofReport(...out, '--columns', 'a', 'a'), /--columns: expected 'sample' or 'all' or an array of distinct/],
    [ofReport('--out', join(folder, 'a.ndjson'), '--naming', 'plain'), /--naming: is not for ndjson/],
    [ofReport('--out', join(folder, 'a.parquet'), '--types', 'a=b'), /--types a: expected 'string', /],
    [ofReport('--out', join(folder, 'a.parquet'), '--gzip'), /--gzip: a Parquet file is compressed internally/],
    [ofReport(...out, '--stringify', 'no json'), /--stringify: expected an object/],
    [ofReport(...out, '--events', '-'), /--events: expected a file/],
    [ofReport(...out, '--events', join(folder, 'a.csv')), /expected two files, got one$/m],
    [
      ofReport('--out', join(folder, 'real.csv'), '--events', join(folder, 'link.csv')),
      /expected two files, got one$/m,
    ],
    [
      ofReport(...out, '--events', join(folder, 'a.csv.part'), '--events-format', 'csv'),
      /--out and --events: expected two files, got one$/m,
    ],
    [
      ofReport('--out', join(folder, 'a.xlsx'), '--events', join(folder, 'a.xlsx')),
      /expected two files, got one; for two sheets of one workbook use --event-sheet/,
    ],
    [ofReport(...out, '--fields', 'businessKey'), /--fields: needs --events/],
    [ofReport(...out, '--events', join(folder, 'e.csv'), '--fields', 'startDate'), /--fields: expected columns of/],
    [ofReport('--out', '-', '--json'), /--json: prints its result on stdout/],
    [ofReport(...out, '--concurrency', '0'), /--concurrency: expected an integer of at least 1/],
    [ofReport(...out, '--progress-interval', '0'), /--progress-interval: expected a time of at most 1d, such as 5s/],
    [['export', '--report', 'a', 'b', '--out', '-'], /--out: expected a folder for several reports, got -/],
    [ofReport(...out, '--url', 'ftp://a:b@c'), /--url: expected an http or https URL without user/],
    [
      ['export', '--report', '..', ...out],
      /--report: expected the id of a report, or its address in the browser, got ".."/,
    ],
    [ofReport(...out, '--tokn=secret'), /unknown option '--tokn=…'/],
    [ofReport(...out, "--tokn=a='secret'\nsecret"), /unknown option '--tokn=…'\n/],
    [ofReport(...out, '--tökn=secret'), /unknown option '--tökn=…'/],
    [ofReport(...out, '--types'), /'--types <column=type\.\.\.>' argument missing/],
    [ofReport(...out, '--events', 'a.log'), /a\.log: expected a name .*, or --events-format$/m],
    [ofReport('--out', 'a.log'), /a\.log: expected a name .*, or --format$/m],
    [ofReport(...out, '--delimeter', ';'), /unknown option '--delimeter'\n\(Did you mean --delimiter\?\)/],
    [ofReport(...out, 'more'), /too many arguments/],
    [['exprot'], /unknown command 'exprot'/],
    [[], /Usage: optimize-export/],
  ]
  for (const [argv, text] of cases) {
    const { code, stderr, stdout } = await runCommand(argv, { env })
    t.equal(code, 2, argv.join(' '))
    t.match(stderr, text)
    t.notMatch(stderr, /secret/)
    if (argv.includes('--json')) t.match(JSON.parse(stdout), { complete: false, error: { code: 'ERR_USAGE' } })
    else t.equal(stdout, '')
  }
  const writeToTerminal = (format: string) =>
    runCommand(ofReport('--out', '-', '--format', format), { env, stdout: new CapturedStream(true) })
  for (const format of ['parquet', 'arrow']) {
    const { code, stderr } = await writeToTerminal(format)
    t.equal(code, 2)
    t.match(stderr, /cannot write binary data to a terminal/)
  }
  t.equal(server.requests.length, 0)
  t.equal((await writeToTerminal('csv')).code, 0)
  t.notOk(existsSync(join(folder, 'a.csv')))
})

t.test('a folder as --out gets one file with the name of the report', async (t) => {
  const { server, folder, run } = await setUp(t)
  t.equal((await run('--out', folder)).code, 0)
  t.equal((await run('--out', join(folder, 'new', 'deep/'), '--format', 'ndjson', '--gzip')).code, 0)
  t.ok(existsSync(join(folder, '_receipts', `${server.reportId}.csv.json`)))
  t.ok(existsSync(join(folder, 'new', 'deep', `${server.reportId}.ndjson.gz`)))
  const { code, stderr } = await run('--out', `${join(folder, `${server.reportId}.csv`, 'x')}/`)
  t.equal(code, 1)
  t.match(
    stderr,
    /^optimize-export: folder .*: cannot be created: a folder in its path is a file \(ENOTDIR\) \(ERR_FILE\)/,
  )
})

t.test('a folder that cannot be created is ERR_FILE with the reason of the system', async (t) => {
  const { server, folder, env, run } = await setUp(t)
  makeDiskReadOnly(t)
  const path = `${join(folder, 'new', 'deep')}/`
  const message = `folder ${path}: cannot be created: the file system is read-only (EROFS)`
  const { code, stdout } = await run('--out', path, '--json')
  t.equal(code, 1)
  t.match(JSON.parse(stdout), { complete: false, error: { code: 'ERR_FILE', message } })
  const demo = await runCommand(['demo', '--records', '1', '--out', path], { env })
  t.match(demo, { code: 1, stderr: `${message} (ERR_FILE)` })
  t.strictSame(server.requests, [])
})

t.test('a link to itself, and a path that is too long, are ERR_FILE', async (t) => {
  const { folder, run } = await setUp(t)
  symlinkSync('loop.csv', join(folder, 'loop.csv'))
  symlinkSync('loop', join(folder, 'loop'))
  for (const [name, reason] of [
    ['loop.csv', /cannot create .*loop\.csv: too many symbolic links \(ELOOP\)/],
    ['loop/a.csv', /cannot create .*a\.csv: too many symbolic links \(ELOOP\)/],
    ['loop/', /folder .*loop\/: cannot be created: too many symbolic links \(ELOOP\)/],
    [`${'a'.repeat(300)}.csv`, /cannot create .*the name is too long \(ENAMETOOLONG\)/],
  ] as const) {
    const { code, stdout } = await run('--out', `${folder}/${name}`, '--json')
    t.equal(code, 1)
    t.match(JSON.parse(stdout), { complete: false, error: { code: 'ERR_FILE', message: reason } })
  }
})

t.test('a missing folder is ERR_FILE', async (t) => {
  const { folder, run } = await setUp(t)
  const { code, stderr } = await run('--out', join(folder, 'none', 'a.csv'))
  t.equal(code, 1)
  t.match(stderr, /cannot create .*: the folder .* does not exist \(ENOENT\) \(ERR_FILE\)/)
})

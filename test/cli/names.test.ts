// Names on the command line: unmatched names, the event log alone, and the dialect of the event log.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { runCommand } from '../support/command/command-line.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'

async function setUp(t: Test) {
  const server = await startFakeOptimize({ records: 20, variableNames: ['amount', 'customer'] })
  t.teardown(() => server.close())
  const folder = t.testdir()
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  const run = (...argv: string[]) => runCommand(['export', '--report', server.reportId, ...argv], { env })
  return { server, folder, run, at: (name: string) => join(folder, name) }
}

const receiptOf = (path: string) => JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Record<string, unknown>
const headerOf = (path: string) => readFileSync(path, 'utf8').split('\n')[0]!.split(',')

t.test('an unmatched name is a line on stderr and in the receipt', async (t) => {
  const { run, at } = await setUp(t)
  const { code, stderr } = await run('--out', at('a.csv'), '--columns', 'processInstanceId, startDate,variabel:amount')
  t.equal(code, 0, stderr)
  t.strictSame(
    headerOf(at('a.csv')),
    ['processInstanceId', 'startDate', 'variabel:amount'],
    'blanks are not part of a name',
  )
  t.match(stderr, 'a.csv: toCsv: columns: no record has "variabel:amount", did you mean "variable:amount"\n')
  t.strictSame(receiptOf(at('a.csv'))['unmatched'], [
    { option: 'columns', name: 'variabel:amount', nearest: 'variable:amount' },
  ])
  await run('--out', at('b.csv'))
  t.strictSame(receiptOf(at('b.csv'))['unmatched'], [])
})

t.test('an --omit that matches nothing fails and leaves the old file, except with --allow-unmatched', async (t) => {
  const { run, at } = await setUp(t)
  writeFileSync(at('a.csv'), 'old')
  for (const name of ['a.csv', 'a.ndjson', 'a.parquet']) {
    const { code, stderr } = await run('--out', at(name), '--omit', 'variable:custommer')
    t.equal(code, 1)
    t.match(stderr, /omit: no record has "variable:custommer", did you mean "variable:customer" \(ERR_UNMATCHED_NAME\)/)
    t.match(stderr, /--allow-unmatched/)
  }
  t.equal(readFileSync(at('a.csv'), 'utf8'), 'old')
  t.notOk(existsSync(at('a.ndjson')) || existsSync(at('a.parquet')))
  const allowed = await run('--out', at('a.csv'), '--omit', 'variable:custommer', '--allow-unmatched')
  t.equal(allowed.code, 0)
  t.match(allowed.stderr, /omit: no record has "variable:custommer"/)
  t.ok(headerOf(at('a.csv')).includes('variable:customer'))
})

t.test('the remedy for a selection that leaves no column names the flags of the selection alone', async (t) => {
  const { run, at } = await setUp(t)
  for (const argv of [
    ['--pick', 'variable:custommer'],
    ['--columns', 'nothing', '--strict'],
    ['--columns', 'nothing', '--allow-unmatched'],
    ['--pick', 'variable:amount,nothing', '--omit', 'variable:amount', '--columns', 'all'],
  ]) {
    const { code, stderr } = await run('--out', at('a.csv'), ...argv)
    t.equal(code, 1)
    t.match(stderr, /the selection leaves no column of the report.* \(ERR_UNMATCHED_NAME\)/)
    t.match(
      stderr,
      '\n  correct the names in --columns, --pick and --omit, so that at least one column is left\n  more: ',
    )
    t.notMatch(stderr, '--allow-unmatched')
  }
})

t.test('--strict makes every name that matches nothing an error, also in the event log', async (t) => {
  const { run, at } = await setUp(t)
  const columns = ['--columns', 'processInstanceId,nothing']
  t.match(await run('--out', at('a.csv'), ...columns, '--strict'), { code: 1, stderr: /no record has "nothing"/ })
  const events = ['--events', at('e.csv'), '--fields', 'busnessKey']
  const warned = await run('--out', at('b.csv'), ...events)
  t.equal(warned.code, 0)
  t.match(warned.stderr, 'flowNodeEvents: fields: no record has "busnessKey", did you mean "businessKey"')
  t.strictSame(receiptOf(at('e.csv'))['unmatched'], [{ option: 'fields', name: 'busnessKey', nearest: 'businessKey' }])
  t.strictSame(receiptOf(at('b.csv'))['unmatched'], [])
  const strict = await run('--out', at('c.csv'), ...events, '--strict')
  t.match(strict, { code: 1, stderr: /flowNodeEvents: fields: no record has "busnessKey".* \(ERR_UNMATCHED_NAME\)/ })
  t.notOk(existsSync(at('a.csv')) || existsSync(at('c.csv')))
  t.match(await run('--out', at('a.csv'), '--strict', '--allow-unmatched'), {
    code: 2,
    stderr: /--strict and --allow-unmatched: expected one of them/,
  })
})

t.test('--naming snake has its names in the receipt, and alike names are a warning', async (t) => {
  const { run, at } = await setUp(t)
  await run('--out', at('a.csv'), '--naming', 'snake', '--pick', 'processInstanceId,variable:amount')
  t.strictSame(headerOf(at('a.csv')), ['process_instance_id', 'variable_amount'])
  t.strictSame(receiptOf(at('a.csv'))['names'], {
    processInstanceId: 'process_instance_id',
    'variable:amount': 'variable_amount',
  })
  const server = await startFakeOptimize({ records: 3, variableNames: ['amount', 'Amount'] })
  t.teardown(() => server.close())
  const other = ['--url', server.url, '--report', server.reportId, '--insecure-token-argument', '--token', server.token]
  const { stderr, code } = await runCommand(['export', ...other, '--out', at('b.csv')])
  t.equal(code, 0)
  t.match(stderr, /b\.csv: toCsv: columns "variable:Amount", "variable:amount" differ only in case/)
  t.strictSame(receiptOf(at('b.csv'))['alikeColumns'], [['variable:Amount', 'variable:amount']])
  t.strictSame(receiptOf(at('b.csv'))['names'], undefined)
  const strict = await runCommand(['export', ...other, '--out', at('c.csv'), '--strict'])
  t.match(strict, { code: 1, stderr: /ERR_COLUMN_COLLISION/ })
})

t.test('--pick selects fields of NDJSON', async (t) => {
  const { run, at, server } = await setUp(t)
  await run('--out', at('a.ndjson'), '--pick', 'processInstanceId', 'variable:amount')
  const [line] = readFileSync(at('a.ndjson'), 'utf8').split('\n')
  const { processInstanceId, variables } = server.record(0) as { processInstanceId: string; variables: object }
  const { amount } = variables as { amount: string }
  t.strictSame(JSON.parse(line!), { processInstanceId, variables: { amount } })
})

t.test('without --out, the event log is one file with its receipt', async (t) => {
  const { run, at, folder, server } = await setUp(t)
  const { code, stdout, stderr } = await run('--events', at('e.csv'), '--json')
  t.equal(code, 0, stderr)
  t.match(stderr, /^e\.csv: \d+ rows, 5 columns/)
  t.strictSame(headerOf(at('e.csv')), [
    'processInstanceId',
    'flowNodeInstanceId',
    'flowNodeName',
    'startDate',
    'endDate',
  ])
  t.match(JSON.parse(stdout), { file: at('e.csv'), format: 'csv', records: 20, complete: true })
  t.equal(server.requests.length, 1)
  t.equal((await run('--events', `${folder}/many/`, '--events-format', 'ndjson')).code, 0)
  t.ok(existsSync(join(folder, 'many', `${server.reportId}.events.ndjson`)))
})

t.test('without --out, the event logs of several reports are one file each', async (t) => {
  const server = await startFakeOptimize({ records: 20, collections: { c: ['r1', 'r2'] } })
  t.teardown(() => server.close())
  const folder = t.testdir()
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  for (const format of ['csv', 'ndjson']) {
    const events = ['--events', `${folder}/${format}/`, '--format', format]
    t.equal((await runCommand(['export', '--collection', 'c', ...events], { env })).code, 0)
    for (const id of ['r1', 'r2']) t.ok(existsSync(join(folder, format, `${id}.events.${format}`)))
  }
})

t.test('flags of the event log override the flags of a format that apply to both files', async (t) => {
  const { run, at } = await setUp(t)
  const own = ['--events-delimiter', ';', '--events-bom', '--no-events-header', '--events-quote', 'always']
  t.equal((await run('--out', at('a.parquet'), '--events', at('e.csv'), ...own, '--codec', 'gzip')).code, 0)
  t.match(readFileSync(at('e.csv'), 'utf8'), /^\uFEFF"[^"]+";"/)
  await run('--out', at('a.csv'), '--events', at('e.csv'), '--delimiter', '|', '--eol', 'crlf', '--events-eol', 'lf')
  t.match(readFileSync(at('a.csv'), 'utf8'), /^[^\n]*\|[^\n]*\r\n/)
  t.match(readFileSync(at('e.csv'), 'utf8'), /^[^\r\n]*\|[^\r\n]*\n/)
  await run('--events', at('e.csv'), '--events-naming', 'snake', '--strict', '--delimiter', ';')
  t.match(
    readFileSync(at('e.csv'), 'utf8'),
    /^process_instance_id;flow_node_instance_id;flow_node_name;start_date;end_date\n/,
  )
  const parquet = ['--events', at('e'), '--events-format', 'parquet', '--events-codec', 'uncompressed']
  t.equal((await run('--out', at('a.csv'), ...parquet, '--events-types', 'flowNodeName=json')).code, 1, 'types count')
  t.equal((await run('--out', at('a.csv'), ...parquet)).code, 0)
  const { rows } = await readBytesWithDuckdb(
    readFileSync(at('e')),
    `SELECT DISTINCT compression FROM parquet_metadata('${at('e')}')`,
  )
  t.strictSame(rows, [['UNCOMPRESSED']])
})

t.test('an invalid dialect of the event log is a usage error with the name of its flag', async (t) => {
  const { run, at } = await setUp(t)
  const both = ['--out', at('a.csv'), '--events', at('e.csv')]
  for (const [argv, text] of [
    [['--out', at('a.csv'), '--events-bom'], /--events-bom: needs --events FILE/],
    [
      [...both, '--events-format', 'xml'],
      /--events-format: expected csv, parquet, arrow, xlsx, ndjson, xes or ocel, got "xml"/,
    ],
    [[...both, '--events-delimiter', '"'], /--events-delimiter: expected a non-empty string without a quote/],
    [[...both, '--events-codec', 'gzip'], /--events-codec: is not for csv/],
    [[...both, '--events-types', 'a=int64'], /--events-types: is not for csv/],
    [['--events', at('e.parquet'), '--events-types', 'a=b'], /--events-types a: expected 'string', /],
    [['--events', at('e.csv'), '--delimiter', '"'], /--delimiter: expected a non-empty string without a quote/],
    [['--out', at('a.parquet'), '--events', at('e.csv'), '--delimiter', ';'], /--delimiter: is not for parquet/],
    [['--events', at('e.csv'), '--omit', 'variable:customer'], /--omit: is for the records, which need --out/],
    [['--events', at('e.csv'), '--columns', 'all'], /--columns: is for the records, which need --out/],
    [['--events', at('e.csv'), '--codec', 'gzip'], /--codec: is not for csv/],
    [[...both, '--events-format', 'ndjson', '--events-naming', 'plain'], /--events-naming: is not for ndjson/],
    [
      ['--out', at('a.parquet'), '--events', at('e.parquet'), '--gzip'],
      /--gzip: a Parquet file is compressed internally/,
    ],
  ] as const) {
    const { code, stderr } = await run(...argv)
    t.equal(code, 2, argv.join(' '))
    t.match(stderr, text)
  }
})

// The formats of the command that have no test of their own elsewhere: workbooks and event logs.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { runCommand } from '../support/command/command-line.js'
import { readXlsx } from '../support/readers/read-xlsx.js'

async function setUp(t: Test) {
  const server = await startFakeOptimize({ records: 30, flowNodes: 3 })
  t.teardown(() => server.close())
  const folder = t.testdir()
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  return {
    server,
    at: (name: string) => join(folder, name),
    run: (...argv: string[]) => runCommand(['export', '--report', server.reportId, '--quiet', ...argv], { env }),
    runAloud: (...argv: string[]) => runCommand(['export', '--report', server.reportId, ...argv], { env }),
  }
}

t.test('a workbook may have the event log as a second sheet, and refuses flags that are not for it', async (t) => {
  const { at, run, server } = await setUp(t)
  const path = at('a.xlsx')
  const { code, stderr } = await run(
    '--out',
    path,
    '--event-sheet',
    '--timezone',
    'Asia/Tokyo',
    '--locale',
    'de',
    '--sheet',
    'Orders',
  )
  t.equal(code, 0, stderr)
  const sheets = readXlsx(readFileSync(path))
  t.strictSame(
    sheets.map(({ name, rows }) => [name, rows.length > 30]),
    [
      ['Orders', true],
      ['Events', true],
    ],
  )
  const header = [...sheets[0]!.rows[0]!.values()].map(({ value }) => value)
  t.strictSame([...sheets[0]!.rows[1]!.values()][header.indexOf('processInstanceId')]!.value, [...server.ids()][0])
  const eventArgv = ['--out', at('e.xlsx'), '--event-fields', 'businessKey', 'variable:amount']
  const events = await run(...eventArgv, '--event-sheet')
  t.equal(events.code, 0, events.stderr)
  const [, eventSheet] = readXlsx(readFileSync(at('e.xlsx')))
  t.strictSame(
    [...eventSheet!.rows[0]!.values()].slice(5).map(({ value }) => value),
    ['businessKey', 'variable:amount'],
  )
  t.match(await run(...eventArgv), { code: 2, stderr: /--fields: needs --events FILE or --event-sheet/ })
  const log = ['--events', at('e.csv'), '--out', at('f.xlsx'), '--fields', 'businessKey']
  t.equal((await run(...log)).code, 0, 'only the file has the fields')
  t.match(await run('--out', at('g.xlsx'), '--event-sheet', '--events-delimiter', ';'), {
    code: 2,
    stderr: /--events-delimiter: needs --events FILE$/m,
  })
  const text = await run('--out', at('b.xlsx'), '--no-timezone', '--no-infer-types')
  t.equal(text.code, 0, text.stderr)
  const gzip = await run('--out', at('c.xlsx'), '--gzip')
  t.strictSame([gzip.code, /xlsx is compressed already/.test(gzip.stderr)], [2, true])
  const csv = await run('--out', at('d.csv'), '--sheet', 'x')
  t.strictSame([csv.code, /--sheet: is not for csv/.test(csv.stderr)], [2, true])
})

t.test('--preset excel writes the separator of the locale, and dates that Excel reads', async (t) => {
  const { at, run } = await setUp(t)
  const { code, stderr } = await run(
    '--out',
    at('a.csv'),
    '--preset',
    'excel',
    '--locale',
    'de',
    '--timezone',
    'Asia/Tokyo',
  )
  t.equal(code, 0, stderr)
  t.match(readFileSync(at('a.csv'), 'utf8'), /^\ufeff[^,]*;.*\r\n.*;"?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"?;/)
})

t.test('event logs can have the names of mining tools, or be XES or OCEL', async (t) => {
  const { at, run, runAloud } = await setUp(t)
  const csv = await run(
    '--out',
    at('a.csv'),
    '--events',
    at('events.csv'),
    '--events-naming',
    'celonis',
    '--lifecycle',
    'pairs',
  )
  t.equal(csv.code, 0, csv.stderr)
  t.match(readFileSync(at('events.csv'), 'utf8'), /^_CASE_KEY,ACTIVITY_EN,EVENTTIME,LIFECYCLE,EVENT_ID,_SORTING\n/)
  const xes = await run('--events', at('log.xes.gz'), '--fields', 'businessKey', '--activity-fallback', 'none')
  t.equal(xes.code, 0, xes.stderr)
  t.match(gunzipSync(readFileSync(at('log.xes.gz'))).toString(), /<trace><string key="concept:name"/)
  const ocel = await runAloud('--out', at('log.jsonocel'))
  t.equal(ocel.code, 0, ocel.stderr)
  t.equal((JSON.parse(readFileSync(at('log.jsonocel'), 'utf8')) as { objects: unknown[] }).objects.length, 30)
  const receipt = JSON.parse(readFileSync(at('log.jsonocel.json'), 'utf8')) as object
  t.match(receipt, { format: 'ocel', rows: 30, columns: null })
  const { events } = JSON.parse(readFileSync(at('log.jsonocel'), 'utf8')) as { events: unknown[] }
  t.match(receipt, { eventCount: events.length })
  const counts = `30 process instances, .*, ${events.length} events`
  t.match(ocel.stderr, new RegExp(counts))
  const withLog = await runAloud('--out', at('b.csv'), '--events', at('b.jsonocel'))
  t.match(withLog.stderr, new RegExp(`30 rows, .*, ${events.length} events`))
  const alone = await run('--events', at('e.csv'), '--lifecycle', 'pairs')
  t.strictSame(
    [alone.code, /--lifecycle: needs an .xes file, or --events-naming xes or celonis/.test(alone.stderr)],
    [2, true],
    alone.stderr,
  )
  const fallback = await run('--events', at('e.csv'), '--activity-fallback', 'none')
  t.match(fallback.stderr, /--activity-fallback: needs an \.xes or \.ocel file, or --events-naming xes or celonis/)
})

t.test('in XES and OCEL, --types and --events-types give types to the columns of --fields', async (t) => {
  const { at, run } = await setUp(t)
  const fields = ['--fields', 'variable:amount']
  const types = ['--types', 'variable:amount=double']
  const alone = await run('--events', at('a.xes'), ...fields, ...types)
  t.equal(alone.code, 0, alone.stderr)
  t.match(readFileSync(at('a.xes'), 'utf8'), '<float key="variable:amount"')
  const shared = [...types, 'variable:customer=string']
  const both = await run('--out', at('b.parquet'), '--events', at('b.jsonocel'), ...fields, ...shared)
  t.equal(both.code, 0, both.stderr)
  t.match(readFileSync(at('b.jsonocel'), 'utf8'), '"attributes":[{"name":"variable:amount","type":"float"}]')
  const own = await run('--out', at('c.csv'), '--events', at('c.xes'), ...fields, '--events-types', types[1]!)
  t.equal(own.code, 0, own.stderr)
  t.match(readFileSync(at('c.xes'), 'utf8'), '<float key="variable:amount"')
})

t.test('flags without an effect on an event log are refused', async (t) => {
  const { at, run } = await setUp(t)
  for (const [argv, text] of [
    [
      ['--events', at('a.xes'), '--events-infer-types'],
      '--events-infer-types: is not for xes, only for parquet, arrow or xlsx',
    ],
    [['--events', at('a.xes'), '--events-delimiter', ';'], '--events-delimiter: is not for xes, only for csv'],
    [
      ['--out', at('a.csv'), '--events', at('a.ocel'), '--events-naming', 'celonis'],
      '--events-naming: is not for ocel, only for csv',
    ],
    [['--events', at('a.ocel'), '--lifecycle', 'pairs'], '--lifecycle: is not for ocel'],
    [['--events', at('a.xes'), '--lifecycle', 'both'], "--lifecycle: expected 'single' or 'pairs', got"],
    [
      ['--events', at('a.xes'), '--events-types', 'x=int64'],
      '--events-types x: expected a column that is also in fields',
    ],
    [['--events', at('a.xes'), '--types', 'x=int64'], '--types x: expected a column that is also in fields'],
    [['--out', at('a.xes'), '--pick', 'id'], '--pick: is not for xes, only for csv, parquet, arrow, xlsx or ndjson'],
    [['--out', at('a.ocel'), '--omit', 'id'], '--omit: is not for ocel, only for csv, parquet, arrow, xlsx or ndjson'],
    [
      ['--out', at('a.xes'), '--types', 'x=int64'],
      '--types: is only for the columns of --fields in xes; write the log with --events FILE instead of --out',
    ],
    [
      ['--events', at('a.csv'), '--events-naming', 'disco'],
      '--events-naming: expected prefixed, plain, snake, xes or celonis, got "disco"',
    ],
    [['--out', at('a.csv'), '--naming', 'disco'], '--naming: expected prefixed, plain or snake, got "disco"'],
  ] as const) {
    const { code, stderr } = await run(...argv)
    t.equal(code, 2, stderr)
    t.match(stderr, text)
  }
})

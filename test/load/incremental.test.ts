// Loads that read a report only as far back as needed.
import t from 'tap'
import { compareReport, loadReport, type LoadOptions } from '../../lib/index.js'
import { DAY_MS } from '../../lib/shared/milliseconds.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { createInstance } from '../support/loads/instances.js'
import { createDuckdbTarget, loadFromFake, type TestDatabase } from '../support/loads/load-targets.js'

const formatDay = (day: number) => new Date(Date.UTC(2023, 0, 1) + day * DAY_MS).toISOString().replace('Z', '+0000')
/** Instances of these days, the newest first. */
const createDays = (days: readonly number[], fields: Record<string, unknown> = {}) =>
  days.map((day) => createInstance(`day-${day}`, { startDate: formatDay(day), ...fields }))
const range = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, at) => from - at)

const load = (target: TestDatabase, server: FakeOptimizeOptions, options: Partial<LoadOptions> = {}) =>
  loadFromFake(target.into(), server, {
    mode: 'merge',
    sortedBy: 'startDate',
    ...options,
    source: { limit: 10, retry: { attempts: 2, minDelay: 1, maxDelay: 2 }, maxRestarts: 1 },
  })

t.test('the second load stops at the first page before the watermark', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const first = await load(target, { data: createDays(range(99, 0)) }, { since: 'last' })
  t.match(
    first,
    { rows: 100, stats: { endedBy: 'end', pages: 10 }, watermark: new Date(formatDay(99)) },
    'without a watermark it reads everything',
  )
  const second = await load(target, { data: createDays(range(104, 0), { duration: 6 }) }, { since: 'last' })
  t.match(second, {
    rows: 10,
    inserted: 5,
    updated: 5,
    total: 105,
    complete: true,
    stats: { endedBy: 'since', pages: 2 },
    changes: [],
  })
  const third = await load(
    target,
    { data: createDays(range(104, 0), { duration: 7 }) },
    { since: 'last', lookback: '20d' },
  )
  t.match(third, { rows: 30, inserted: 0, updated: 30, stats: { endedBy: 'since' } })
  const dated = await load(
    target,
    { data: createDays(range(104, 0), { duration: 8 }) },
    { since: formatDay(102).replace('+0000', 'Z') },
  )
  t.match(dated, { rows: 10, updated: 10 })
  t.strictSame(
    await target.query(
      "SELECT CAST(max(watermark) AS varchar) LIKE '2023-04-15%' AS yes, count(*) AS n FROM _optimize_loads",
    ),
    [{ yes: true, n: 4 }],
  )
})

t.test('a load that stops early reads few records, and compares the number of records in the report', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const merge = (data: readonly object[]) => load(target, { data: data }, { since: 'last', maxLostShare: 0.1 })
  await merge(createDays(range(99, 0)))
  t.match(await merge(createDays(range(101, 0))), { rows: 10, changes: [], stats: { endedBy: 'since' } })
  t.match(await merge(createDays(range(101, 2))), { rows: 10, changes: [{ kind: 'fewer-rows', subject: '100' }] })
  await t.rejects(merge(createDays(range(101, 52))), { code: 'ERR_SUSPICIOUS_LOAD', message: /got 50/ })
})

t.test('a load of a report that is not sorted commits nothing', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  await load(target, { data: createDays(range(20, 0)) })
  const data = createDays([30, 29, 31, 28])
  await t.rejects(load(target, { data }, { since: 'last' }), {
    code: 'ERR_NOT_SORTED',
    message: /record 3: startDate is .*; sort the report/,
  })
  await t.rejects(load(target, { data: [createInstance('a', { startDate: 'yesterday' })] }), {
    code: 'ERR_NOT_SORTED',
    message: /expected a date in startDate/,
  })
  t.strictSame(await target.query('SELECT count(*) AS n FROM orders'), [{ n: 21 }])
})

t.test('0 records have no watermark, and the default page size is that of exportStream', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const fake = await startFakeOptimize({ data: [] })
  t.teardown(() => fake.close())
  const source = { baseUrl: fake.url, reportId: fake.reportId, accessToken: fake.token }
  const options = { into: target.into(), table: 'orders', mode: 'merge', sortedBy: 'startDate', since: 'last' } as const
  t.match(await loadReport({ source, ...options }), { rows: 0, watermark: undefined })
  await t.rejects(load(target, { data: [createInstance('a', { startDate: 5 })] }), {
    code: 'ERR_NOT_SORTED',
    message: /expected a date in startDate, got 5/,
  })
})

t.test('records without the date are loaded and not compared', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const data = [
    createInstance('running'),
    ...createDays(range(20, 0)).map((record) => ({ ...record, endDate: record.startDate })),
  ]
  t.match(await load(target, { data }, { sortedBy: 'endDate' }), { rows: 22, watermark: new Date(formatDay(20)) })
})

t.test(
  'after a restart the order is checked from the start, and after a short page the search is read on',
  async (t) => {
    const target = createDuckdbTarget()
    t.teardown(() => target.close())
    const data = createDays(range(99, 0))
    const since = formatDay(70).replace('+0000', 'Z')
    t.match(await load(target, { data, faults: [{ kind: 'drop', page: 2 }] }, { since }), {
      rows: 30,
      stats: { restarts: 1, endedBy: 'since' },
    })
    const short = load(target, { data, faults: [{ kind: 'missingRows', page: 2, times: Infinity }] }, { since })
    await t.rejects(short, { code: 'ERR_INCOMPLETE' }, 'the total at the end shows the loss')
  },
)

t.test('wrong options, and options that exclude each other, are refused', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  for (const options of [
    { mode: 'replace', since: 'last' },
    { sortedBy: undefined, since: 'last' },
    { since: 'last', deleteMissing: 'hard' },
    { since: '31.05.2026' },
    { since: new Date(NaN) },
    { lookback: 'a week' },
    { lookback: -1 },
    { mode: 'replace', deleteMissing: 'hard' },
    { table: '_optimize_loads' },
    { table: 'a.b.c' },
    { table: '' },
    { events: 'orders' },
    { events: { table: 'x', fieldz: [] } },
    { columns: ['a'], pick: ['a'] },
    { columns: [] },
    { maxLostShare: 2 },
    { types: 'x' },
    { types: { a: 'integer' } },
    { into: 'duckdb:x' },
    { strict: 'yes' },
  ] as Partial<LoadOptions>[])
    await t.rejects(load(target, { data: [] }, options), { code: 'ERR_OPTION' }, JSON.stringify(options))
  const options = { source: 'x' as never, into: target.into(), table: 'orders' }
  await t.rejects(loadReport(options), { code: 'ERR_OPTION', message: /^loadReport: source/ })
  await t.rejects(compareReport(options), { code: 'ERR_OPTION', message: /^compareReport: source/ })
  const source = { baseUrl: 'http://x', reportId: 'x', accessToken: 'x', maxRecords: 1 }
  await t.rejects(loadReport({ source, into: target.into(), table: 'x', mode: 'merge', deleteMissing: 'soft' }), {
    code: 'ERR_OPTION',
  })
  for (const [reportId, message] of [
    ['', /reportId: expected the id of a report/],
    [
      'https://x/#/dashboard/d',
      /^loadReport: source\.reportId: expected the address of a report, got that of a dashboard/,
    ],
  ] as const)
    await t.rejects(loadReport({ source: { ...source, reportId }, into: target.into(), table: 'x' }), {
      code: 'ERR_OPTION',
      message,
    })
})

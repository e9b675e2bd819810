// The watermark of a load with `since: 'last'`: it belongs to a report and to the rows that the tables have.
import { DAY_MS } from '../../lib/shared/milliseconds.js'
import type { LoadOptions } from '../../lib/index.js'
import { createInstance } from '../support/loads/instances.js'
import { loadFromFake, preparePostgres, type TestDatabase } from '../support/loads/load-targets.js'

const { testBoth } = await preparePostgres()

const formatDay = (day: number) => new Date(Date.UTC(2023, 0, 1) + day * DAY_MS).toISOString().replace('Z', '+0000')

/** Instances of these days, the newest first, each with one event. */
const createDays = (from: number, to = 0, prefix = 'day') =>
  Array.from({ length: from - to + 1 }, (_, at) => {
    const id = `${prefix}-${from - at}`
    const startDate = formatDay(from - at)
    return createInstance(id, {
      startDate,
      flowNodeInstances: [{ id: `f-${id}`, name: 'A', startDate, endDate: null }],
    })
  })

const load = (target: TestDatabase, data: readonly object[], options: Partial<LoadOptions> = {}, reportId?: string) =>
  loadFromFake(
    target.into(),
    { data, ...(reportId === undefined ? {} : { reportId }) },
    {
      mode: 'merge',
      sortedBy: 'startDate',
      since: 'last',
      omit: ['flowNodeInstances'],
      ...options,
      source: { limit: 10 },
    },
  )

const whole = { rows: 40, total: 40, complete: true, stats: { endedBy: 'end' } }
const newest = { rows: 10, stats: { endedBy: 'since' } }

testBoth('the whole report is read if its table is missing, or has no row of the report', async (t, target) => {
  t.match(await load(target, createDays(39)), whole)
  t.match(await load(target, createDays(39)), { ...newest, total: 40 })
  await target.query('DELETE FROM orders')
  t.match(await load(target, createDays(39)), whole)
  await target.query('DROP TABLE orders')
  t.match(await load(target, createDays(39)), whole)
  await target.query('ALTER TABLE orders DROP COLUMN _optimize_load_id')
  t.match(await load(target, createDays(39)), { rows: 40, stats: { endedBy: 'end' } })
})

testBoth('the whole report is read if the last load has not written the events', async (t, target) => {
  const events = { events: 'steps' }
  await load(target, createDays(39))
  t.match(await load(target, createDays(39), events), { ...whole, events: 40 }, 'a new table')
  t.match(await load(target, createDays(39)), newest)
  t.match(await load(target, createDays(39), events), { rows: 40, events: 40 }, 'a load without events between')
  t.match(await load(target, createDays(39), events), { ...newest, events: 10 })
})

testBoth('the whole report is read if the events are missing', async (t, target) => {
  const events = { events: 'steps' }
  await load(target, createDays(39), events)
  for (const statement of ['DROP TABLE steps', 'DELETE FROM steps']) {
    await target.query(statement)
    t.match(await load(target, createDays(39), events), { rows: 40, events: 40 }, statement)
  }
  t.match(await load(target, createDays(39), { events: 'other' }), { rows: 40, events: 40 }, 'another table')
  t.match(await load(target, createDays(39), events), { rows: 40, events: 40 }, 'the first table again')
})

testBoth('each report of a table has its own watermark', async (t, target) => {
  const other = (day: number, options = {}) => load(target, createDays(day, 0, 'other'), options, 'another')
  await load(target, createDays(39))
  t.match(await other(29), { rows: 30, inserted: 30, total: 70, stats: { endedBy: 'end' } })
  t.match(await other(34), { rows: 10, inserted: 5, total: 75, stats: { endedBy: 'since' } })
  t.match(await load(target, createDays(44)), { rows: 10, inserted: 5, total: 80, stats: { endedBy: 'since' } })
  await other(34, { mode: 'replace', since: undefined, maxLostShare: 1 })
  t.match(
    await load(target, createDays(44)),
    { rows: 45, inserted: 45, total: 80 },
    'the other report has replaced all rows',
  )
})

testBoth('the watermark is not later than the start of the export', async (t, target) => {
  const wrong = createInstance('wrong', { startDate: '2099-01-01T00:00:00.000+0000' })
  const before = Date.now()
  const { watermark, stats } = await load(target, [wrong, ...createDays(39)])
  t.strictSame(watermark, stats.startedAt)
  t.ok(watermark!.getTime() >= before)
  t.match(await load(target, [wrong, ...createDays(44)], { lookback: '36500d' }), { inserted: 5, total: 46 })
})

testBoth('the address of a report means the same report as its id', async (t, target) => {
  const mode = { mode: 'merge', sortedBy: 'startDate', since: 'last' } as const
  const read = (reportId: string) =>
    loadFromFake(
      target.into(),
      { data: createDays(39), reportId: 'r' },
      { ...mode, omit: ['flowNodeInstances'], source: { limit: 10, reportId } },
    )
  t.match(await read('https://optimize.example.com/#/collection/c/report/r/?tab=1'), whole)
  t.match(await read('r'), { ...newest, total: 40 })
  t.strictSame(await target.query('SELECT DISTINCT report_id FROM _optimize_loads'), [{ report_id: 'r' }])
})

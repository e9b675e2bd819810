import t from 'tap'
import { askPage, page, start } from './support/client.js'

const message =
  'All records are delivered in this response regardless of the set limit, since result pagination is only supported for raw data reports.'

t.test('a number report has one double, which counts as one record, and no searchRequestId', async (t) => {
  const optimize = await start(t, { report: 'number', records: 7 })
  const expected = `{"numberOfRecordsInResponse":1,"totalNumberOfRecords":1,"reportId":"${optimize.reportId}","data":7.0}`
  t.equal((await askPage(optimize)).body.toString(), expected)
  t.equal((await askPage(optimize, { searchRequestId: 'any' })).body.toString(), expected, 'the parameter is ignored')
  optimize.insert(1)
  t.equal((await page(optimize)).data, 8)
  t.equal(optimize.openContexts, 0)
})

t.test('a number report with the limit 0 has the message', async (t) => {
  t.equal((await page(await start(t, { report: 'number' }), { limit: 0 })).message, message)
})

t.test('a report without a result has no data', async (t) => {
  for (const report of ['number', 'map', 'hyperMap'] as const) {
    const optimize = await start(t, { report, noData: true })
    t.same(await page(optimize), { numberOfRecordsInResponse: 0, totalNumberOfRecords: 0, reportId: optimize.reportId })
  }
})

t.test('a map has entries whose value may be null, with a label, and the key "missing"', async (t) => {
  const optimize = await start(t, { report: 'map', records: 12 })
  const answer = await askPage(optimize)
  const { data, ...rest } = await page(optimize)
  t.same(rest, { numberOfRecordsInResponse: 12, totalNumberOfRecords: 12, reportId: optimize.reportId })
  for (const entry of data!) t.same(Object.keys(entry), ['key', 'value', 'label'])
  t.equal(new Set(data!.map(({ key }) => key)).size, 12)
  t.ok(data!.some(({ value }) => value === null))
  t.ok(data!.every(({ value }) => value === null || typeof value === 'number'))
  t.match(data!.at(-1), { key: 'missing', label: 'missing' })
  t.notMatch(answer.body.toString(), /"value":\d+,/, 'doubles have decimals')
  t.equal(answer.status, 200)
})

t.test('a hyper-map has entries whose value is a list of entries', async (t) => {
  const { data } = await page(await start(t, { report: 'hyperMap', records: 5 }))
  for (const { key, value, label } of data!) {
    t.type(key, 'string')
    t.type(label, 'string')
    for (const pair of value as object[]) t.same(Object.keys(pair), ['key', 'value', 'label'])
  }
  t.ok(data!.some(({ value }) => (value as object[]).length > 1))
})

t.test('a map beyond the limit is sent completely, with a message, for each request', async (t) => {
  const optimize = await start(t, { report: 'map', records: 5 })
  const first = await page(optimize, { limit: 4 })
  t.equal(first.message, message)
  t.equal(first.data!.length, 5)
  t.same(await page(optimize, { limit: 4, searchRequestId: 'any' }), first)
  t.notOk('message' in (await page(optimize, { limit: 5 })))
  t.notOk('searchRequestId' in first)
})

t.test('an empty map has an empty list', async (t) => {
  t.match(await page(await start(t, { report: 'map', records: 0 })), { numberOfRecordsInResponse: 0, data: [] })
})

t.test('the entries of a map, or the number, may be given', async (t) => {
  const entry = { key: 'a', value: 1.5, label: 'A' }
  t.same((await page(await start(t, { report: 'map', data: [entry] }))).data, [entry])
  const number = await start(t, { report: 'number', data: ['1.0E10'] })
  t.match((await askPage(number)).body.toString(), /"data":1\.0E10\}$/)
})

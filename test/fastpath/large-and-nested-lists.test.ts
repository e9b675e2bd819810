// Lists in lists, lists larger than a block of a kernel, and more nulls than a Parquet page has values.
import t from 'tap'
import { flowNodeEvents, toCsv, toNdjson, toParquet } from '../../lib/index.js'
import { assertSameBothWays, encodeBothWays, type EncodedFile } from '../support/encode/encode-both-ways.js'
import { renderPage } from '../support/random/hostile-pages.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'

t.test('a list inside an element with the keys of the outer elements is scanned', async (t) => {
  const nested = (id: number) =>
    `{"processInstanceId":"${id}","list":[{"id":1,"children":[{"id":2,"children":[]},{"id":3,"name":"x"}]}]}`
  const flat = (id: number) => `{"processInstanceId":"${id}","list":[{"id":3,"name":"x"}]}`
  const records = Array.from({ length: 12 }, (_, id) => (id % 2 === 0 ? nested(id) : flat(id)))
  const file = await assertSameBothWays([renderPage(records, records.length, 'c')], () => toNdjson())
  t.strictSame((file as EncodedFile).bytes.toString().trimEnd().split('\n'), records)
})

const renderInstances = (count: number, name: string) =>
  Array.from(
    { length: count },
    (_, at) => `{"id":"n${at}","name":"${name}","startDate":"2024-05-31T06:11:26.123+0000","endDate":null}`,
  ).join()

t.test('the events of a record that is larger than a block are those of its object', async (t) => {
  const records = [1, 400, 3].map(
    (count, id) => `{"processInstanceId":"${id}","flowNodeInstances":[${renderInstances(count, 'x'.repeat(1000))}]}`,
  )
  const page = renderPage(records, records.length, 'c')
  const file = await assertSameBothWays(
    [page],
    () => toCsv(),
    () => [flowNodeEvents()],
  )
  t.equal((file as EncodedFile).stats.rows, 404)
})

t.test('readers read a leaf with more nulls than a data page has values', async (t) => {
  const records = [1, 2, 3].map(
    (id) => `{"processInstanceId":"${id}","flowNodeInstances":[${renderInstances(90_000, 'x')}]}`,
  )
  for (const file of await encodeBothWays([renderPage(records, records.length, 'c')], () => toParquet())) {
    const { rows } = await readBytesWithDuckdb(
      file,
      'SELECT count(*)::INT, count(f.endDate)::INT, count(f.id)::INT FROM (SELECT unnest(flowNodeInstances) AS f FROM file)',
    )
    t.strictSame(rows, [[270_000, 0, 270_000]])
  }
})

// One export, one scroll, two files: instances and their events.
import { Writable } from 'node:stream'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { readWithDuckdb } from '../support/readers/read-parquet.js'
import { atomicFile, exportStream, flowNodeEvents, toCsv, toParquet } from '../../lib/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'

const server = await startFakeOptimize({ records: 700 })
t.teardown(() => server.close())
const open = () =>
  exportStream({ baseUrl: server.url, reportId: server.reportId, accessToken: server.token, limit: 100 })

t.test('instances and events of one export go to two files, every one once', async (t) => {
  const folder = t.testdir()
  const [instances, events] = [join(folder, 'instances.parquet'), join(folder, 'events.csv')]
  const before = server.requests.length
  const source = open()
  await Promise.all([
    pipeline(source, toParquet(), atomicFile(instances)),
    pipeline(source, flowNodeEvents({ fields: ['processDefinitionKey'] }), toCsv(), atomicFile(events)),
  ])
  t.equal(server.requests.length - before, 7, 'one scroll')
  t.match(source.stats, { records: 700, complete: true })
  const { rows } = await readWithDuckdb(instances, 'SELECT processInstanceId, len(flowNodeInstances) FROM file')
  t.strictSame(
    rows.map(([id]) => id),
    server.ids(),
  )
  const log = parse<Record<string, string>>(readFileSync(events), { columns: true })
  t.strictSame(Object.keys(log[0]!), [
    'processInstanceId',
    'flowNodeInstanceId',
    'flowNodeName',
    'startDate',
    'endDate',
    'processDefinitionKey',
  ])
  const expected = rows.flatMap(([id, count]) => Array.from({ length: Number(count) }, () => id))
  t.strictSame(
    log.map((event) => event['processInstanceId']),
    expected,
  )
})

t.test('the slower of two sinks sets the pace for both', async (t) => {
  const source = open()
  let fast = 0
  const release: (() => void)[] = []
  const before = server.requests.length
  const stuck = new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (_record, _encoding, done) => void release.push(done),
  })
  const counter = new Writable({
    objectMode: true,
    highWaterMark: 1,
    write(_record, _encoding, done) {
      fast++
      done()
    },
  })
  const both = Promise.allSettled([pipeline(source, stuck), pipeline(source, counter)])
  while (release.length === 0) await new Promise((resolve) => setImmediate(resolve))
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  t.ok(fast <= 40, `the other sink waits, after ${fast} records`)
  t.equal(server.requests.length - before, 1, 'and so does the source')
  source.destroy()
  await both
})

t.test('several files of one export cause no warning', async (t) => {
  const warnings: string[] = []
  const hear = ({ name }: Error) => warnings.push(name)
  process.on('warning', hear)
  const source = exportStream({ baseUrl: server.url, reportId: server.reportId, accessToken: server.token })
  const folder = t.testdir()
  const file = (at: number) => pipeline(source, toCsv(), atomicFile(join(folder, `${at}.csv`)))
  await Promise.all(Array.from({ length: 5 }, (_, at) => file(at)))
  process.off('warning', hear)
  t.strictSame(warnings, [])
  const first = readFileSync(join(folder, '0.csv'))
  t.ok([1, 2, 3, 4].every((at) => readFileSync(join(folder, `${at}.csv`)).equals(first)))
})

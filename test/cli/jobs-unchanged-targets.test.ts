// `run` checks its targets in a bucket, and compares its files with those of the last run.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { toNdjson } from '../../lib/index.js'
import { DefinitionList } from '../../lib/cli/export/definition-list.js'
import { createJobsFolder } from '../support/command/jobs.js'
import { createInstance } from '../support/loads/instances.js'
import { startS3 } from '../support/servers/s3-server.js'
import { startWatched } from '../support/servers/watched-server.js'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

t.setTimeout(120_000)

const HEAD = 'version: 1\ndefaults: { retry-min-delay: 1, retry-max-delay: 5 }\n'

t.test('a job to a bucket is fresh or done while its objects and their receipts are there', async (t) => {
  const server = await startWatched(t, { records: 30, collections: { c: ['r1', 'r2'] } })
  const store = await startS3()
  t.teardown(() => store.close())
  // the SDK reads the environment of the process
  Object.assign(process.env, store.env)
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs:
  - { name: file, report: r1, out: 's3://lake/n/a.csv', events: true, fresh-for: 20h }
  - { name: folder, report: r1, out: s3://lake/f/, format: parquet, fresh-for: 20h }
  - { name: plain, report: r2, out: 's3://lake/plain.ndjson' }
`)
  const endings = async (...argv: string[]) => {
    const { document, stderr } = await jobs.runJson(...argv)
    return { ...Object.fromEntries(document.jobs.map(({ name, result }) => [name, result])), stderr }
  }
  const objects = store.buckets.get('lake')!
  const complete = { file: 'complete', folder: 'complete', plain: 'complete' }
  t.match(await endings(), complete)
  t.match(await endings(), { file: 'fresh', folder: 'fresh', plain: 'complete' })
  t.match(await endings('--resume'), { file: 'done', folder: 'done', plain: 'done' })
  const before = server.requests.length
  objects.delete('n/a.events.csv')
  t.match(await endings(), { file: 'complete', folder: 'fresh' }, 'an object is gone')
  t.equal(server.requests.length, before + 2, 'one search for both files')
  objects.delete('f/_receipts/r1.parquet.json')
  t.match(await endings(), { file: 'fresh', folder: 'complete' }, 'a receipt is gone')
  const other = objects.get('n/a.csv')!
  objects.set('n/a.csv', { ...other, bytes: Buffer.concat([other.bytes, Buffer.from('x')]) })
  t.match(await endings(), { file: 'complete' }, 'another object')
  const receipt = objects.get('n/a.csv.json')!
  objects.set('n/a.csv.json', {
    ...receipt,
    bytes: Buffer.from(receipt.bytes.toString().replace(/"sha256": "./, '"sha256": "x')),
  })
  t.match(await endings(), { file: 'complete' }, 'a receipt of another object')
  store.onRequest = ({ operation }) => (operation === 'HeadObject' ? [403, 'AccessDenied'] : undefined)
  t.match(await endings(), { file: 'complete', folder: 'complete' }, 'credentials that may not look')
})

t.test('a job that loads is fresh or done while its table and its event table exist', async (t) => {
  const server = await startWatched(t, { records: 3 })
  const jobs = createJobsFolder(t, server)
  const database = join(jobs.folder, 'w.duckdb')
  jobs.write(`${HEAD}jobs:
  - { name: load, report: ${server.reportId}, into: 'duckdb:DIR/w.duckdb', table: orders, events: true, fresh-for: 20h }
`)
  const run = async (...argv: string[]) => (await jobs.runJson(...argv)).document.jobs[0]!.result
  t.equal(await run(), 'complete')
  t.equal(await run(), 'fresh')
  for (const [table, ...argv] of [['orders_events'], ['orders_events', '--resume'], ['orders']] as const) {
    const instance = await DuckDBInstance.create(database)
    const connection = await instance.connect()
    await connection.run(`DROP TABLE ${table}`)
    connection.closeSync()
    instance.closeSync()
    t.equal(await run(...argv), 'complete', `${table} is gone`)
    t.equal(await run('--resume'), 'done')
  }
})

t.test('a job that writes a dataset is fresh while the manifest and its files are as the job left them', async (t) => {
  const server = await startWatched(t, { records: 30 })
  const store = await startS3()
  t.teardown(() => store.close())
  Object.assign(process.env, store.env)
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs:
  - { name: disk, report: ${server.reportId}, out: DIR/data/, partition-by: startDate:month, fresh-for: 20h }
  - { name: bucket, report: ${server.reportId}, out: s3://lake/data/, file-rows: 10, fresh-for: 20h }
`)
  const run = async () => {
    const { document } = await jobs.runJson()
    return Object.fromEntries(document.jobs.map(({ name, result }) => [name, result]))
  }
  const [complete, fresh] = [
    { disk: 'complete', bucket: 'complete' },
    { disk: 'fresh', bucket: 'fresh' },
  ]
  t.strictSame(await run(), complete)
  t.strictSame(await run(), fresh)
  const { files } = JSON.parse(jobs.read('data/_manifest.json')) as { files: { path: string }[] }
  rmSync(join(jobs.folder, 'data', files[0]!.path))
  t.strictSame(await run(), { ...fresh, disk: 'complete' }, 'a file is gone')
  rmSync(join(jobs.folder, 'data/_manifest.json'))
  store.buckets.get('lake')!.delete('data/_manifest.json')
  t.strictSame(await run(), complete, 'the manifest is gone')
  await jobs.run('--only', 'bucket')
  t.strictSame(await run(), fresh)
})

t.test('a warning of a store is a line of the JSON log', async (t) => {
  const server = await startWatched(t, { records: 30, collections: { c: ['r1'] } })
  const store = await startS3()
  t.teardown(() => store.close())
  Object.assign(process.env, store.env)
  store.onRequest = ({ operation }) => (operation === 'AbortMultipartUpload' ? [403, 'AccessDenied'] : undefined)
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs: [{ name: a, report: r1, out: 's3://lake/a.csv' }]`)
  const { stderr } = await jobs.run('--log-format', 'json')
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string })
  t.match(
    lines.find(({ event }) => event === 'warning'),
    { level: 'warning', message: /an upload to s3:\/\/lake\/a\.csv could not be aborted/ },
  )
})

const withDefinition = (id: string, at: number) =>
  createInstance(`id-${at}`, { processDefinitionId: id, variables: { amount: at } })

t.test('definitions that appeared or vanished since the last run are reported, for each format', async (t) => {
  const data = (...ids: string[]) => Array.from({ length: 40 }, (_, at) => withDefinition(ids[at % ids.length]!, at))
  const before = await startWatched(t, { data: data('order:1', 'ordér:1') })
  const after = await startWatched(t, { data: data('order:2', 'ordér:1', 'two\nlines') })
  const jobs = createJobsFolder(t, before)
  const write = (url: string, flags = '') =>
    jobs.write(`${HEAD}url: ${url}\njobs:
  - { name: csv, report: ${before.reportId}, out: DIR/a.csv, events: true, limit: 7${flags} }
  - { name: lines, report: ${before.reportId}, out: DIR/a.ndjson${flags} }
  - { name: xlsx, report: ${before.reportId}, out: DIR/a.xlsx${flags} }
`)
  write(before.url)
  t.equal((await jobs.run()).code, 0)
  const receipt = JSON.parse(jobs.read('a.csv.json')) as { definitions: string[] }
  t.strictSame(receipt.definitions, ['order:1', 'ordér:1'])
  t.match(JSON.parse(jobs.read('a.events.csv.json')), { definitions: receipt.definitions })
  write(after.url)
  const { document, stderr } = await jobs.runJson()
  const changes = ['instances of order:2 appeared', 'instances of two\nlines appeared', 'instances of order:1 vanished']
  t.strictSame(
    document.jobs.map((job) => job.changes),
    [changes, changes, changes],
  )
  t.match(stderr, /^csv: changed: instances of order:2 appeared$/m)
  t.match(stderr, /^csv: changed: instances of two\\nlines appeared$/m)
  write(before.url, ', max-records: 1')
  const part = await jobs.runJson()
  t.strictSame(
    part.document.jobs.map((job) => job.changes.filter((change) => change.includes('instances'))),
    [[], [], []],
    'a part of a report has only some of them',
  )
})

t.test('a file with columns and one without are compared by their definitions', async (t) => {
  const before = await startWatched(t, { data: [withDefinition('a:1', 0)] })
  const after = await startWatched(t, { data: [withDefinition('b:1', 0)] })
  const jobs = createJobsFolder(t)
  const write = ({ url, token, reportId }: typeof before, format: string) =>
    jobs.write(
      `${HEAD}url: ${url}\ntoken: ${token}\njobs: [{ name: a, report: ${reportId}, out: DIR/data, format: ${format} }]`,
    )
  write(before, 'csv')
  await jobs.run()
  write(after, 'ndjson')
  t.strictSame((await jobs.runJson()).document.jobs[0]!.changes, [
    'instances of b:1 appeared',
    'instances of a:1 vanished',
  ])
})

t.test('receipts have no definitions if the report has none or too many', async (t) => {
  const collect = async (records: object[]) => {
    const list = new DefinitionList()
    const source = Readable.from(records)
    const file = new PassThrough().resume()
    const written = pipeline(source, toNdjson(), list.createEndDelay(), file)
    await Promise.all([list.collect(source), written])
    return list.ids
  }
  t.equal(await collect([{ value: 7 }]), undefined)
  t.equal(await collect([{ processDefinitionId: null }]), undefined)
  t.strictSame(await collect([{ decisionDefinitionId: 'b' }, { decisionDefinitionId: 'a' }]), ['a', 'b'])
  t.strictSame(await collect([{ processDefinitionId: 'a,"b"' }]), ['a,"b"'])
  const many = (count: number) => Array.from({ length: count }, (_, at) => ({ processDefinitionId: `p:${at}` }))
  t.equal((await collect(many(1000)))?.length, 1000)
  t.equal(await collect(many(1001)), undefined)
})

t.test('a failure of the source is the failure of the job, and no file appears', async (t) => {
  const server = await startWatched(t, { records: 60, faults: [{ kind: 'redirect', page: 2, times: Infinity }] })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs: [{ name: a, report: ${server.reportId}, out: DIR/a.csv, limit: 20, max-restarts: 0 }]`)
  const { code, document } = await jobs.runJson()
  t.equal(code, 1)
  t.match(document.jobs, [{ result: 'failed', code: 'ERR_RESPONSE' }])
  t.notOk(jobs.has('a.csv'))
})

import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { runCommand } from '../support/command/command-line.js'
import { listFiles, readManifestFile, verifyManifest } from '../support/readers/dataset-folder.js'
import { createJobsFolder } from '../support/command/jobs.js'
import { startS3 } from '../support/servers/s3-server.js'

async function start(t: Test) {
  const fake = await startFakeOptimize({ records: 300 })
  t.teardown(() => fake.close())
  const env = { OPTIMIZE_URL: fake.url, OPTIMIZE_TOKEN: fake.token }
  const run = (...argv: string[]) => runCommand(['export', '--report', fake.reportId, ...argv], { env })
  return { fake, run, folder: t.testdir({}) }
}

t.test('--partition-by writes a dataset into the folder, and --append adds to it', async (t) => {
  const { run, folder, fake } = await start(t)
  const argv = ['--out', `${folder}/orders/`, '--partition-by', 'startDate:month', '--file-rows', '100']
  const { code, stderr } = await run(...argv)
  t.equal(code, 0)
  t.match(stderr, /^orders: 300 rows, 31 columns, .* in .*, \d files$/m)
  const orders = join(folder, 'orders')
  t.equal(verifyManifest(orders), 300)
  t.match(readManifestFile(orders), {
    reportId: fake.reportId,
    complete: true,
    records: 300,
    format: 'parquet',
    columns: 31,
  })
  t.ok(
    listFiles(orders).every(
      (name) => name === '_manifest.json' || /^startdate_month=20\d\d-\d\d\/part-.*\.parquet$/.test(name),
    ),
  )
  const appended = await run(...argv, '--append', '--json')
  t.match(JSON.parse(appended.stdout), {
    file: `${orders}/`,
    receipt: join(orders, '_manifest.json'),
    rows: 600,
    run: { mode: 'append', rows: 300 },
  })
  t.match(appended.stderr, /300 rows/)
  t.equal(verifyManifest(orders), 600)
})

t.test('after a failure the folders that were created and are empty are removed', async (t) => {
  const { run, folder } = await start(t)
  t.equal((await run('--out', `${folder}/new/deep/`, '--partition-by', 'nope', '--strict')).code, 1)
  t.equal((await run('--out', `${folder}/new/`, '--pick', 'nope')).code, 1)
  t.equal((await run('--report', 'none', '--out', `${folder}/all`, '--partition-by', 'nope', '--strict')).code, 1)
  t.strictSame(readdirSync(folder), [])
  mkdirSync(join(folder, 'old'))
  t.equal((await run('--out', `${folder}/old/a/`, '--partition-by', 'nope', '--strict')).code, 1)
  t.equal((await run('--out', `${folder}/old/`, '--partition-by', 'nope', '--strict')).code, 1)
  t.strictSame(readdirSync(folder, { recursive: true }), ['old'])
})

t.test('an event log, gzipped CSV and several reports can be written as datasets', async (t) => {
  const { run, folder, fake } = await start(t)
  t.equal(
    (await run('--events', `${folder}/events/`, '--partition-by', 'startDate:day', '--fields', 'businessKey')).code,
    0,
  )
  t.ok(verifyManifest(join(folder, 'events'))! > 300)
  t.equal((await run('--out', `${folder}/csv/`, '--file-bytes', '1kB', '--format', 'csv', '--gzip')).code, 0)
  t.match(listFiles(join(folder, 'csv'))[1], /^part-00000-.*\.csv\.gz$/)
  t.equal(
    (await run('--report', fake.reportId, '--report', 'none', '--out', `${folder}/all`, '--partition-by', 'tenantId'))
      .code,
    1,
  )
  t.equal(verifyManifest(join(folder, 'all', fake.reportId)), 300)
})

t.test('a dataset can be written to a bucket, also by a job', async (t) => {
  const { run, fake } = await start(t)
  const store = await startS3()
  t.teardown(() => store.close())
  Object.assign(process.env, store.env)
  t.equal((await run('--out', 's3://lake/orders/', '--partition-by', 'startDate:month')).code, 0)
  const keys = [...store.buckets.get('lake')!.keys()].sort()
  t.equal(keys[0], 'orders/_manifest.json')
  t.ok(keys.slice(1).every((key) => /^orders\/startdate_month=.*\/part-.*\.parquet$/.test(key)))
  const none = await run('--out', 's3://none/orders/', '--partition-by', 'startDate:month')
  t.match(none.stderr, /s3:\/\/none\/orders\/_manifest.json: the bucket does not exist/)
  const jobs = createJobsFolder(t, fake)
  jobs.write(`version: 1
url: ${fake.url}
jobs:
  - { name: orders, report: ${fake.reportId}, out: s3://lake/jobs/, partition-by: startDate:month }
`)
  const { code, document } = await jobs.runJson()
  t.equal(code, 0)
  t.match(document.jobs, [{ name: 'orders', result: 'complete', rows: 300 }])
  t.ok(store.read('s3://lake/jobs/_manifest.json'))
})

t.test('flags and targets that do not fit are usage errors, named as the user wrote them', async (t) => {
  const { run, folder, fake } = await start(t)
  const expectUsage = async (argv: string[], message: RegExp) => {
    const { code, stderr } = await run(...argv)
    t.equal(code, 2)
    t.match(stderr, message)
  }
  const partition = ['--partition-by', 'startDate:month']
  await expectUsage(['--out', '-', ...partition], /-: expected a folder for a dataset, such as orders\//)
  await expectUsage(
    ['--out', `${folder}/a.parquet`, ...partition],
    /a.parquet: expected a folder for a dataset, such as .*a.parquet\//,
  )
  await expectUsage(
    ['--out', `${folder}/`, ...partition, '--events', `${folder}/e/`],
    /--partition-by: expected --out or --events, got both/,
  )
  await expectUsage(
    ['--out', `${folder}/`, ...partition, '--format', 'xlsx'],
    /--format: expected parquet, csv or ndjson for a dataset, got xlsx/,
  )
  await expectUsage(
    ['--events', `${folder}/`, ...partition, '--events-format', 'xlsx'],
    /--events-format: expected parquet, csv or ndjson for a dataset, got xlsx/,
  )
  await expectUsage(['--out', `${folder}/`, '--file-rows', '0'], /--file-rows: expected an integer of at least 1/)
  await expectUsage(['--out', `${folder}/`, ...partition, '--codec', 'x'], /--codec: expected/)
  await expectUsage(['--out', `${folder}/`, ...partition, '--delimiter', ';'], /--delimiter: is not for parquet/)
  await expectUsage(['--out', `${folder}/`, ...partition, '--gzip'], /--gzip: a Parquet file is compressed internally/)
  await expectUsage(['--events', `${folder}/`, ...partition, '--events-naming', 'x'], /--events-naming: expected/)
  await expectUsage(
    ['--events', `${folder}/`, ...partition, '--pick', 'a'],
    /--pick: is for the records, which need --out/,
  )
  await expectUsage(
    ['--out', `${folder}/`, '--partition-by', 'startDate:week'],
    /--partition-by: expected a date with :day, :month or :year, got "startDate:week"$/m,
  )
  t.equal(fake.requests.length, 0)
  const { stderr } = await run('--out', `${folder}/`, '--partition-by', 'tenantID')
  t.match(stderr, /partitionBy: no record has "tenantID", did you mean "tenantId" \(ERR_UNMATCHED_NAME\)/)
})

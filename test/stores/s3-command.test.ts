import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { runCommand, startCommand } from '../support/command/command-line.js'
import { createJobsFolder } from '../support/command/jobs.js'
import { SECRET_KEY, startS3, type S3Server } from '../support/servers/s3-server.js'

async function start(t: Test, options: FakeOptimizeOptions = {}) {
  const [store, fake] = await Promise.all([startS3(), startFakeOptimize({ records: 300, ...options })])
  t.teardown(() => Promise.all([store.close(), fake.close()]))
  // the SDK reads the environment of the process
  Object.assign(process.env, store.env)
  const env = { OPTIMIZE_URL: fake.url, OPTIMIZE_TOKEN: fake.token }
  const run = (...argv: string[]) => runCommand(['export', '--quiet', '--report', fake.reportId, ...argv], { env })
  return { store, fake, env, run }
}

const listKeys = ({ buckets }: S3Server) => [...buckets.get('lake')!.keys()].sort()

t.test('every format, event logs and receipts have the same bytes in a bucket as on the disk', async (t) => {
  const { store, run } = await start(t)
  const folder = t.testdir({})
  for (const name of ['a.csv', 'a.csv.gz', 'a.ndjson', 'a.parquet']) {
    const events = `events-of-${name}`
    const { code, stderr } = await run('--out', `s3://lake/n/${name}`, '--events', `s3://lake/n/${events}`)
    t.strictSame([code, stderr], [0, ''], name)
    await run('--out', join(folder, name), '--events', join(folder, events))
    if (name.endsWith('.parquet')) continue
    for (const file of [name, events])
      t.ok(
        store.buckets
          .get('lake')!
          .get(`n/${file}`)!
          .bytes.equals(readFileSync(join(folder, file))),
        file,
      )
  }
  t.strictSame(
    listKeys(store).filter((key) => key.endsWith('.json')),
    ['a.csv', 'a.csv.gz', 'a.ndjson', 'a.parquet']
      .flatMap((name) => [`n/${name}.json`, `n/events-of-${name}.json`])
      .sort(),
  )
  t.equal(store.uploads.size, 0)
})

t.test('a folder in a bucket has files named after the reports, and receipts in a folder of their own', async (t) => {
  const { store, fake, run } = await start(t)
  const { code, stdout } = await run('--out', 's3://lake/folder/', '--format', 'csv', '--json')
  t.equal(code, 0)
  t.strictSame(listKeys(store), [`folder/${fake.reportId}.csv`, `folder/_receipts/${fake.reportId}.csv.json`].sort())
  t.match(JSON.parse(stdout), {
    file: `s3://lake/folder/${fake.reportId}.csv`,
    receipt: `s3://lake/folder/_receipts/${fake.reportId}.csv.json`,
    rows: 300,
    complete: true,
    sha256: /^[\da-f]{64}$/,
  })
})

t.test('a wrong bucket, secret or right ends the command before Optimize gets a request', async (t) => {
  const { store, fake, run } = await start(t)
  const out = 's3://lake/a.csv'
  const none = await run('--out', 's3://none/a.csv')
  t.equal(none.code, 5)
  t.match(
    none.stderr,
    /^optimize-export: s3:\/\/none\/a.csv: the bucket does not exist at http:\/\/127\.0\.0\.1:\d+ \(ERR_DESTINATION\)\n {2}more: optimize-export help ERR_DESTINATION\n$/,
  )
  process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong-secret-wrong-secret'
  const wrong = await run('--out', out)
  t.match(
    wrong.stderr,
    /the secret key is not that of the access key; the credentials are from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY \(/,
  )
  t.notMatch(wrong.stderr, 'wrong-secret')
  process.env['AWS_SECRET_ACCESS_KEY'] = SECRET_KEY
  store.onRequest = () => [403, 'AccessDenied']
  const denied = await run('--out', out)
  t.match(denied.stderr, /the credentials are right but may not write \(AccessDenied\)/)
  store.onRequest = () => undefined
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_REGION']) {
    const value = process.env[name]!
    Reflect.deleteProperty(process.env, name)
    const { code, stderr } = await run('--out', out)
    process.env[name] = value
    t.equal(code, 5)
    t.match(
      stderr,
      name === 'AWS_REGION' ? /no region found; set AWS_REGION/ : /no credentials found; set AWS_ACCESS_KEY_ID/,
    )
  }
  t.equal(fake.requests.length, 0)
  t.strictSame(listKeys(store), [])
})

t.test('the message about credentials of a profile names the profile', async (t) => {
  const { run } = await start(t)
  const folder = t.testdir({ credentials: '[night]\naws_access_key_id = AKIAUNKNOWN\naws_secret_access_key = x\n' })
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env
  delete process.env['AWS_ACCESS_KEY_ID']
  delete process.env['AWS_SECRET_ACCESS_KEY']
  Object.assign(process.env, { AWS_PROFILE: 'night', AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials') })
  const { stderr } = await run('--out', 's3://lake/a.csv')
  Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY })
  delete process.env['AWS_PROFILE']
  t.match(stderr, /does not know the access key; the credentials are from the profile night of ~\/\.aws/)
})

t.test('flags and addresses that are wrong are usage errors', async (t) => {
  const { run } = await start(t)
  const expectUsage = async (argv: string[], message: RegExp) => {
    const { code, stderr } = await run(...argv)
    t.equal(code, 2)
    t.match(stderr, message)
  }
  await expectUsage(['--out', 's3://lake', '--format', 'csv'], /s3:\/\/lake: expected an address s3:\/\/bucket\/key/)
  await expectUsage(['--out', 'a.csv', '--s3-if-none-match'], /--s3-if-none-match: needs s3:\/\/bucket\/key/)
  await expectUsage(
    ['--out', 's3://lake/a.csv', '--s3-parameters', 'x'],
    /--s3-parameters: expected an object of strings/,
  )
  for (const text of ['SSECustomerKy=Zm9vYmFy=', 'Zm9vYmFy=', 'x=SSECustomerKey=Zm9vYmFy='])
    t.notMatch((await run('--out', 's3://lake/a.csv', '--s3-parameters', text)).stderr, /Zm9v/)
  await expectUsage(
    ['--report', 'other', '--out', 's3://lake/a.csv'],
    /s3:\/\/lake\/a.csv: expected an address that ends with \/ for several reports/,
  )
})

t.test('parameters go to the object, and --s3-if-none-match keeps an object that exists', async (t) => {
  const { store, fake, run } = await start(t)
  const argv = ['--out', 's3://lake/a.csv', '--s3-if-none-match', '--s3-parameters']
  argv.push('ServerSideEncryption=AES256', 'Tagging=team=a&night=b')
  t.equal((await run(...argv)).code, 0)
  t.match(store.buckets.get('lake')!.get('a.csv')!.headers, {
    'x-amz-server-side-encryption': 'AES256',
    'x-amz-tagging': 'team=a&night=b',
  })
  const requests = fake.requests.length
  const { code, stderr } = await run(...argv)
  t.equal(code, 5)
  t.match(stderr, /the object already exists and was left unchanged/)
  t.equal(fake.requests.length, requests)
})

t.test('a failure of Optimize and an interrupt leave the old object, and no upload', async (t) => {
  const { store, run } = await start(t, { faults: [{ kind: '401', page: 2, times: Infinity }] })
  store.buckets.get('lake')!.set('a.csv', { bytes: Buffer.from('old'), etag: '"x"', headers: {} })
  const { code } = await run('--out', 's3://lake/a.csv', '--limit', '100')
  t.not(code, 0)
  t.equal(store.read('s3://lake/a.csv'), 'old')
  t.equal(store.uploads.size, 0)
  const second = await start(t)
  let onList!: () => void
  const listing = new Promise<void>((resolve) => (onList = resolve))
  second.store.onRequest = ({ operation }) => {
    if (operation !== 'ListMultipartUploads') return undefined
    onList()
    return 'hold'
  }
  const argv = ['export', '--report', second.fake.reportId, '--out', 's3://lake/a.csv']
  const running = startCommand(argv, { env: second.env })
  await listing
  running.signal('SIGTERM')
  t.equal(await running.code, 143)
  t.strictSame(listKeys(second.store), [])
  t.equal(second.store.uploads.size, 0)
})

t.test('an upload that cannot be aborted is a warning on stderr', async (t) => {
  const { store, run } = await start(t)
  let creates = 0
  store.onRequest = ({ operation }) => {
    if (operation === 'CreateMultipartUpload') creates++
    return creates > 1 && operation === 'AbortMultipartUpload' ? [403, 'AccessDenied'] : undefined
  }
  const { code, stderr } = await run('--out', 's3://lake/a.csv')
  t.equal(code, 0)
  t.match(stderr, /an upload to s3:\/\/lake\/a.csv could not be aborted/)
})

t.test('a job of a jobs file writes to a bucket, and checks it before Optimize gets a request', async (t) => {
  const { store, fake } = await start(t)
  const jobs = createJobsFolder(t, fake)
  const write = (bucket: string) =>
    jobs.write(`version: 1
url: ${fake.url}
jobs:
  - { name: orders, report: ${fake.reportId}, out: 's3://${bucket}/jobs/orders.csv' }
`)
  write('none')
  const failed = await jobs.runJson()
  t.equal(failed.code, 5)
  t.match(failed.document.jobs, [{ name: 'orders', code: 'ERR_DESTINATION', message: /bucket does not exist/ }])
  t.equal(fake.requests.length, 0)
  write('lake')
  const { code, document } = await jobs.runJson()
  t.equal(code, 0)
  t.match(document.jobs, [{ name: 'orders', result: 'complete', rows: 300 }])
  t.strictSame(listKeys(store), ['jobs/orders.csv', 'jobs/orders.csv.json'])
})

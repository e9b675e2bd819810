import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { S3Client } from '@aws-sdk/client-s3'
import t, { type Test } from 'tap'
import { atomicFiles } from '../../lib/files/atomic-file.js'
import type { WrittenReceipt } from '../../lib/files/file-options.js'
import { s3, s3File, type S3FileOptions } from '../../lib/stores/s3/index.js'
import { uploadLimits } from '../../lib/stores/s3/staged-object.js'
import { ACCESS_KEY, REGION, SECRET_KEY, startS3, type S3Fault, type S3Server } from '../support/servers/s3-server.js'

const MIB = 1024 ** 2
const ADDRESS = 's3://lake/night/orders.csv'

async function start(t: Test): Promise<S3Server> {
  const server = await startS3()
  t.teardown(() => server.close())
  return server
}

/** Creates a client with few attempts, so that an upload with a constant fault ends soon. */
function createClient(server: S3Server, options: object = {}): S3Client {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'
  return new S3Client({
    region: REGION,
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
    maxAttempts: 2,
    ...options,
  })
}

const upload = (server: S3Server, bytes: Iterable<Buffer | string>, options: S3FileOptions = {}, address = ADDRESS) =>
  pipeline(Readable.from(bytes), s3File(address, { client: createClient(server), ...options }))

const getOperations = ({ requests }: S3Server) => requests.map(({ operation }) => operation)

/** Makes each request of one operation fail. */
function failEach(server: S3Server, operation: string, fault: S3Fault): void {
  server.onRequest = (request) => (request.operation === operation ? fault : undefined)
}

/** Makes the first request of one operation fail. */
function failOnce(server: S3Server, operation: string, fault: S3Fault): void {
  let failed = false
  server.onRequest = (request) => {
    if (failed || request.operation !== operation) return undefined
    failed = true
    return fault
  }
}

t.test(
  'an object of less than one part is written by one request, with content type, metadata and parameters',
  async (t) => {
    const server = await start(t)
    const parameters = { ServerSideEncryption: 'AES256', StorageClass: 'STANDARD_IA' }
    await upload(server, ['a,b\n', '1,2\n'], { metadata: { night: '7' }, parameters })
    t.equal(server.read(ADDRESS), 'a,b\n1,2\n')
    const { headers } = server.buckets.get('lake')!.get('night/orders.csv')!
    const { 'x-amz-meta-optimize-export-id': id, ...others } = headers
    t.match(id, /^[\da-f-]{36}$/)
    t.strictSame(others, {
      'content-type': 'text/csv; charset=utf-8',
      'x-amz-meta-night': '7',
      'x-amz-server-side-encryption': 'AES256',
      'x-amz-storage-class': 'STANDARD_IA',
    })
    t.equal(server.uploads.size, 0, 'the upload that checked the rights is aborted')
    t.equal(getOperations(server).filter((operation) => operation === 'PutObject').length, 1)
  },
)

t.test('parameters about the bytes of a file are not put on its receipt', async (t) => {
  const server = await start(t)
  const parameters = { ContentEncoding: 'gzip', ContentLanguage: 'de', StorageClass: 'STANDARD_IA' }
  await upload(server, ['x'], { parameters, receipt: () => ({}) })
  const [file, receipt] = ['night/orders.csv', 'night/orders.csv.json'].map(
    (key) => server.requests.find((request) => request.operation === 'PutObject' && request.key === key)!.headers,
  )
  t.match(file, { 'content-encoding': /gzip/, 'content-language': 'de', 'x-amz-storage-class': 'STANDARD_IA' })
  t.match(receipt, { 'x-amz-storage-class': 'STANDARD_IA' })
  t.notMatch(receipt!['content-encoding'], /gzip/)
  t.notOk('content-language' in receipt!)
})

t.test(
  'a receipt that may not be read is found before the bytes are sent, and an archived one has its own words',
  async (t) => {
    const cases = [
      ['AccessDenied', /the credentials are right but may not read \(AccessDenied\)/],
      ['InvalidObjectState', /the object is archived; restore it, or write to another key/],
      ['AccountProblem', /cannot read: AccountProblem: AccountProblem/],
    ] as const
    for (const [name, message] of cases) {
      const server = await start(t)
      failEach(server, 'GetObject', [403, name])
      await t.rejects(upload(server, ['x'], { receipt: () => ({}) }), { code: 'ERR_DESTINATION', message })
      t.strictSame(getOperations(server), ['GetObject'])
    }
  },
)

t.test('many parts at the same time give no warning about listeners', async (t) => {
  const server = await start(t)
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  t.teardown(() => process.off('warning', note))
  await upload(server, [Buffer.alloc(65 * MIB)], { partSize: 5 * MIB, queueSize: 12 })
  t.strictSame(warnings, [])
})

t.test('every request names the owner of the bucket and who pays, if the user does', async (t) => {
  const server = await start(t)
  const parameters = { ExpectedBucketOwner: '123456789012', RequestPayer: 'requester' }
  const expected = { 'x-amz-expected-bucket-owner': '123456789012', 'x-amz-request-payer': 'requester' }
  server.uploads.set('old', {
    ...{ bucket: 'lake', key: 'night/orders.csv', headers: {}, initiated: new Date(0) },
    parts: new Map([[1, { bytes: Buffer.from('x'), etag: '"x"', date: new Date(0) }]]),
  })
  await upload(server, ['x'], { parameters })
  t.ok(server.requests.length > 3)
  for (const { operation, headers } of server.requests) t.match(headers, expected, operation)
})

t.test('the content type follows the key, or is the one that was given', async (t) => {
  const server = await start(t)
  const getType = async (key: string, options?: S3FileOptions) => {
    await upload(server, ['x'], options, `s3://lake/${key}`)
    return server.buckets.get('lake')!.get(key)!.headers['content-type']
  }
  t.equal(await getType('a.parquet'), 'application/vnd.apache.parquet')
  t.equal(await getType('a.arrows'), 'application/vnd.apache.arrow.stream')
  t.equal(await getType('a.ndjson'), 'application/x-ndjson')
  t.equal(await getType('a.csv.gz'), 'application/gzip')
  t.equal(await getType('a.xlsx'), 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
  t.equal(await getType('a.jsonocel'), 'application/json')
  t.equal(await getType('a.xes'), 'application/xml')
  t.equal(await getType('ü b=2/c+d'), 'application/octet-stream')
  t.equal(await getType('a.csv', { contentType: 'text/plain' }), 'text/plain')
})

t.test('a large object is uploaded in parts while it is written, and appears when it is whole', async (t) => {
  const server = await start(t)
  const chunks = Array.from({ length: 17 }, (_, index) => randomBytes(MIB + index))
  const whole = Buffer.concat(chunks)
  const seen: (string | undefined)[] = []
  server.onRequest = ({ operation }) => {
    if (operation === 'CompleteMultipartUpload') seen.push(server.read(ADDRESS))
    return undefined
  }
  await upload(server, chunks, { partSize: 5 * MIB, queueSize: 2 })
  t.strictSame(seen, [undefined])
  t.ok(server.buckets.get('lake')!.get('night/orders.csv')!.bytes.equals(whole))
  t.equal(getOperations(server).filter((operation) => operation === 'UploadPart').length, 4)
  t.equal(server.uploads.size, 0)
})

t.test('a write waits while as many parts are being sent as queueSize allows', async (t) => {
  const server = await start(t)
  let release!: () => void
  const held = new Promise<void>((resolve) => (release = resolve))
  let onPart!: () => void
  const twoParts = new Promise<void>((resolve) => {
    let count = 0
    onPart = () => ++count === 2 && resolve()
  })
  server.onRequest = async ({ operation }) => {
    if (operation !== 'UploadPart') return undefined
    onPart()
    await held
    return undefined
  }
  const file = s3File(ADDRESS, { client: createClient(server), partSize: 5 * MIB, queueSize: 2 })
  const chunk = Buffer.alloc(5 * MIB)
  file.write(chunk)
  file.write(chunk)
  await twoParts
  t.equal(file.write(chunk), false)
  t.ok(file.writableNeedDrain)
  t.equal(getOperations(server).filter((operation) => operation === 'UploadPart').length, 2)
  release()
  await once(file, 'drain')
  file.end()
  await once(file, 'close')
  t.equal(server.buckets.get('lake')!.get('night/orders.csv')!.bytes.length, 15 * MIB)
})

t.test('the receipt is written last, and an older one is removed before the object is replaced', async (t) => {
  const server = await start(t)
  const receipts: WrittenReceipt[] = []
  const options: S3FileOptions = { receipt: () => ({ rows: 1 }), onReceipt: (receipt) => receipts.push(receipt) }
  await upload(server, ['old'], options)
  server.requests.length = 0
  await upload(server, ['new'], options)
  const order = server.requests.map(({ operation, key }) => `${operation} ${key}`)
  t.strictSame(
    order.filter((line) => /^(GetObject|DeleteObject|PutObject)/.test(line)),
    [
      'GetObject night/orders.csv.json',
      'GetObject night/orders.csv.json',
      'DeleteObject night/orders.csv.json',
      'GetObject night/_receipts/orders.csv.json',
      'PutObject night/orders.csv',
      'PutObject night/orders.csv.json',
    ],
  )
  const receipt = JSON.parse(server.read(`${ADDRESS}.json`)!) as Record<string, unknown>
  t.match(receipt, { rows: 1, bytes: 3, sha256: '11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437' })
  t.match(receipts.at(-1), { path: `${ADDRESS}.json`, content: { rows: 1, bytes: 3 } })
  t.match(server.buckets.get('lake')!.get('night/orders.csv.json')!.headers, {
    'content-type': 'application/json',
    'x-amz-meta-optimize-export-id': /^[\da-f-]{36}$/,
  })
  await upload(server, ['x'], { ...options, receiptPlace: 'folder' }, 's3://lake/a.csv')
  t.match(server.read('s3://lake/_receipts/a.csv.json'), /"rows": 1/)
})

t.test('an older receipt at the other place is removed; another JSON object there stays', async (t) => {
  const server = await start(t)
  const receipt = () => ({ rows: 1 })
  const inFolder = 's3://lake/night/_receipts/orders.csv.json'
  await upload(server, ['old'], { receipt })
  await upload(server, ['new'], { receipt, receiptPlace: 'folder' })
  t.equal(server.read(`${ADDRESS}.json`), undefined)
  const earlier = server.read(inFolder)
  t.match(earlier, /"rows": 1/)
  server.onRequest = ({ operation, key }) =>
    operation === 'PutObject' && key === 'night/orders.csv' ? [403, 'AccessDenied'] : undefined
  await t.rejects(upload(server, ['x'], { receipt }), { code: 'ERR_DESTINATION', status: 403 })
  t.equal(server.read(inFolder), earlier, 'it is restored if the object cannot be replaced')
  server.onRequest = () => undefined
  await upload(server, ['{"mine":1}'], {}, `${ADDRESS}.json`)
  await upload(server, ['new'], { receipt, receiptPlace: 'folder' })
  t.equal(server.read(`${ADDRESS}.json`), '{"mine":1}')
  server.onRequest = ({ key }) => (key.includes('_receipts') ? [403, 'AccessDenied'] : undefined)
  await upload(server, ['newest'], { receipt })
  t.equal(server.read(ADDRESS), 'newest', 'credentials need no rights to the other place')
})

t.test('several objects appear when all of them are uploaded, also beside a local file', async (t) => {
  const server = await start(t)
  const store = s3({ client: createClient(server) })
  const local = `${t.testdir({})}/events.csv`
  const [first, second] = atomicFiles([{ path: ADDRESS, store }, { path: local }])
  await pipeline(Readable.from(['one']), first!)
  t.equal(server.read(ADDRESS), undefined, 'the first waits for the second')
  await pipeline(Readable.from(['two']), second!)
  t.equal(server.read(ADDRESS), 'one')
})

t.test('a failure of one file leaves the other object as it was, and no parts', async (t) => {
  const server = await start(t)
  await upload(server, ['old'])
  const store = s3({ client: createClient(server), partSize: 5 * MIB })
  const [first, second] = atomicFiles([
    { path: ADDRESS, store },
    { path: 's3://lake/events.csv', store },
  ])
  await pipeline(Readable.from([Buffer.alloc(6 * MIB)]), first!)
  second!.on('error', () => undefined)
  const closed = new Promise((resolve) => second!.once('close', resolve))
  second!.write('x')
  second!.destroy(new Error('the source failed'))
  await closed
  t.equal(server.read(ADDRESS), 'old')
  t.equal(server.uploads.size, 0)
})

t.test('if the second object cannot be written, the first one stays, and the message says so', async (t) => {
  const server = await start(t)
  const store = s3({ client: createClient(server) })
  await upload(server, ['old'], { receipt: () => ({ rows: 1 }) })
  server.onRequest = ({ operation, key }) =>
    operation === 'PutObject' && key === 'events.csv' ? [403, 'AccessDenied'] : undefined
  const [first, second] = atomicFiles([
    { path: ADDRESS, store, receipt: () => ({ rows: 2 }) },
    { path: 's3://lake/events.csv', store },
  ])
  const results = await Promise.allSettled([
    pipeline(Readable.from(['new']), first!),
    pipeline(Readable.from(['x']), second!),
  ])
  for (const result of results)
    t.match(result, {
      reason: {
        message:
          /may not write \(AccessDenied\).*s3:\/\/lake\/night\/orders.csv could not be restored, its new version is in place/s,
      },
    })
  t.equal(server.read(ADDRESS), 'new')
  t.equal(server.uploads.size, 0)
})

t.test('a removed receipt is restored if the object cannot be replaced', async (t) => {
  const server = await start(t)
  const options: S3FileOptions = { receipt: () => ({ rows: 1 }) }
  await upload(server, ['old'], options)
  const receipt = server.read(`${ADDRESS}.json`)
  server.onRequest = ({ operation, key }) =>
    operation === 'PutObject' && key === 'night/orders.csv' ? [403, 'AccessDenied'] : undefined
  await t.rejects(upload(server, ['new'], options), { code: 'ERR_DESTINATION', status: 403 })
  t.equal(server.read(ADDRESS), 'old')
  t.equal(server.read(`${ADDRESS}.json`), receipt)
})

t.test('ifNoneMatch refuses an object that exists at the start, and one that appears during the upload', async (t) => {
  const server = await start(t)
  await upload(server, ['new'], { ifNoneMatch: true })
  t.equal(server.read(ADDRESS), 'new')
  await t.rejects(upload(server, ['x'], { ifNoneMatch: true }), {
    code: 'ERR_DESTINATION',
    message: `${ADDRESS}: the object already exists and was left unchanged`,
  })
  const other = 's3://lake/other.csv'
  server.onRequest = async ({ operation, key }) => {
    if (operation !== 'PutObject' || key !== 'other.csv') return undefined
    server.onRequest = () => undefined
    await upload(server, ['theirs'], {}, other)
    return undefined
  }
  await t.rejects(upload(server, ['ours'], { ifNoneMatch: true }, other), {
    code: 'ERR_DESTINATION',
    status: 412,
    message: `${other}: the object already exists or was changed by another run, and was left unchanged`,
  })
  t.equal(server.read(other), 'theirs')
})

t.test('a lost answer is not a failure, because the object has the id of this upload', async (t) => {
  const server = await start(t)
  failOnce(server, 'CompleteMultipartUpload', 'lose')
  await upload(server, [Buffer.alloc(6 * MIB, 'a')], { partSize: 5 * MIB })
  t.equal(server.read(ADDRESS)?.length, 6 * MIB)
  failOnce(server, 'PutObject', 'lose')
  await upload(server, ['once'], { ifNoneMatch: true }, 's3://lake/once.csv')
  t.equal(server.read('s3://lake/once.csv'), 'once')
  for (const operation of ['CompleteMultipartUpload', 'PutObject']) {
    failEach(server, operation, 'lose')
    await upload(server, [operation.padEnd(6 * MIB)], { partSize: operation === 'PutObject' ? 7 * MIB : 5 * MIB })
    t.equal(server.read(ADDRESS)?.trimEnd(), operation, 'also if the answers to all attempts are lost')
  }
})

t.test('a request is repeated after 500, 503, and a connection that is cut in a part', async (t) => {
  for (const fault of [[500, 'InternalError'], [503, 'SlowDown'], 'cut'] as const) {
    const server = await start(t)
    failOnce(server, 'UploadPart', fault)
    await upload(server, [Buffer.alloc(6 * MIB, 'a')], { partSize: 5 * MIB })
    t.equal(server.read(ADDRESS)?.length, 6 * MIB, String(fault))
  }
})

t.test('a constant fault is an error that says what is wrong; the old object stays, and no parts', async (t) => {
  const cases: readonly (readonly [S3Fault, RegExp])[] = [
    [[500, 'InternalError'], /cannot write: InternalError: InternalError, after 2 attempts$/],
    [[503, 'SlowDown'], /the store keeps asking to slow down, after 2 attempts$/],
    [
      [403, 'AccessDenied'],
      /the credentials are right but may not write \(AccessDenied\); they are from the client in the options$/,
    ],
    [[400, 'ExpiredToken'], /the credentials have expired; they are from/],
    [[404, 'NoSuchBucket'], /the bucket does not exist at 127\.0\.0\.1:\d+$/],
    [[403, 'RequestTimeTooSkewed'], /the clock of this machine and that of the store differ/],
    ['cut', /the store cannot be reached \(E(CONNRESET|PIPE)\) at 127\.0\.0\.1:\d+/],
  ]
  for (const [fault, message] of cases) {
    const server = await start(t)
    await upload(server, ['old'])
    failEach(server, 'UploadPart', fault)
    const endless = function* () {
      for (;;) yield Buffer.alloc(MIB)
    }
    await t.rejects(
      upload(server, endless(), { partSize: 5 * MIB }),
      { code: 'ERR_DESTINATION', message },
      JSON.stringify(fault),
    )
    t.equal(server.read(ADDRESS), 'old')
    t.equal(server.uploads.size, 0)
  }
})

t.test('a request that is never answered ends by its time limit', async (t) => {
  const server = await start(t)
  failEach(server, 'CompleteMultipartUpload', 'hold')
  const client = createClient(server, { requestHandler: { socketTimeout: 500 } })
  await t.rejects(upload(server, [Buffer.alloc(6 * MIB)], { client, partSize: 5 * MIB }), {
    code: 'ERR_DESTINATION',
    message: /the store cannot be reached \(TimeoutError\)/,
  })
  t.equal(server.read(ADDRESS), undefined)
  t.equal(server.uploads.size, 0)
})

t.test('the error says what is wrong with the bucket or the credentials, and shows no secret', async (t) => {
  const server = await start(t)
  const expectFailure = (options: S3FileOptions, message: RegExp, address = ADDRESS) =>
    t.rejects(upload(server, ['x'], options, address), { code: 'ERR_DESTINATION', message })
  await expectFailure({}, /^s3:\/\/none\/a: the bucket does not exist at 127/, 's3://none/a')
  const secretAccessKey = 'wrong-secret-wrong-secret'
  const wrong = createClient(server, { credentials: { accessKeyId: ACCESS_KEY, secretAccessKey } })
  await expectFailure({ client: wrong }, /the secret key is not that of the access key; .* the client in the options$/)
  const unknown = createClient(server, { credentials: { accessKeyId: 'AKIAUNKNOWN', secretAccessKey } })
  await expectFailure({ client: unknown }, /the store does not know the access key/)
  const region = createClient(server, { region: 'eu-west-9' })
  await expectFailure({ client: region }, /the bucket is not in the region eu-west-9 but in us-east-1; set AWS_REGION/)
  server.onRequest = () => [400, `Echo${secretAccessKey}`]
  const error = await upload(server, ['x'], { client: wrong }).catch((reason: unknown) => reason as Error)
  t.notMatch(JSON.stringify([error, (error as Error).message, (error as Error).cause]), secretAccessKey)
})

t.test('a bucket that is removed during the upload is an error', async (t) => {
  const server = await start(t)
  server.onRequest = ({ operation }) => {
    if (operation === 'CompleteMultipartUpload') server.buckets.clear()
    return undefined
  }
  await t.rejects(upload(server, [Buffer.alloc(6 * MIB)], { partSize: 5 * MIB }), {
    code: 'ERR_DESTINATION',
    message: /the bucket does not exist/,
  })
})

t.test('a destroyed stream stops its requests and leaves no parts', async (t) => {
  const server = await start(t)
  const file = s3File(ADDRESS, { client: createClient(server), partSize: 5 * MIB })
  let onPart!: () => void
  const part = new Promise<void>((resolve) => (onPart = resolve))
  server.onRequest = ({ operation }) => {
    if (operation !== 'UploadPart') return undefined
    onPart()
    return 'hold'
  }
  file.on('error', () => undefined)
  file.write(Buffer.alloc(5 * MIB))
  await part
  const closed = new Promise((resolve) => file.once('close', resolve))
  file.destroy(new Error('stopped'))
  await closed
  t.equal(server.uploads.size, 0)
})

t.test('an upload that cannot be aborted is a warning', async (t) => {
  const server = await start(t)
  const warnings: string[] = []
  server.onRequest = ({ operation }) =>
    operation === 'UploadPart' || operation === 'AbortMultipartUpload' ? [403, 'AccessDenied'] : undefined
  const onWarning = (message: string) => warnings.push(message)
  await t.rejects(upload(server, [Buffer.alloc(6 * MIB)], { partSize: 5 * MIB, onWarning }))
  t.match(warnings, [/^an upload to s3:\/\/lake\/night\/orders.csv could not be aborted, .*may not abort an upload/])
  const emitted = once(process, 'warning') as Promise<[Error]>
  await t.rejects(upload(server, [Buffer.alloc(6 * MIB)], { partSize: 5 * MIB }))
  t.match((await emitted)[0].message, /could not be aborted/)
})

t.test('an upload is aborted again if a part arrives after the abort', async (t) => {
  const server = await start(t)
  let aborts = 0
  server.onRequest = ({ operation, query }) => {
    if (operation === 'CompleteMultipartUpload') return [403, 'AccessDenied']
    if (operation !== 'AbortMultipartUpload') return undefined
    if (++aborts > 1) return undefined
    // a part that the store still read arrives after the abort
    const id = query.get('uploadId')!
    const found = server.uploads.get(id)!
    setImmediate(() => server.uploads.set(id, found))
    return undefined
  }
  await t.rejects(upload(server, [Buffer.alloc(6 * MIB)], { partSize: 5 * MIB }))
  t.equal(aborts, 2)
  t.equal(server.uploads.size, 0)
})

t.test('an upload whose parts stay after every abort is a warning', async (t) => {
  const server = await start(t)
  const warnings: string[] = []
  server.onRequest = ({ operation, query }) => {
    if (operation === 'CompleteMultipartUpload') return [403, 'AccessDenied']
    const id = query.get('uploadId')!
    const found = server.uploads.get(id)
    if (operation === 'AbortMultipartUpload') setImmediate(() => server.uploads.set(id, found!))
    return undefined
  }
  const onWarning = (message: string) => warnings.push(message)
  await t.rejects(upload(server, [Buffer.alloc(6 * MIB)], { partSize: 5 * MIB, onWarning }))
  t.match(warnings, [/could not be aborted.*: the store still has parts of it$/])
})

t.test('without checksums of the SDK an upload has none', async (t) => {
  const server = await start(t)
  const client = createClient(server, { requestChecksumCalculation: 'WHEN_REQUIRED' })
  await upload(server, [Buffer.alloc(6 * MIB, 'a')], { client, partSize: 5 * MIB })
  t.equal(server.read(ADDRESS)?.length, 6 * MIB)
  const part = server.requests.find(({ operation }) => operation === 'UploadPart')!
  t.equal(part.headers['x-amz-checksum-crc32'], undefined)
})

t.test('a later run aborts uploads to its key to which nothing was written for an hour, and no others', async (t) => {
  for (const aheadHours of [0, 2, -2]) await checkStrandedUploads(t, aheadHours)
})

/** @param aheadHours how many hours the clock of the store is ahead of that of this machine */
async function checkStrandedUploads(t: Test, aheadHours: number): Promise<void> {
  const server = await start(t)
  server.now = () => new Date(Date.now() + aheadHours * 3_600_000)
  const hoursAgo = (hours: number) => new Date(server.now().getTime() - hours * 3_600_000)
  const strand = (id: string, key: string, initiated: Date, ...dates: Date[]) =>
    server.uploads.set(id, {
      key,
      bucket: 'lake',
      headers: {},
      initiated,
      parts: new Map(dates.map((date, index) => [index + 1, { bytes: Buffer.alloc(0), etag: '""', date }])),
    })
  const key = 'night/orders.csv'
  strand('old', key, hoursAgo(9), ...Array.from({ length: 7 }, () => hoursAgo(2)))
  strand('empty', key, hoursAgo(2))
  strand('running', key, hoursAgo(9), hoursAgo(0.5))
  strand('new', key, hoursAgo(0.5))
  strand('other', `${key}.gz`, hoursAgo(9))
  await upload(server, ['x'])
  t.strictSame([...server.uploads.keys()].sort(), ['new', 'other', 'running'], `store ahead by ${aheadHours} hours`)
  failEach(server, 'ListMultipartUploads', [403, 'AccessDenied'])
  await upload(server, ['y'])
  t.equal(server.read(ADDRESS), 'y', 'without the right to list, nothing is aborted and nothing fails')
}

t.test('an upload does not abort itself, whatever date the store gives it', async (t) => {
  const server = await start(t)
  server.onRequest = ({ operation }) => {
    if (operation !== 'ListMultipartUploads') return undefined
    for (const [id, found] of server.uploads) server.uploads.set(id, { ...found, initiated: new Date(0) })
    return undefined
  }
  await upload(server, [Buffer.alloc(6 * MIB, 'a')], { partSize: 5 * MIB })
  t.equal(server.read(ADDRESS)?.length, 6 * MIB)
})

t.test('an answer that is not from S3 is an ERR_DESTINATION that says so', async (t) => {
  const pages = [
    [500, '<!doctype html><html lang=en><title>500</title><h1>Internal Server Error</h1>'],
    [502, '<html><body><center>502 Bad Gateway</center></body></html>'],
    [503, ''],
    [403, '<html><body>Denied by the proxy</body></html>'],
    [404, '<html><body>Not Found</body></html>'],
    [200, '<html><body>Log in<hr></body></html>'],
    [200, '<html><body>Log in</body></html>'],
  ] as const
  for (const [status, page] of pages) {
    const server = await start(t)
    failEach(server, 'CreateMultipartUpload', { status, page })
    const client = createClient(server, { maxAttempts: 1 })
    const { host } = new URL(server.endpoint)
    await t.rejects(upload(server, ['x'], { client }), {
      code: 'ERR_DESTINATION',
      message: `${ADDRESS}: cannot write: the answer at ${host} is not from S3 (status ${status}); a proxy or another server may have sent it`,
    })
    t.strictSame(getOperations(server), ['CreateMultipartUpload'])
  }
})

t.test('a page of a proxy does not count as a written object or part, although its status is 200', async (t) => {
  const page = { status: 200, page: '<html><body>Log in</body></html>' }
  const small = [Buffer.from('x')]
  const large = [Buffer.alloc(6 * MIB)]
  const cases = [
    ['PutObject', small],
    ['UploadPart', large],
    ['CompleteMultipartUpload', large],
  ] as const
  for (const [operation, bytes] of cases) {
    const server = await start(t)
    await upload(server, ['earlier'])
    failEach(server, operation, page)
    const { host } = new URL(server.endpoint)
    await t.rejects(upload(server, bytes, { partSize: 5 * MIB }), {
      code: 'ERR_DESTINATION',
      message: `${ADDRESS}: cannot write: the answer at ${host} is not from S3 (status 200); a proxy or another server may have sent it`,
    })
    t.equal(server.read(ADDRESS), 'earlier', operation)
    t.equal(server.uploads.size, 0, operation)
  }
})

t.test('a page of a proxy is neither the earlier receipt nor an empty list of parts', async (t) => {
  const server = await start(t)
  const page = { status: 200, page: '<html><body>Log in</body></html>' }
  const options: S3FileOptions = { receipt: () => ({ rows: 1 }) }
  await upload(server, ['earlier'], options)
  const receipt = server.read(`${ADDRESS}.json`)
  failEach(server, 'GetObject', page)
  await t.rejects(upload(server, ['x'], options), { code: 'ERR_DESTINATION', message: /is not from S3 \(status 200\)/ })
  t.equal(server.read(ADDRESS), 'earlier')
  t.equal(server.read(`${ADDRESS}.json`), receipt)
  for (const operation of ['ListParts', 'ListMultipartUploads']) {
    server.uploads.set('running', {
      ...{ bucket: 'lake', key: 'night/orders.csv', headers: {}, initiated: new Date(0) },
      parts: new Map([[1, { bytes: Buffer.from('x'), etag: '"x"', date: new Date() }]]),
    })
    failEach(server, operation, page)
    await upload(server, ['x'])
    t.strictSame([...server.uploads.keys()], ['running'], operation)
  }
})

t.test('an object with the id of this upload is written, even if the answer of the store has no ETag', async (t) => {
  for (const [operation, bytes] of [
    ['PutObject', Buffer.from('x')],
    ['CompleteMultipartUpload', Buffer.alloc(6 * MIB, 'x')],
  ] as const) {
    const server = await start(t)
    failEach(server, operation, 'blank')
    await upload(server, [bytes], { partSize: 5 * MIB })
    t.equal(server.read(ADDRESS)?.length, bytes.length, operation)
  }
})

t.test('more parts than S3 takes are an error that names the option', async (t) => {
  const server = await start(t)
  t.equal(uploadLimits.parts, 10_000)
  uploadLimits.parts = 2
  t.teardown(() => (uploadLimits.parts = 10_000))
  await t.rejects(
    upload(
      server,
      Array.from({ length: 16 }, () => Buffer.alloc(MIB)),
      { partSize: 5 * MIB },
    ),
    {
      message: `${ADDRESS}: larger than 2 parts of 5242880 bytes, and S3 accepts no more parts; raise partSize`,
    },
  )
  t.equal(server.uploads.size, 0)
})

t.test('an address or an option that is wrong is an OptionError at the call', async (t) => {
  for (const address of [
    'lake/a',
    's3://lake',
    's3://lake/',
    's3://l/a',
    'https://lake/a',
    `s3://lake/${'é'.repeat(513)}`,
  ])
    t.throws(() => s3File(address), {
      code: 'ERR_OPTION',
      message: /^s3File: path: expected an address s3:\/\/bucket\/key/,
    })
  t.throws(() => s3({ partSize: 1 }), {
    code: 'ERR_OPTION',
    message: /^s3: partSize: expected an integer from 5242880/,
  })
  t.throws(() => s3({ client: {} as never }), { code: 'ERR_OPTION', message: /^s3: client: expected a client/ })
  t.throws(() => s3({ parameters: { ServerSideEncrytion: 'aws:kms' } }), {
    code: 'ERR_OPTION',
    message: 's3: parameters: unknown parameter, did you mean ServerSideEncryption',
  })
  t.throws(() => s3({ parameters: { Key: 'secret' } }), {
    message: /^s3: parameters: unknown parameter, expected ACL, .*WebsiteRedirectLocation$/,
  })
  t.throws(() => s3({ parameters: { SSEKMSKeyId: 7 } as never }), { code: 'ERR_OPTION', message: /^s3: parameters: / })
  for (const option of ['recipt', 'store', 'path'])
    t.throws(() => s3File(ADDRESS, { [option]: 'x' }), {
      code: 'ERR_OPTION',
      message: new RegExp(`^s3File: ${option}: unknown option`),
    })
  t.throws(() => s3({ bucket: 'x' } as never), { code: 'ERR_OPTION', message: /^s3: bucket: unknown/ })
  t.throws(() => s3File(ADDRESS, null as never), {
    code: 'ERR_OPTION',
    message: 's3File: options: expected an object, got null',
  })
  t.throws(() => atomicFiles([{ path: ADDRESS, store: {} as never }]), {
    code: 'ERR_OPTION',
    message: /^atomicFiles: store: expected a store/,
  })
  const options = { store: s3(), receipt: () => ({}), receiptPlace: 'folder' } as const
  t.throws(
    () =>
      atomicFiles([
        { path: 's3://lake/_receipts/a.json', store: s3() },
        { path: 's3://lake/a', ...options },
      ]),
    {
      code: 'ERR_OPTION',
      message: /^atomicFiles: files: expected different .*, got s3:\/\/lake\/_receipts\/a\.json twice$/,
    },
  )
  atomicFiles([
    { path: 's3://lake/a', store: s3() },
    { path: 's3://lake/a.part', store: s3() },
  ])
})

t.test('an upload that the store begins while the stream is destroyed is aborted', async (t) => {
  const server = await start(t)
  const file = s3File(ADDRESS, { client: createClient(server) })
  file.on('error', () => undefined)
  const closed = new Promise((resolve) => file.once('close', resolve))
  server.onRequest = ({ operation }) => {
    if (operation === 'CreateMultipartUpload') file.destroy(new Error('stopped'))
    return undefined
  }
  file.write('x')
  await closed
  t.equal(server.uploads.size, 0)
})

t.test('of two uploads to one address, the object of the one that ends last stays, complete', async (t) => {
  const server = await start(t)
  const slow = s3File(ADDRESS, { client: createClient(server), partSize: 5 * MIB })
  await new Promise((resolve) => slow.write(Buffer.alloc(6 * MIB, 'slow'), resolve))
  await upload(server, [Buffer.alloc(7 * MIB, 'fast')], { partSize: 5 * MIB })
  t.equal(server.read(ADDRESS), 'fast'.repeat((7 * MIB) / 4))
  await new Promise<void>((resolve) => slow.end(resolve))
  t.equal(server.read(ADDRESS), 'slow'.repeat((6 * MIB) / 4))
  t.equal(server.uploads.size, 0)
})

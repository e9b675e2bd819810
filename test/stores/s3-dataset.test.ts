import { createHash } from 'node:crypto'
import { S3Client } from '@aws-sdk/client-s3'
import t, { type Test } from 'tap'
import type { DatasetManifest } from '../../lib/index.js'
import { s3, type S3Options } from '../../lib/stores/s3/index.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { ACCESS_KEY, REGION, SECRET_KEY, startS3, type S3Request, type S3Server } from '../support/servers/s3-server.js'
import { createDatedInstances, writeDataset } from '../support/encode/write-dataset.js'

const FOLDER = 's3://lake/orders/'

async function start(t: Test): Promise<S3Server> {
  const server = await startS3()
  t.teardown(() => server.close())
  return server
}

const createClient = (server: S3Server, maxAttempts: number) =>
  new S3Client({
    endpoint: server.endpoint,
    region: REGION,
    forcePathStyle: true,
    maxAttempts,
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
  })

/** Writes a dataset, and resolves when the stream is closed. */
async function write(server: S3Server, count: number, options: object = {}, storeOptions: S3Options = {}) {
  const client = createClient(server, 1)
  const storeWarnings: string[] = []
  const store = s3({ client, onWarning: (message) => storeWarnings.push(message), ...storeOptions })
  const result = await writeDataset(
    { path: FOLDER, partitionBy: 'startDate:month', format: 'csv', store, ...options },
    createDatedInstances(count),
  )
  return { ...result, storeWarnings }
}

const listKeys = ({ buckets }: S3Server) => [...buckets.get('lake')!.keys()].sort()
const readManifest = (server: S3Server) => JSON.parse(server.read(`${FOLDER}_manifest.json`)!) as DatasetManifest
const listDatasetKeys = (server: S3Server) =>
  ['_manifest.json', ...readManifest(server).files.map(({ path }) => path)].map((name) => `orders/${name}`).sort()

/** Returns the number of rows in the manifest. Throws if an object is not the one in the manifest. */
function verify(server: S3Server): number {
  const { files, rows } = readManifest(server)
  for (const { path, bytes, sha256 } of files) {
    const object = server.buckets.get('lake')!.get(`orders/${path}`)
    if (object?.bytes.length !== bytes || createHash('sha256').update(object.bytes).digest('hex') !== sha256)
      throw new Error(`${path} is not the object of the manifest`)
  }
  return rows
}

t.test('a dataset in a bucket: objects, then the manifest, then the removal of the earlier objects', async (t) => {
  const server = await start(t)
  t.equal((await write(server, 6)).error, undefined)
  const first = listKeys(server)
  server.requests.length = 0
  t.equal((await write(server, 3, { path: FOLDER.slice(0, -1) })).error, undefined)
  t.equal(verify(server), 3)
  t.strictSame(listKeys(server), listDatasetKeys(server))
  t.equal(server.uploads.size, 0)
  const operations = server.requests.map(({ operation, key }) => `${operation} ${key.replace(/-\d{8}t.*?\./, '.')}`)
  const steps = operations.filter((text) => /^(Complete|PutObject|Delete)/.test(text))
  t.match(steps.slice(0, 1), ['PutObject orders/_pending.json'])
  t.match(
    steps.slice(1, 4).sort(),
    [1, 2, 3].map(
      (month) => new RegExp(`^Complete.* orders/startdate_month=2026-0${month}/part-0000${month - 1}.csv$`),
    ),
  )
  t.match(steps.slice(4), [
    'PutObject orders/_manifest.json',
    ...first.slice(1).map(() => /^DeleteObject orders\/startdate_month/),
    'DeleteObject orders/_pending.json',
  ])
  t.match(server.buckets.get('lake')!.get(listKeys(server)[1]!)!.headers, { 'content-type': 'text/csv; charset=utf-8' })
  t.equal((await write(server, 2, { mode: 'append' })).error, undefined)
  t.equal(verify(server), 5)
})

t.test('after any failed request the dataset is the old one or the new one, and no upload stays', async (t) => {
  const seen = { failed: 0, complete: 0 }
  for (let number = 1; ; number++) {
    const server = await start(t)
    await write(server, 3)
    let requests = 0
    server.onRequest = () => (++requests === number ? [403, 'AccessDenied'] : undefined)
    const { error, warnings, storeWarnings } = await write(server, 6)
    if (requests < number) break
    t.equal(verify(server), error === undefined ? 6 : 3, `request ${number}: ${String(error)}`)
    if (error === undefined) seen.complete++
    else {
      seen.failed++
      t.match(error, { code: 'ERR_DESTINATION' })
    }
    if (warnings.length === 0) t.strictSame(listKeys(server), listDatasetKeys(server), `request ${number}`)
    if (storeWarnings.length === 0) t.equal(server.uploads.size, 0, `request ${number}`)
  }
  t.comment(JSON.stringify(seen))
  t.ok(seen.failed > 10 && seen.complete > 3)
})

t.test('of two runs at the same time, the one that ends last fails and leaves the dataset of the other', async (t) => {
  const server = await start(t)
  await write(server, 3)
  let theirs: ReturnType<typeof write> | undefined
  server.onRequest = async ({ operation, key }: S3Request) => {
    if (operation !== 'CompleteMultipartUpload' || theirs || !key.includes('month=2026-01')) return undefined
    theirs = write(server, 6)
    await theirs
    return undefined
  }
  const { error } = await write(server, 9)
  t.match(error, {
    code: 'ERR_DESTINATION',
    message: /_manifest.json: the object already exists or was changed by another run/,
  })
  t.equal(verify(server), 6)
  t.strictSame(listKeys(server), listDatasetKeys(server))
})

t.test(
  'a manifest whose answer was lost is recognized; if it cannot be read, the run fails and leaves `_pending-….json` for the next one',
  async (t) => {
    const server = await start(t)
    const onManifest = (fault: 'lose') => {
      server.onRequest = ({ operation, key }) => {
        if (operation !== 'PutObject' || !key.endsWith('_manifest.json')) return undefined
        server.onRequest = ({ operation }) =>
          isBlind && /^(Get|Head)Object$/.test(operation) ? [403, 'AccessDenied'] : undefined
        return fault
      }
    }
    let isBlind = false
    onManifest('lose')
    t.equal((await write(server, 3)).error, undefined)
    t.equal(verify(server), 3)
    isBlind = true
    onManifest('lose')
    t.match((await write(server, 6)).error, { code: 'ERR_DESTINATION' })
    server.onRequest = () => undefined
    t.equal(verify(server), 6, 'the objects of the manifest are there')
    t.match(
      listKeys(server).filter((key) => key.includes('_pending')),
      [/^orders\/_pending-.*json$/],
    )
  },
)

t.test('a later run removes what a killed run left more than an hour ago, and nothing else', async (t) => {
  for (const aheadHours of [0, 2, -2]) await checkRemovals(t, aheadHours)
})

/** @param aheadHours how many hours the clock of the store is ahead of that of this machine */
async function checkRemovals(t: Test, aheadHours: number): Promise<void> {
  const server = await start(t)
  server.now = () => new Date(Date.now() + aheadHours * 3_600_000)
  const toDate = (hoursAgo: number) => new Date(server.now().getTime() - hoursAgo * 3_600_000)
  // the SDK corrects its clock with the second attempt
  const writeOnce = (count: number) => write(server, count, {}, { client: createClient(server, 2) })
  await writeOnce(3)
  const { run, files } = readManifest(server)
  const objects = server.buckets.get('lake')!
  const add = (key: string, text: string, hoursAgo: number) =>
    objects.set(key, {
      bytes: Buffer.from(text),
      etag: '"x"',
      headers: {},
      date: toDate(hoursAgo),
    })
  const strays = ['00000001', '00000002'].map((id) => files[0]!.path.replace(run.id, `20261129t000000z-${id}`))
  for (const path of strays) add(`orders/${path}`, 'x', 2)
  add('orders/_pending-1.json', JSON.stringify({ adds: [strays[0], files[0]!.path], removes: [] }), 2)
  add('orders/_pending-2.json', JSON.stringify({ adds: [strays[1]], removes: [] }), 0.5)
  add('orders/_pending-3/x.json', JSON.stringify({ adds: [strays[1]], removes: [] }), 2)
  add('orders/mine.csv', 'x', 2)
  const strand = (id: string, key: string) =>
    server.uploads.set(id, {
      key,
      bucket: 'lake',
      headers: {},
      parts: new Map(),
      initiated: toDate(2),
    })
  strand('own', `orders/${strays[0]!}`)
  strand('foreign', 'orders/mine.csv')
  t.equal((await writeOnce(6)).error, undefined)
  t.equal(verify(server), 6)
  const left = listKeys(server).filter((key) => !listDatasetKeys(server).includes(key))
  t.strictSame(
    left,
    ['orders/_pending-2.json', 'orders/_pending-3/x.json', 'orders/mine.csv', `orders/${strays[1]!}`].sort(),
  )
  t.strictSame([...server.uploads.keys()], ['foreign'])
}

t.test('a page of a proxy is neither a manifest nor an empty list of objects', async (t) => {
  const server = await start(t)
  t.equal((await write(server, 6)).error, undefined)
  const earlier = listKeys(server)
  for (const operation of ['GetObject', 'ListObjectsV2']) {
    const page = { status: 200, page: '<html><body>Log in</body></html>' }
    server.onRequest = (request) => (request.operation === operation ? page : undefined)
    const { error } = await write(server, 3)
    t.match(error, { code: 'ERR_DESTINATION', message: /is not from S3 \(status 200\)/ }, operation)
    t.strictSame(listKeys(server), earlier, operation)
    t.equal(verify(server), 6, operation)
  }
})

t.test('a dataset does not abort its own uploads, whatever date the store gives them', async (t) => {
  const server = await start(t)
  let noteFile!: () => void
  const file = new Promise<void>((resolve) => (noteFile = resolve))
  server.onRequest = async ({ operation }) => {
    if (operation === 'UploadPart') noteFile()
    if (operation !== 'ListMultipartUploads') return undefined
    await file
    for (const [id, found] of server.uploads) server.uploads.set(id, { ...found, initiated: new Date(0) })
    return undefined
  }
  t.equal((await write(server, 3)).error, undefined)
  t.equal(verify(server), 3)
  const operations = server.requests.map(({ operation }) => operation)
  t.notOk(operations.includes('ListParts'), 'it does not even ask for their parts')
})

t.test(
  'ifNoneMatch refuses a dataset that exists; a bucket that does not exist is an error at the start',
  async (t) => {
    const server = await start(t)
    t.equal((await write(server, 3, {}, { ifNoneMatch: true })).error, undefined)
    t.match((await write(server, 6, {}, { ifNoneMatch: true })).error, {
      message: /_manifest.json: the object already exists and was left unchanged/,
    })
    t.equal(verify(server), 3)
    t.match((await write(server, 1, { path: 's3://none/x/' })).error, {
      code: 'ERR_DESTINATION',
      message: /bucket does not exist/,
    })
    t.equal((await write(server, 0, { path: 's3://lake', format: 'csv', encoder: { header: false } })).error, undefined)
    t.ok(listKeys(server).includes('_manifest.json'), 'the folder may be the whole bucket, and a file may be empty')
  },
)

t.test('at most four files send their last part at the same time', async (t) => {
  const server = await start(t)
  let running = 0
  let most = 0
  let resolveFour!: () => void
  const four = new Promise<void>((resolve) => (resolveFour = resolve))
  server.onRequest = async ({ operation }) => {
    if (operation !== 'UploadPart') return undefined
    most = Math.max(most, ++running)
    // a fifth request would arrive within these turns
    if (running === 4) void drainEventLoopTurns(200).then(resolveFour)
    await four
    running--
    return undefined
  }
  t.equal((await write(server, 12, { fileRows: 1 })).error, undefined)
  t.equal(most, 4)
  t.equal(verify(server), 12)
})

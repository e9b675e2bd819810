import t from 'tap'
import { s3 } from '../../lib/stores/s3/index.js'
import { OptionError } from '../../lib/index.js'
import { Bucket } from '../../lib/stores/s3/bucket.js'
import { connectS3, type S3Client } from '../../lib/stores/s3/s3-client.js'
import { toS3Error } from '../../lib/stores/s3/s3-errors.js'
import { s3Rules } from '../../lib/stores/s3/s3-options.js'
import { resolveOptions } from '../../lib/shared/options.js'
import { localStore } from '../../lib/files/local/local-store.js'

/** A client with these settings, which sends nothing. */
const createClient = (config: object) =>
  ({
    config: {
      credentials: () => Promise.resolve({ accessKeyId: 'a', secretAccessKey: 'secret-secret' }),
      region: () => Promise.resolve('eu-west-9'),
      ...config,
    },
  }) as unknown as S3Client

const createOptions = (client?: S3Client) => ({ ...resolveOptions('test', {}, s3Rules), client })

const createError = (name: string, fields: object = {}) => Object.assign(new Error('text'), { name, ...fields })

const describeError = async (client: S3Client, error: Error) =>
  (await toS3Error(client, 's3://lake/a', 'write', error)).message

t.test('a message names the region, the endpoint and the source of the credentials, if they are known', async (t) => {
  const names = ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL', 'AWS_PROFILE']
  for (const name of names) Reflect.deleteProperty(process.env, name)
  const plain = createClient({})
  t.equal(
    await describeError(plain, createError('IllegalLocationConstraintException')),
    's3://lake/a: the bucket is not in the region eu-west-9; set AWS_REGION',
  )
  t.equal(
    await describeError(plain, createError('TimeoutError')),
    's3://lake/a: the store cannot be reached (TimeoutError)',
  )
  process.env['AWS_ENDPOINT_URL'] = 'http://minio:9000'
  t.match(await describeError(plain, createError('NoSuchBucket')), /does not exist at http:\/\/minio:9000$/)
  const withEndpoint = createClient({ endpoint: () => Promise.resolve({ hostname: 's3.example.com' }) })
  t.match(await describeError(withEndpoint, createError('NoSuchBucket')), /does not exist at s3\.example\.com$/)
  const createWithSource = ($source: object) =>
    createClient({ credentials: () => Promise.resolve({ secretAccessKey: 'secret-secret', $source }) })
  const expired = createError('ExpiredToken')
  t.match(
    await describeError(createWithSource({ CREDENTIALS_PROFILE: 'n' }), expired),
    /from the profile default of ~\/\.aws$/,
  )
  t.match(await describeError(createWithSource({ CREDENTIALS_IMDS: '0' }), expired), /from the role of this machine$/)
  t.match(await describeError(createWithSource({ CREDENTIALS_NEW: 'zz' }), expired), /from the AWS SDK$/)
  t.match(await describeError(plain, expired), /from the client in the options$/)
  t.match(
    await describeError(
      createClient({ region: () => Promise.reject(new Error('x')) }),
      createError('PermanentRedirect'),
    ),
    /region unknown/,
  )
})

t.test('a conflict with another run is ERR_DESTINATION_BUSY', async (t) => {
  const error = await toS3Error(createClient({}), 's3://lake/a', 'write', createError('ConditionalRequestConflict'))
  t.equal(error.code, 'ERR_DESTINATION_BUSY')
  t.match(error.message, /another run writes this object at the same time/)
})

/** The methods of the SDK for Node.js that its published type lacks. */
interface NodeHandler {
  handle(request: object): Promise<unknown>
  httpHandlerConfigs(): object
}

t.test('a client is made from the environment, without a warning about the version of Node.js', async (t) => {
  const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'
  const warnings: unknown[] = []
  process.on('warning', (warning) => warnings.push(warning))
  process.env['AWS_ENDPOINT_URL'] = 'http://minio:9000'
  for (const earlier of [undefined, 'false']) {
    Reflect.deleteProperty(process.env, name)
    if (earlier !== undefined) process.env[name] = earlier
    const { client } = await connectS3('test', createOptions())
    t.equal(client.config.forcePathStyle, true)
    // a limit for the whole request would refuse each part that a slow connection sends for longer
    const handler = client.config.requestHandler as unknown as NodeHandler
    await t.rejects(handler.handle({}))
    t.match(handler.httpHandlerConfigs(), { requestTimeout: 0, socketTimeout: 120_000 })
    t.equal(process.env[name], earlier)
    client.destroy()
  }
  t.strictSame(warnings, [])
})

t.test('the local disk refuses a path whose folder is missing', async (t) => {
  await t.resolves(localStore.check(`${t.testdir({})}/a.csv`))
  await t.rejects(localStore.check('/nowhere/a.csv'), { message: /the folder \/nowhere does not exist/ })
})

t.test('a store without open uploads has an empty list', async (t) => {
  const client = Object.assign(createClient({}), { send: () => Promise.resolve({ Bucket: 'lake', $metadata: {} }) })
  const bucket = await Bucket.open('test', 'lake', createOptions(client))
  t.strictSame(await bucket.listUploads('a', new AbortController().signal), { found: [], storeTime: NaN })
})

t.test('the error of a missing package is passed on', async (t) => {
  const missing = new OptionError('s3File', 'client', 'the package is not installed')
  t.equal(s3().toError('s3File', 'create', 's3://lake/a', missing), missing)
})

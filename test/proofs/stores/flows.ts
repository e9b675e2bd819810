// Uploads and datasets on a store. Each flow returns its result as text, so that two stores can be compared.
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { toDataset, type DatasetManifest } from '../../../lib/index.js'
import { s3, s3File, type S3FileOptions } from '../../../lib/stores/s3/index.js'
import { ACCESS_KEY, REGION, SECRET_KEY } from '../../support/servers/s3-server.js'

const MIB = 1024 ** 2

export interface Flow {
  readonly name: string
  readonly run: (store: StoreUser) => Promise<string>
}

/** A store as the flows use it. */
export class StoreUser {
  readonly #endpoint: string
  readonly #client: S3Client

  constructor(endpoint: string) {
    this.#endpoint = endpoint
    this.#client = this.createClient()
  }

  createClient(config: S3ClientConfig = {}): S3Client {
    const credentials = { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY }
    return new S3Client({
      endpoint: this.#endpoint,
      region: REGION,
      forcePathStyle: true,
      maxAttempts: 3,
      credentials,
      ...config,
    })
  }

  /** Uploads, and returns `written` or the message of the failure without the address of the store. */
  async upload(key: string, chunks: Iterable<string | Buffer>, options: S3FileOptions = {}): Promise<string> {
    const file = s3File(`s3://${key}`, { client: this.#client, ...options })
    return this.describe(pipeline(Readable.from(chunks, { objectMode: false }), file))
  }

  async writeDataset(records: AsyncIterable<object> | Iterable<object>, options: object = {}): Promise<string> {
    const store = s3({ client: this.#client })
    const dataset = toDataset({ path: 's3://lake/set/', store, partitionBy: 'month', format: 'csv', ...options })
    const closed = new Promise((resolve) => dataset.once('close', resolve))
    const result = await this.describe(pipeline(Readable.from(records), dataset))
    await closed
    return result
  }

  async describe(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => 'written',
      (error: unknown) => {
        const { code, message } = error as Error & { code?: string }
        return `${code ?? 'no code'}: ${message.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')}`
      },
    )
  }

  async list(prefix = ''): Promise<string[]> {
    const keys: string[] = []
    let token: string | undefined
    do {
      const command = new ListObjectsV2Command({ Bucket: 'lake', Prefix: prefix, ContinuationToken: token })
      const { Contents = [], NextContinuationToken } = await this.#client.send(command)
      keys.push(...Contents.map(({ Key }) => Key!))
      token = NextContinuationToken
    } while (token !== undefined)
    return keys
  }

  async countUploads(): Promise<number> {
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand({ Bucket: 'lake' }))
    return Uploads.length
  }

  async read(key: string): Promise<Buffer> {
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: 'lake', Key: key }))
    return Buffer.from(await Body!.transformToByteArray())
  }

  async head(key: string): Promise<string> {
    const { ContentType, Metadata } = await this.#client.send(new HeadObjectCommand({ Bucket: 'lake', Key: key }))
    return `${ContentType}, ${Object.keys(Metadata ?? {})
      .sort()
      .join(' ')}`
  }
}

const months = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: index, month: `2026-0${1 + (index % 3)}` }))

/** Reads the objects of the manifest. Returns their number, their rows, and the number of objects that are not in the manifest. */
async function readDataset(store: StoreUser): Promise<string> {
  const { files, rows } = JSON.parse((await store.read('set/_manifest.json')).toString()) as DatasetManifest
  let lines = 0
  for (const { path, sha256 } of files) {
    const bytes = await store.read(`set/${path}`)
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) return `${path} has another hash`
    lines += bytes.toString().split('\n').length - 2
  }
  const others = (await store.list('set/')).length - files.length - 1
  return `${files.length} files, ${rows} rows, ${lines} lines, ${others} other objects, ${await store.countUploads()} uploads`
}

function* createChunks(mib: number, failsAfter = Infinity) {
  for (let index = 0; index < mib; index++) {
    if (index === failsAfter) throw new Error('the source failed')
    yield Buffer.alloc(MIB, index)
  }
}

export const flows: readonly Flow[] = [
  {
    name: 'an object with its receipt, content type and metadata',
    run: async (store) => {
      const result = await store.upload('lake/a.csv', ['id\n', '1\n'], {
        receipt: () => ({ rows: 1 }),
        metadata: { team: 'x' },
      })
      return `${result}; ${(await store.read('a.csv')).toString('hex')}; ${await store.head('a.csv')}; ${(await store.list('a')).join(' ')}; ${await store.countUploads()} uploads`
    },
  },
  {
    name: 'a key with signs that are escaped',
    run: async (store) => {
      const result = await store.upload("lake/é +%/a=b & 'c'.csv", ['x'])
      return `${result}; ${(await store.list('é')).join(' ')}`
    },
  },
  {
    name: 'an object in parts replaces a small one',
    run: async (store) => {
      const result = await store.upload('lake/a.csv', createChunks(12), { partSize: 5 * MIB })
      const bytes = await store.read('a.csv')
      return `${result}; ${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex')}; ${await store.countUploads()} uploads`
    },
  },
  {
    name: 'a source that fails in the second part leaves the old object and no upload',
    run: async (store) => {
      const result = await store.upload('lake/a.csv', createChunks(12, 9), { partSize: 5 * MIB })
      return `${result}; ${(await store.read('a.csv')).length} bytes; ${await store.countUploads()} uploads`
    },
  },
  {
    name: 'ifNoneMatch keeps an object, and writes where there is none',
    run: async (store) => {
      const first = await store.upload('lake/once.csv', ['1'], { ifNoneMatch: true })
      return `${first}; ${await store.upload('lake/once.csv', ['2'], { ifNoneMatch: true })}; ${(await store.read('once.csv')).toString()}`
    },
  },
  {
    name: 'two runs with ifNoneMatch at the same time',
    run: async (store) => {
      const inner: string[] = []
      async function* overtaken() {
        yield 'ours'
        inner.push(await store.upload('lake/race.csv', ['theirs'], { ifNoneMatch: true }))
      }
      const file = s3File('s3://lake/race.csv', { client: store.createClient(), ifNoneMatch: true })
      const ours = await store.describe(pipeline(Readable.from(overtaken()), file))
      return `${inner[0]}; ${ours}; ${(await store.read('race.csv')).toString()}; ${await store.countUploads()} uploads`
    },
  },
  {
    name: 'a wrong secret',
    run: (store) => {
      const credentials = { accessKeyId: ACCESS_KEY, secretAccessKey: 'wrong-secret-wrong-secret' }
      return store.upload('lake/b.csv', ['x'], { client: store.createClient({ credentials }) })
    },
  },
  {
    name: 'an unknown access key',
    run: (store) => {
      const credentials = { accessKeyId: 'AKIAUNKNOWNUNKNOWN', secretAccessKey: 'wrong-secret-wrong-secret' }
      return store.upload('lake/b.csv', ['x'], { client: store.createClient({ credentials }) })
    },
  },
  { name: 'a bucket that does not exist', run: (store) => store.upload('none-of-them/b.csv', ['x']) },
  {
    name: 'a wrong region',
    run: (store) => store.upload('lake/b.csv', ['x'], { client: store.createClient({ region: 'eu-west-1' }) }),
  },
  {
    name: 'a clock that is an hour ahead',
    run: (store) => store.upload('lake/b.csv', ['x'], { client: store.createClient({ systemClockOffset: 3_600_000 }) }),
  },
  {
    name: 'a dataset, replaced, and appended to',
    run: async (store) => {
      const seen = [await store.writeDataset(months(9)), await readDataset(store)]
      seen.push(await store.writeDataset(months(2)), await readDataset(store))
      seen.push(await store.writeDataset(months(3), { mode: 'append' }), await readDataset(store))
      return seen.join('; ')
    },
  },
  {
    name: 'two runs on one dataset at the same time: the second one to end fails',
    run: async (store) => {
      const inner: string[] = []
      async function* overtaken() {
        yield* months(9)
        inner.push(await store.writeDataset(months(6)))
      }
      const ours = await store.writeDataset(overtaken())
      return `${inner[0]}; ${ours}; ${await readDataset(store)}`
    },
  },
  {
    name: 'a dataset whose source fails',
    run: async (store) => {
      async function* failing() {
        yield* months(9)
        await Promise.resolve()
        throw new Error('the source failed')
      }
      return `${await store.writeDataset(failing())}; ${await readDataset(store)}`
    },
  },
]

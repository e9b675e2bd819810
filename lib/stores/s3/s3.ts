// s3() and s3File(): objects in S3 and compatible stores.
import type { Writable } from 'node:stream'
import { ExportError, OptionError } from '../../shared/errors.js'
import * as rule from '../../shared/options.js'
import { createAtomicFile } from '../../files/atomic-file.js'
import { defaultFileOptions, type AtomicFileOptions } from '../../files/file-options.js'
import type { ObjectStore } from '../../files/file-store.js'
import { Bucket } from './bucket.js'
import { parseS3Address } from './s3-address.js'
import type { S3Client } from './s3-client.js'
import { S3Folder } from './s3-folder.js'
import { StagedObject } from './staged-object.js'

/** A client of `@aws-sdk/client-s3`. */
export interface S3ClientLike {
  /** Sends a command. */
  send(command: never): Promise<unknown>
  /** The resolved settings of the client. */
  readonly config: object
}

/** Options of {@link s3}. */
export interface S3Options {
  /** A client of `@aws-sdk/client-s3`, for settings that the SDK does not find itself. @default a client with the settings that it finds */
  client?: S3ClientLike | undefined
  /** Bytes of one part of an upload; an object has at most 10,000 parts. @default 8388608 */
  partSize?: number | undefined
  /** Parts sent at the same time. An upload buffers `partSize` bytes for each of them, and for one more. @default 4 */
  queueSize?: number | undefined
  /** If true, an existing object is not replaced, and the upload fails. @default false */
  ifNoneMatch?: boolean | undefined
  /** The content type of the object. @default from the extension of the key */
  contentType?: string | undefined
  /** Metadata of the object. @default none */
  metadata?: Readonly<Record<string, string>> | undefined
  /**
   * Other parameters of `PutObject` and `CreateMultipartUpload`, as the SDK names them: `ServerSideEncryption`, `SSEKMSKeyId`,
   * `StorageClass`, `Tagging`. No message contains them. @default none
   */
  parameters?: Readonly<Record<string, string>> | undefined
  /** Called with a message if an upload could not be aborted. @default process.emitWarning */
  onWarning?: ((message: string) => void) | undefined
}

/** Options of {@link s3File}. */
export interface S3FileOptions extends S3Options, Omit<AtomicFileOptions, 'store'> {}

const MIB = 1024 ** 2

const clientRule: rule.Rule<S3Client> = {
  expected: 'a client of @aws-sdk/client-s3',
  parse: (value) =>
    typeof value === 'object' && value !== null && 'send' in value && 'config' in value
      ? (value as S3Client)
      : undefined,
  secret: true,
}

/** S3 allows parts of 5 MiB to 5 GiB. The limit here is 1 GiB, because parts are buffered in memory. */
const rules: rule.Rules<ResolvedS3Options> = {
  client: rule.optional(clientRule),
  partSize: rule.withDefault(rule.integer(5 * MIB, 1024 * MIB), 8 * MIB),
  queueSize: rule.withDefault(rule.integer(1, 64), 4),
  ifNoneMatch: rule.withDefault(rule.boolean, false),
  contentType: rule.optional(rule.text),
  metadata: rule.withDefault(rule.strings, {}),
  parameters: { ...rule.withDefault(rule.strings, {}), secret: true },
  onWarning: rule.withDefault(rule.callable<(message: string) => void>('a function'), (message) =>
    process.emitWarning(message),
  ),
}

type ResolvedS3Options = rule.Resolved<S3Options, 'contentType', { client: S3Client | undefined }>

/**
 * Returns the store of files at `s3://bucket/key`, for the option `store`. It needs the package `@aws-sdk/client-s3`, which finds
 * credentials, region and endpoint itself: `AWS_ACCESS_KEY_ID`, `AWS_PROFILE`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`, roles.
 *
 * @throws OptionError for a bad option, at the call.
 * @example const [orders, events] = atomicFiles(['orders', 'events'].map((name) => ({ path: `s3://lake/${name}.parquet`, store: s3() })))
 */
export function s3(options: S3Options = {}): ObjectStore {
  return createStore('s3', rule.resolveOptions('s3', options, rules))
}

/**
 * Returns a Writable for bytes. It uploads them in parts while they are written. The object appears when it is whole. After a
 * failure before that, the earlier object is unchanged and the upload is aborted. After a kill before that, the earlier object is
 * unchanged, and the parts remain until a later run to the same key aborts them, or a lifecycle rule of the bucket does.
 *
 * @throws OptionError for a bad address or option, at the call. The stream fails with `ERR_DESTINATION` or `ERR_DESTINATION_BUSY`.
 * @example await pipeline(exportStream({ … }), toParquet(), s3File('s3://lake/instances.parquet'))
 */
export function s3File(address: string, options: S3FileOptions = {}): Writable {
  const isFileOption = ([name]: [string, unknown]) => Object.hasOwn(defaultFileOptions, name)
  const entries = Object.entries(options) as [string, unknown][]
  const s3Options = Object.fromEntries(entries.filter((entry) => !isFileOption(entry)))
  const store = createStore('s3File', rule.resolveOptions('s3File', s3Options, rules))
  return createAtomicFile('s3File', { ...Object.fromEntries(entries.filter(isFileOption)), path: address, store })
}

const contentTypes: readonly (readonly [end: RegExp, contentType: string])[] = [
  [/\.csv$/i, 'text/csv; charset=utf-8'],
  [/\.(ndjson|jsonl)$/i, 'application/x-ndjson'],
  [/\.(json|jsonocel|ocel)$/i, 'application/json'],
  [/\.xes$/i, 'application/xml'],
  [/\.xlsx$/i, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  [/\.parquet$/i, 'application/vnd.apache.parquet'],
  [/\.gz$/i, 'application/gzip'],
]

const getContentType = (key: string) => contentTypes.find(([end]) => end.test(key))?.[1] ?? 'application/octet-stream'

function createStore(where: string, resolved: ResolvedS3Options): ObjectStore {
  const { client, partSize, queueSize, ifNoneMatch, metadata, parameters, onWarning } = resolved
  const buckets = new Map<string, Promise<Bucket>>()
  const findObject = async (path: string) => {
    const { bucket: name, key } = parseS3Address(path)!
    const bucket = buckets.get(name) ?? Bucket.open(where, name, client, parameters)
    buckets.set(name, bucket)
    return { bucket: await bucket, key }
  }
  const createSettings = (key: string) => ({
    properties: {
      ContentType: resolved.contentType ?? getContentType(key),
      Metadata: metadata,
      ...(ifNoneMatch ? { IfNoneMatch: '*' } : {}),
    },
    partSize,
    queueSize,
    onWarning,
    isDatasetFile: false,
  })
  return {
    label: 'S3',
    expectedPath: 'an address s3://bucket/key',
    parsePath: (value) => (typeof value === 'string' && parseS3Address(value) ? value : undefined),
    check: async (path) => {
      const { bucket, key } = await findObject(path)
      const staged = await StagedObject.open(bucket, key, defaultFileOptions, createSettings(key))
      await staged.discard()
    },
    open: async (path, options) => {
      const { bucket, key } = await findObject(path)
      return StagedObject.open(bucket, key, options, createSettings(key))
    },
    openFolder: async (manifestPath, signal) => {
      const { bucket, key } = await findObject(manifestPath)
      // each file name has the id of the run, so of all objects of the dataset only the manifest can exist already
      const createDatasetSettings = (key: string) => {
        const { properties, ...settings } = createSettings(key)
        return { ...settings, properties: { ...properties, IfNoneMatch: undefined }, isDatasetFile: true }
      }
      if (ifNoneMatch) await bucket.rejectExisting(key)
      const openObject = (key: string) => StagedObject.open(bucket, key, defaultFileOptions, createDatasetSettings(key))
      return S3Folder.open(bucket, key, openObject, signal)
    },
    getSize: async (path) => {
      const { bucket, key } = await findObject(path)
      return bucket.getSize(key)
    },
    readText: async (path) => {
      const { bucket, key } = await findObject(path)
      return bucket.readText(key)
    },
    // an OptionError names a package that is missing
    toError: (_where, step, path, cause) =>
      cause instanceof OptionError
        ? cause
        : new ExportError('ERR_DESTINATION', `${path}: cannot ${step}: ${(cause as Error).message}`, { cause }),
  }
}

// s3() and s3File(): objects in S3 and compatible stores.
import type { Writable } from 'node:stream'
import { ExportError, OptionError } from '../../shared/errors.js'
import { memoize } from '../../shared/memoize.js'
import { describeValue } from '../../shared/describe-value.js'
import { isPlainObject, resolveOptions } from '../../shared/options.js'
import { createAtomicFile } from '../../files/atomic-file.js'
import { defaultFileOptions, type AtomicFileOptions } from '../../files/file-options.js'
import type { ObjectStore } from '../../files/file-store.js'
import { Bucket } from './bucket.js'
import { parseS3Address } from './s3-address.js'
import { S3Folder } from './s3-folder.js'
import { s3Rules, type ResolvedS3Options, type S3Options } from './s3-options.js'
import { StagedObject } from './staged-object.js'

/** Options of {@link s3File}. */
export interface S3FileOptions extends S3Options, Omit<AtomicFileOptions, 'store'> {}

/**
 * Returns the store of files at `s3://bucket/key`, for the option `store`. It needs the package `@aws-sdk/client-s3`, which finds
 * credentials, region and endpoint itself: `AWS_ACCESS_KEY_ID`, `AWS_PROFILE`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`, roles.
 *
 * @throws OptionError for a bad option, at the call.
 * @example const [orders, events] = atomicFiles(['orders', 'events'].map((name) => ({ path: `s3://lake/${name}.parquet`, store: s3() })))
 */
export function s3(options: S3Options = {}): ObjectStore {
  return createStore('s3', resolveOptions('s3', options, s3Rules))
}

/**
 * Returns a Writable for bytes. It uploads them in parts while they are written. The object appears when it is whole; until
 * then, the earlier object is unchanged. A failure aborts the upload. A kill leaves the parts, until a run to the same key aborts them, at
 * least an hour later, or a lifecycle rule of the bucket does.
 *
 * @throws OptionError for a bad address or option, at the call. The stream fails with `ERR_DESTINATION` or `ERR_DESTINATION_BUSY`.
 * @example await pipeline(exportStream({ … }), toParquet(), s3File('s3://lake/instances.parquet'))
 */
export function s3File(address: string, options: S3FileOptions = {}): Writable {
  const isFileOption = ([name]: [string, unknown]) => Object.hasOwn(defaultFileOptions, name)
  if (!isPlainObject(options))
    throw new OptionError('s3File', 'options', `expected an object, got ${describeValue(options)}`)
  const entries = Object.entries(options)
  const s3Options = Object.fromEntries(entries.filter((entry) => !isFileOption(entry)))
  const store = createStore('s3File', resolveOptions('s3File', s3Options, s3Rules))
  return createAtomicFile('s3File', { ...Object.fromEntries(entries.filter(isFileOption)), path: address, store })
}

const contentTypes: readonly (readonly [end: RegExp, contentType: string])[] = [
  [/\.csv$/i, 'text/csv; charset=utf-8'],
  [/\.(ndjson|jsonl)$/i, 'application/x-ndjson'],
  [/\.(json|jsonocel|ocel)$/i, 'application/json'],
  [/\.xes$/i, 'application/xml'],
  [/\.xlsx$/i, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  [/\.parquet$/i, 'application/vnd.apache.parquet'],
  [/\.arrows$/i, 'application/vnd.apache.arrow.stream'],
  [/\.gz$/i, 'application/gzip'],
]

const getContentType = (key: string) => contentTypes.find(([end]) => end.test(key))?.[1] ?? 'application/octet-stream'

function createStore(where: string, options: ResolvedS3Options): ObjectStore {
  const openBucket = memoize((name: string) => Bucket.open(where, name, options))
  const findObject = async (path: string) => {
    const { bucket, key } = parseS3Address(path)!
    return { bucket: await openBucket(bucket), key }
  }
  const openObject = (bucket: Bucket, key: string, fileOptions = defaultFileOptions, isDatasetFile = false) => {
    const properties = {
      ContentType: options.contentType ?? getContentType(key),
      Metadata: options.metadata,
      // each file name of a dataset has the id of the run, so of all its objects only the manifest can exist already
      ...(options.ifNoneMatch && !isDatasetFile ? { IfNoneMatch: '*' } : {}),
    }
    return StagedObject.open(bucket, key, fileOptions, { ...options, properties, isDatasetFile })
  }
  return {
    label: 'S3',
    expectedPath: 'an address s3://bucket/key',
    parsePath: (value) => (typeof value === 'string' && parseS3Address(value) ? value : undefined),
    check: async (path) => {
      const { bucket, key } = await findObject(path)
      const staged = await openObject(bucket, key)
      await staged.discard()
    },
    open: async (path, fileOptions) => {
      const { bucket, key } = await findObject(path)
      return openObject(bucket, key, fileOptions)
    },
    openFolder: async (manifestPath, signal) => {
      const { bucket, key } = await findObject(manifestPath)
      if (options.ifNoneMatch) await bucket.rejectExisting(key)
      const openFile = (key: string) => openObject(bucket, key, defaultFileOptions, true)
      return S3Folder.open(bucket, key, openFile, signal)
    },
    getSize: async (path) => {
      const { bucket, key } = await findObject(path)
      return bucket.getSize(key)
    },
    readText: async (path) => {
      const { bucket, key } = await findObject(path)
      return bucket.readText(key)
    },
    // an OptionError means that a package is missing; it stays as it is
    toError: (_where, step, path, cause) =>
      cause instanceof OptionError
        ? cause
        : new ExportError('ERR_DESTINATION', `${path}: cannot ${step}: ${(cause as Error).message}`, { cause }),
  }
}

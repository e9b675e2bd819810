import { OptionError } from '../../shared/errors.js'
import { findNearest } from '../../shared/find-nearest.js'
import * as rule from '../../shared/options.js'
import type { S3Client } from './s3-client.js'

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
   * `StorageClass`, `Tagging`. Other names are refused. No message contains a value. @default none
   */
  parameters?: Readonly<Record<string, string>> | undefined
  /** Called with a message if an upload could not be aborted. @default process.emitWarning */
  onWarning?: ((message: string) => void) | undefined
}

const MIB = 1024 ** 2

const clientRule: rule.Rule<S3Client> = {
  expected: 'a client of @aws-sdk/client-s3',
  parse: (value) =>
    typeof value === 'object' && value !== null && 'send' in value && 'config' in value
      ? (value as S3Client)
      : undefined,
  secret: true,
}

/**
 * The parameters of both requests that can be written as text. Two kinds are left out: those that an option sets, and
 * `ChecksumAlgorithm`, because the SDK chooses the checksums of parts. Source: `PutObjectRequest` and `CreateMultipartUploadRequest` of
 * @aws-sdk/client-s3.
 */
const parameterNames = [
  'ACL',
  'BucketKeyEnabled',
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ExpectedBucketOwner',
  'GrantFullControl',
  'GrantRead',
  'GrantReadACP',
  'GrantWriteACP',
  'ObjectLockEventHold',
  'ObjectLockLegalHoldStatus',
  'RequestPayer',
  'SSECustomerAlgorithm',
  'SSECustomerKey',
  'SSECustomerKeyMD5',
  'SSEKMSEncryptionContext',
  'SSEKMSKeyId',
  'ServerSideEncryption',
  'StorageClass',
  'Tagging',
  'WebsiteRedirectLocation',
]

const parametersRule: rule.Rule<Readonly<Record<string, string>>> = {
  ...rule.stringRecord,
  parse: (value, path) => {
    const parameters = rule.stringRecord.parse(value, path)
    const unknown = Object.keys(parameters ?? {}).find((name) => !parameterNames.includes(name))
    if (unknown === undefined) return parameters
    const nearest = findNearest(unknown, parameterNames)
    const expected = nearest === undefined ? `expected ${parameterNames.join(', ')}` : `did you mean ${nearest}`
    // the name is not shown, because it may be a value, as of a key in base64
    throw new OptionError(path.where, path.option, `unknown parameter, ${expected}`)
  },
}

/** @internal S3 allows parts of 5 MiB to 5 GiB. The limit here is 1 GiB, because parts are buffered in memory. */
export const s3Rules: rule.Rules<ResolvedS3Options> = {
  client: rule.optional(clientRule),
  partSize: rule.withDefault(rule.integer(5 * MIB, 1024 * MIB), 8 * MIB),
  queueSize: rule.withDefault(rule.integer(1, 64), 4),
  ifNoneMatch: rule.withDefault(rule.boolean, false),
  contentType: rule.optional(rule.text),
  metadata: rule.withDefault(rule.stringRecord, {}),
  parameters: rule.secret(rule.withDefault(parametersRule, {})),
  onWarning: rule.withDefault(rule.callable<(message: string) => void>('a function'), (message) =>
    process.emitWarning(message),
  ),
}

/** @internal */
export type ResolvedS3Options = rule.Resolved<S3Options, 'contentType', { client: S3Client | undefined }>

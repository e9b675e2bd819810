// Connects to S3. The sole importer of @aws-sdk/client-s3, an optional peer dependency.
import type * as sdk from '@aws-sdk/client-s3'
import { importPeer } from '../../shared/import-peer.js'
import type { ResolvedS3Options } from './s3-options.js'

export type S3Client = sdk.S3Client

export type S3Sdk = typeof sdk

export interface S3Connection {
  readonly client: S3Client
  readonly sdk: S3Sdk
}

/** Attempts of one request. With the default of three, a store that refuses requests for 2 s would end an export. */
const MAX_ATTEMPTS = 10

/**
 * The time limits for a connection, and for a pause in which no byte is sent or received. `requestTimeout` has no limit, because it would
 * also count the time in which a slow connection sends a part.
 */
const timeoutsMs = { connectionTimeout: 10_000, requestTimeout: 0, socketTimeout: 120_000 }

/** Returns the client in the options, or else a new one, whose settings the SDK finds (environment, profiles, roles). */
export async function connectS3(where: string, { client }: ResolvedS3Options): Promise<S3Connection> {
  const module = await importPeer(where, '@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'), { option: 'client' })
  return { client: client ?? createClient(module), sdk: module }
}

function createClient({ S3Client }: S3Sdk): S3Client {
  const { env } = process
  const earlier = env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED']
  // the constructor would print a warning about Node 20
  env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'
  try {
    return new S3Client({
      maxAttempts: MAX_ATTEMPTS,
      requestHandler: timeoutsMs,
      followRegionRedirects: true,
      // MinIO and others have no host name per bucket
      forcePathStyle: (env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL']) !== undefined,
    })
  } finally {
    if (earlier === undefined) delete env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED']
    else env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = earlier
  }
}

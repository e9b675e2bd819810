// Uploads: a finished file by this package or by the SDK's own Upload, or bytes that are generated while they are uploaded.
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { s3File } from '../../lib/stores/s3/index.js'
import type { CaseInput, Work } from '../harness/case-types.js'

const MIB = 1024 ** 2

/** Yields one mebibyte for each number below `count`; each begins with its number. */
function* generate(count: number): Generator<Buffer> {
  const bytes = Buffer.alloc(MIB, 'generated ')
  for (let index = 0; index < count; index++) {
    const copy = Buffer.from(bytes)
    copy.writeUInt32LE(index)
    yield copy
  }
}

/** `options.variant` is `file`, `sdk` or `generated`; `records` are mebibytes. */
export function open({ url, file, records, options }: CaseInput): Work {
  const client = new S3Client({
    endpoint: url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  })
  const read = () => createReadStream(file, { highWaterMark: MIB })
  const size = { partSize: 8 * MIB, queueSize: 4 }
  const uploads: Readonly<Record<string, () => Promise<unknown>>> = {
    file: () => pipeline(read(), s3File('s3://lake/a', { client, ...size })),
    sdk: () => new Upload({ client, params: { Bucket: 'lake', Key: 'a', Body: read() }, ...size }).done(),
    generated: () =>
      pipeline(Readable.from(generate(records), { objectMode: false }), s3File('s3://lake/a', { client, ...size })),
  }
  return async () => {
    await uploads[options.variant!]!()
    return { rows: records }
  }
}

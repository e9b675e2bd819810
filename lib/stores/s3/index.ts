// The entry point `optimize-export/s3`: re-exports, nothing else.
export { s3, s3File, type S3FileOptions } from './s3.js'
export type { S3ClientLike, S3Options } from './s3-options.js'
export type { AtomicFileOptions, WrittenReceipt } from '../../files/file-options.js'
export type { FileStore, ObjectStore } from '../../files/file-store.js'

// The entry point `optimize-export/s3`: re-exports, nothing else.
export { s3, s3File, type S3ClientLike, type S3FileOptions, type S3Options } from './s3.js'
export type { AtomicFileOptions } from '../../files/atomic-file.js'
export type { FileStore, ObjectStore, WrittenReceipt } from '../../files/file-store.js'

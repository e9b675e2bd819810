// Node's own compressors; zstd came to node:zlib with 22.15.
import zlib from 'node:zlib'

/** How the pages of a file are compressed. */
export type Codec = 'snappy' | 'gzip' | 'zstd' | 'uncompressed'

export type Compress = (bytes: Uint8Array) => Uint8Array

export const gzip: Compress = (bytes) => zlib.gzipSync(bytes)

/** Undefined where this Node has none. */
export const zstd: Compress | undefined = (zlib as { zstdCompressSync?: Compress }).zstdCompressSync

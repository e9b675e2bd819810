// Compresses pages, by Node's own compressors, and for Snappy by WebAssembly. The only file that imports hysnappy.
import zlib from 'node:zlib'
import { snappyCompress, snappyCompressor } from 'hysnappy'
import { loadZstd } from './zstd.js'

/** How the pages of a file are compressed. */
export type Codec = 'snappy' | 'gzip' | 'zstd' | 'uncompressed'

/** Gives compressed bytes that are the caller's to keep. */
export type Compressor = (bytes: Uint8Array) => Uint8Array

let zstd: Compressor | undefined

/** Loads what a codec needs; comes before {@link createCompressor}. */
export async function loadCodec(codec: Codec): Promise<void> {
  if (codec === 'zstd') zstd ??= await loadZstd()
}

const compressorFactories: Readonly<Record<Codec, () => Compressor>> = {
  snappy,
  gzip: () => (bytes) => zlib.gzipSync(bytes),
  zstd: () => zstd!,
  uncompressed: () => (bytes) => new Uint8Array(bytes),
}

/** The function behind a codec that was loaded. */
export const createCompressor = (codec: Codec): Compressor => compressorFactories[codec]()

/** WebAssembly's memory never shrinks, so a page that is a single enormous value gets a memory that is thrown away. */
const MAX_SHARED_MEMORY_PAGE_BYTES = 8 * 1024 ** 2

function snappy(): Compressor {
  const compress = snappyCompressor()
  return (bytes) => (bytes.length > MAX_SHARED_MEMORY_PAGE_BYTES ? snappyCompress(bytes) : compress(bytes))
}

// Compresses pages with the compressors of Node.js, and for Snappy with WebAssembly if there is any. The sole importer of hysnappy.
import zlib from 'node:zlib'
import { snappyCompress, snappyCompressor } from 'hysnappy'
import { isFastPathOn } from '../../fastpath/scan/webassembly.js'
import type { Compressor } from '../../fastpath/parquet/column-chunk-builder.js'
import { compressSnappyInJs } from './hyparquet-thrift.js'
import { loadZstd } from './zstd.js'

/** How the pages of a file are compressed. */
export type Codec = 'snappy' | 'gzip' | 'zstd' | 'uncompressed'

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
  if (!isFastPathOn()) return compressSnappyInJs
  const compress = snappyCompressor()
  return (bytes) => (bytes.length > MAX_SHARED_MEMORY_PAGE_BYTES ? snappyCompress(bytes) : compress(bytes))
}

// Compresses pages with Node.js, or with WebAssembly for Snappy. The sole importer of hysnappy.
import zlib from 'node:zlib'
import { snappyCompress, snappyCompressor } from 'hysnappy'
import { isFastPathOn } from '../../../fastpath/scan/webassembly.js'
import type { Compressor } from '../../../fastpath/parquet/column-chunk-builder.js'
import { compressSnappyInJs } from './hyparquet-thrift.js'
import { loadZstd } from './zstd.js'

/** The compression of pages. */
export type Codec = 'snappy' | 'gzip' | 'zstd' | 'uncompressed'

let zstd: Compressor | undefined

/** Loads the module that a codec needs. The caller awaits it before {@link createCompressor}. */
export async function loadCodec(codec: Codec): Promise<void> {
  if (codec === 'zstd') zstd ??= await loadZstd()
}

const compressorFactories: Readonly<Record<Codec, () => Compressor>> = {
  snappy: createSnappyCompressor,
  gzip: () => (bytes) => zlib.gzipSync(bytes),
  zstd: () => zstd!,
  uncompressed: () => (bytes) => new Uint8Array(bytes),
}

/** Returns the compressor of a codec that was loaded. */
export const createCompressor = (codec: Codec): Compressor => compressorFactories[codec]()

/** A larger page is compressed in a separate memory that is freed afterwards, because a WebAssembly memory never shrinks. */
const MAX_SHARED_MEMORY_PAGE_BYTES = 8 * 1024 ** 2

function createSnappyCompressor(): Compressor {
  if (!isFastPathOn()) return compressSnappyInJs
  const compress = snappyCompressor()
  return (bytes) => (bytes.length > MAX_SHARED_MEMORY_PAGE_BYTES ? snappyCompress(bytes) : compress(bytes))
}

// Compresses with Snappy, by WebAssembly or JavaScript. The sole importer of hysnappy.
import { snappyCompress, snappyCompressor } from 'hysnappy'
import { isFastPathOn } from '../../../fastpath/common/webassembly.js'
import type { Compressor } from '../../../leaves/column-chunk-builder.js'
import { compressSnappyInJs } from './hyparquet-library.js'

/** A larger page is compressed in a separate memory that is freed afterwards, because a memory of WebAssembly never shrinks. */
const MAX_PAGE_BYTES_IN_KEPT_MEMORY = 8 * 1024 ** 2

export function createSnappyCompressor(): Compressor {
  if (!isFastPathOn()) return compressSnappyInJs
  const compress = snappyCompressor()
  return (bytes) => (bytes.length > MAX_PAGE_BYTES_IN_KEPT_MEMORY ? snappyCompress(bytes) : compress(bytes))
}

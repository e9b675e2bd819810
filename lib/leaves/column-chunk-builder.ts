// The contract of column chunk builders: the values of one leaf in, compressed pages out. `js-column-chunk-builder.ts` is the authority,
// `wasm-column-chunk-builder.ts` the fast form.
import type { LeafBuilder } from './leaf-builder.js'
import type { PLAIN, RLE_DICTIONARY } from './parquet-pages.js'

/** Returns the compressed bytes of a page of Parquet. The caller may keep and change them. */
export type Compressor = (bytes: Uint8Array) => Uint8Array

export interface ColumnChunkBuilder extends LeafBuilder {
  /** Ends the chunk and starts the next. */
  finish(): FinishedChunk
}

/** A finished page of Parquet, compressed, without its header. */
export interface CompressedPage {
  /** The encoding of its values; always PLAIN for a dictionary. */
  readonly encoding: typeof PLAIN | typeof RLE_DICTIONARY
  /** The number of values, including nulls; for a dictionary the number of entries. */
  readonly valueCount: number
  readonly uncompressedSize: number
  readonly bytes: Uint8Array
}

/** The smallest and the largest value, as PLAIN bytes; of a text its first `KEPT_TEXT_BYTES`, without a length before them. */
export interface Bounds {
  readonly min: Uint8Array
  readonly max: Uint8Array
}

/** All values of one leaf in a row group. */
export interface FinishedChunk {
  /** The number of values, including nulls. */
  readonly valueCount: number
  readonly nullCount: number
  readonly dictionary: CompressedPage | undefined
  readonly pages: readonly CompressedPage[]
  readonly bounds: Bounds | undefined
}

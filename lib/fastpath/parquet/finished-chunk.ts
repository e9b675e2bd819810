// What a column chunk of a row group is made of when its values are all there.

import type { PLAIN, RLE_DICTIONARY } from './kernel/chunk-kernel-memory.js'

export { PLAIN, RLE, RLE_DICTIONARY } from './kernel/chunk-kernel-memory.js'

/** A finished page, compressed, without its header. */
export interface CompressedPage {
  /** How its values are written; a dictionary's are always PLAIN. */
  readonly encoding: typeof PLAIN | typeof RLE_DICTIONARY
  /** Values in it, nulls included; of a dictionary its entries. */
  readonly valueCount: number
  /** Bytes before compression. */
  readonly rawBytes: number
  readonly bytes: Uint8Array
}

/** The smallest and the largest value, PLAIN encoded; of text the first bytes, see `kernel/value-bounds.ts`. */
export interface Bounds {
  readonly min: Uint8Array
  readonly max: Uint8Array
}

/** The values of one leaf of a row group. */
export interface FinishedChunk {
  /** Values in it, nulls included. */
  readonly valueCount: number
  readonly nullCount: number
  readonly dictionary: CompressedPage | undefined
  readonly pages: readonly CompressedPage[]
  readonly bounds: Bounds | undefined
}

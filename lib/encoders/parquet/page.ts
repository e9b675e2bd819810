// What a column chunk of a row group is made of when its values are all there.

import type { PLAIN, RLE_DICTIONARY } from './kernel/memory.js'

export { PLAIN, RLE, RLE_DICTIONARY } from './kernel/memory.js'

/** A finished page, compressed, without its header. */
export interface Page {
  /** How its values are written; a dictionary's are always PLAIN. */
  readonly encoding: typeof PLAIN | typeof RLE_DICTIONARY
  /** Values in it, nulls included; of a dictionary its entries. */
  readonly values: number
  /** Bytes before compression. */
  readonly rawBytes: number
  readonly bytes: Uint8Array
}

/** The smallest and the largest value, PLAIN encoded; of text the first bytes, see `bounds.ts`. */
export interface Bounds {
  readonly min: Uint8Array
  readonly max: Uint8Array
}

/** The values of one leaf of a row group. */
export interface Chunk {
  /** Values in it, nulls included. */
  readonly values: number
  readonly nulls: number
  readonly dictionary: Page | undefined
  readonly pages: readonly Page[]
  readonly bounds: Bounds | undefined
}

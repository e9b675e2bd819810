// The contract of what makes a column chunk: the values of one leaf go in, compressed pages come out. The kernel is behind one
// implementation, JavaScript behind the other (`encode/parquet/js-column-chunk-builder.ts`).
import type { PLAIN, RLE_DICTIONARY } from './kernel/chunk-kernel-memory.js'

export { PLAIN, RLE, RLE_DICTIONARY } from './kernel/chunk-kernel-memory.js'

/** Compresses a page, and returns bytes that belong to the caller. */
export type Compressor = (bytes: Uint8Array) => Uint8Array

/** Where a leaf is in its column. */
export interface LeafLevels {
  /** The definition level of a value that is not null. */
  readonly definition: number
  /** 0 where a row has at most one value. */
  readonly repetition: number
}

/** How much of a block was appended. */
export interface AppendedSpans {
  /** The first record that was not. */
  readonly to: number
  /** The counted bytes of its values. */
  readonly bytes: number
}

/** Builds one column chunk after another. Its methods return the bytes that a value counts for in a row group. */
export interface ColumnChunkBuilder {
  /** Appends a null whose definition level is given, because something around the value is null. */
  putNullAt(definition: number, repetition: number): void
  /** Appends a null where everything around the value exists. */
  putNull(repetition: number): number
  putString(value: string, repetition: number): number
  putInteger(value: number, repetition: number): number
  putBigInt(value: bigint, repetition: number): number
  putDouble(value: number, repetition: number): number
  putBoolean(value: boolean, repetition: number): number
  /** Appends the value of a span from its bytes; returns undefined if it must be read as a value first. */
  putSpan(page: Buffer, start: number, end: number, flags: number, repetition: number): number | undefined
  /** Appends values of the loaded block from their bytes, up to the first that must be read as a value. */
  putSpans(slot: number, from: number, to: number): AppendedSpans
  /** Ends the chunk and starts the next. */
  finish(): FinishedChunk
}

/** A finished page, compressed, without its header. */
export interface CompressedPage {
  /** The encoding of its values; that of a dictionary is always PLAIN. */
  readonly encoding: typeof PLAIN | typeof RLE_DICTIONARY
  /** The number of values, nulls included; of a dictionary the number of its entries. */
  readonly valueCount: number
  /** Bytes before compression. */
  readonly rawBytes: number
  readonly bytes: Uint8Array
}

/** The smallest and the largest value, PLAIN encoded; of a text the first 65 bytes. */
export interface Bounds {
  readonly min: Uint8Array
  readonly max: Uint8Array
}

/** All values of one leaf in a row group. */
export interface FinishedChunk {
  /** The number of values, nulls included. */
  readonly valueCount: number
  readonly nullCount: number
  readonly dictionary: CompressedPage | undefined
  readonly pages: readonly CompressedPage[]
  readonly bounds: Bounds | undefined
}

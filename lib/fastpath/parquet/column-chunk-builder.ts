// The contract of column chunk builders: the values of one leaf in, compressed pages out. One implementation uses the kernel, the
// other (`encode/parquet/bytes/js-column-chunk-builder.ts`) uses JavaScript only.
import type { PLAIN, RLE_DICTIONARY } from './kernel/chunk-kernel-memory.js'

export { PLAIN, RLE, RLE_DICTIONARY } from './kernel/chunk-kernel-memory.js'
export {
  ANY_NOTATION,
  FRACTIONS_ONLY,
  NO_NUMBER_TEXTS,
  FRACTIONS_AND_INTEGERS,
  FRACTIONS_AND_POINT_ZERO,
} from './kernel/chunk-kernel-memory.js'

/** Returns the compressed bytes of a page of Parquet. The caller may keep and change them. */
export type Compressor = (bytes: Uint8Array) => Uint8Array

/** The highest levels of a leaf. */
export interface LeafLevels {
  /** The definition level of a value that is not null. */
  readonly definition: number
  /** 0 if a row has at most one value. */
  readonly repetition: number
}

/** The result of appending records of a block. */
export interface AppendedSpans {
  /** The first record whose value was not appended. */
  readonly to: number
  /** The counted bytes of the appended values. */
  readonly bytes: number
}

/** The entries of the maps of records of one layout. */
export interface MapEntries {
  readonly keys: readonly Buffer[]
  /** The slots of the values. */
  readonly slots: readonly number[]
}

/** Takes the values of one leaf. Its methods return the bytes that a value counts for in a row group. */
export interface LeafBuilder {
  /** The address of the chunk in the memory of the kernel; undefined if it is not there. */
  readonly pointer?: number
  /** Appends a null because a list or struct around the value is null; the definition level shows which. */
  putNullAt(definition: number, repetition: number): void
  /** Appends a null. All nodes around it exist. */
  putNull(repetition: number): number
  putString(value: string, repetition: number): number
  putInteger(value: number, repetition: number): number
  putBigInt(value: bigint, repetition: number): number
  putDouble(value: number, repetition: number): number
  putBoolean(value: boolean, repetition: number): number
  /** Sets the notations of numbers that {@link putSpan} accepts as text in a leaf of doubles, {@link ANY_NOTATION} and so on. */
  setNotations(notations: number): void
  /** Appends the value of a span from the bytes of its page of the API; returns undefined if it must be read as a value first. */
  putSpan(source: Buffer, start: number, end: number, flags: number, repetition: number): number | undefined
  /** Appends values of the loaded block from their bytes, up to the first that must be read as a value. */
  putSpans(slot: number, from: number, to: number): AppendedSpans
  /**
   * Appends the maps of records of the loaded block, whose keys are in this chunk and whose values are in another, from an entry of
   * the first record on. Stops at a value that must be read. Undefined if this builder appends no maps.
   */
  readonly putMaps?: (
    values: Pick<LeafBuilder, 'pointer'>,
    entries: MapEntries,
    from: number,
    entry: number,
    to: number,
  ) => AppendedSpans & { readonly entry: number }
}

/** Builds one column chunk after another. */
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
  /** The number of bytes before compression. */
  readonly uncompressedSize: number
  readonly bytes: Uint8Array
}

/** The smallest and the largest value, PLAIN encoded; only the first 65 bytes of a text. */
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

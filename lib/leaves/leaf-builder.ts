// The contract of the builders of leaves. A leaf is a plain column, or a plain part of a nested one. Its values have levels, as in Dremel
// and Parquet. The definition level is the number of optional and repeated nodes on the path of a value that are not null. The repetition
// level is 0 for the first value of a row, and 1 for each further element of a list or a map.

/** The highest levels of a leaf. */
export interface LeafLevels {
  /** The definition level of a value that is not null. */
  readonly definition: number
  /** 0 if a row has at most one value, 1 for a leaf inside a list or a map. */
  readonly repetition: number
}

export interface AppendProgress {
  /** The first record whose value was not appended. */
  readonly to: number
  /** The counted bytes of the appended values. */
  readonly bytes: number
}

/** The keys of a map column and the slots of their values, which are the same in all records of one layout. */
export interface MapColumnEntries {
  readonly keys: readonly Buffer[]
  readonly slots: readonly number[]
}

/** Takes the values of one leaf. The methods that append a value return its counted bytes. */
export interface LeafBuilder {
  /** The address of the chunk in the memory of the kernel; undefined if no kernel builds the chunk. */
  readonly pointer?: number
  /** Appends a null because a list, struct or map around the value is null or empty; the definition level tells which of them. */
  putNullAtLevel(definition: number, repetition: number): void
  /** Appends a null because the value itself is null. */
  putNull(repetition: number): number
  putString(value: string, repetition: number): number
  putInteger(value: number, repetition: number): number
  putBigInt(value: bigint, repetition: number): number
  putDouble(value: number, repetition: number): number
  putBoolean(value: boolean, repetition: number): number
  /** Sets the notations of numbers that {@link putSpan} accepts as text in a leaf of doubles, see `number-notations.ts`. */
  setNotations?(notations: number): void
  /**
   * Appends the value of a span of the page `source`. Returns undefined if the caller must read the value and append it. A builder without
   * this method takes only values.
   */
  putSpan?(source: Buffer, start: number, end: number, flags: number, repetition: number): number | undefined
  /** Appends values of the loaded block from their bytes, up to the first that the caller must read. */
  putSpans?(slot: number, from: number, to: number): AppendProgress
  /**
   * Appends the maps of the records `from` up to `to` of the loaded block: the keys to this builder, the values to the builder `values`.
   * Begins with the entry `entry` of the first record, and stops at a value that the caller must read. Undefined if this builder cannot
   * append maps.
   */
  readonly putMaps?: (
    values: Pick<LeafBuilder, 'pointer'>,
    entries: MapColumnEntries,
    from: number,
    entry: number,
    to: number,
  ) => AppendProgress & { readonly entry: number }
}

// Constants of the pages and bounds of Parquet, for all builders of column chunks. This file is valid TypeScript and AssemblyScript.

/** Parquet's numbers for encodings. */
export const PLAIN = 0
export const RLE = 3
export const RLE_DICTIONARY = 8

/** A page is closed at the end of a row when it has this many bytes of plain values, or this many values. */
export const MAX_PAGE_BYTES = 1 << 20
export const MAX_PAGE_VALUES = 1 << 18
/** The most bytes of a text in the bounds of a file. */
export const MAX_BOUND_TEXT_BYTES = 64
/** The bytes of a text that are kept for bounds. The last one tells whether the text is longer. */
export const KEPT_TEXT_BYTES = MAX_BOUND_TEXT_BYTES + 1

/** The bytes of the length before a text. */
export const LENGTH_PREFIX_BYTES = 4

// What the kernel and its caller agree on; this file is TypeScript and AssemblyScript.

/** What the values of a leaf are. */
export const STRING = 0
export const JSON_TEXT = 1
export const INT64 = 2
export const TIMESTAMP = 3
export const DOUBLE = 4
export const BOOLEAN = 5

/** Where the kernel says more than it returns, in words of four bytes. */
export const REPORT = 64
/** What the values of a block count for. */
export const COUNTED = 0
/** Of a finished chunk: values, nulls, */
export const VALUES = 4
export const NULLS = 8
/** the entries of its dictionary, how many bytes they are, how many there are: 0 where it has none, */
export const ENTRIES = 12
export const ENTRY_BYTES = 16
export const ENTRY_COUNT = 20
/** its bounds, and how long they are, -1 where there are none. */
export const MIN = 24
export const MIN_BYTES = 28
export const MAX = 32
export const MAX_BYTES = 36

/** Parquet's numbers for encodings. */
export const PLAIN = 0
export const RLE = 3
export const RLE_DICTIONARY = 8

/** What a missing value counts for in a row group, and the place of a value of no fixed width. */
export const PLACE = 1
/** Bytes that the length of a text takes, and those of every other value but a bit. */
export const PREFIX = 4
export const WORD = 8

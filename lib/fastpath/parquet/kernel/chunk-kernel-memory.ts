// What the kernel and its caller agree on; this file is TypeScript and AssemblyScript.

/** What the values of a leaf are. */
export const STRING = 0
export const JSON_TEXT = 1
export const INT64 = 2
export const TIMESTAMP = 3
export const DOUBLE = 4
export const BOOLEAN = 5

/** Where the kernel says more than it returns, in words of four bytes. */
export const RESULT = 64
/** What the values of a block count for. */
export const COUNTED_BYTES_OFFSET = 0
/** Of a finished chunk: values, nulls, */
export const VALUE_COUNT_OFFSET = 4
export const NULL_COUNT_OFFSET = 8
/** the entries of its dictionary, how many bytes they are, how many there are: 0 where it has none, */
export const ENTRIES_ADDRESS_OFFSET = 12
export const ENTRIES_BYTES_OFFSET = 16
export const ENTRY_COUNT_OFFSET = 20
/** its bounds, and how long they are, -1 where there are none. */
export const MIN_ADDRESS_OFFSET = 24
export const MIN_BYTES_OFFSET = 28
export const MAX_ADDRESS_OFFSET = 32
export const MAX_BYTES_OFFSET = 36

/** Parquet's numbers for encodings. */
export const PLAIN = 0
export const RLE = 3
export const RLE_DICTIONARY = 8

/** What a missing value counts for in a row group, and the place of a value of no fixed width. */
export const NULL_COST_BYTES = 1
/** Bytes that the length of a text takes, and those of every other value but a bit. */
export const LENGTH_PREFIX_BYTES = 4
export const WORD_BYTES = 8

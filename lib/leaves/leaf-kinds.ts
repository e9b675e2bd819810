// The kinds of leaves, and what their values count for. This file is valid TypeScript and AssemblyScript.

export const STRING_LEAF = 0
export const JSON_LEAF = 1
export const INT64_LEAF = 2
export const TIMESTAMP_LEAF = 3
export const DOUBLE_LEAF = 4
export const BOOLEAN_LEAF = 5

/** The kinds that the kernel of Parquet does not know: days, and decimals that fit in eight bytes or need 16. */
export const DATE_LEAF = 6
export const SMALL_DECIMAL_LEAF = 7
export const LARGE_DECIMAL_LEAF = 8

/** The counted bytes of a null, a boolean, a list, a struct, a map and an entry of a map. A text counts its bytes plus this. */
export const BASE_COUNTED_BYTES = 1
/** The bytes of an integer, a time or a double; a word has four bytes. */
export const LONG_BYTES = 8

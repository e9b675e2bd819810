// Constants that the kernel and its caller share. This file is valid TypeScript and AssemblyScript.

/** The kinds of leaves. */
export const STRING = 0
export const JSON_TEXT = 1
export const INT64 = 2
export const TIMESTAMP = 3
export const DOUBLE = 4
export const BOOLEAN = 5

/** The kinds of leaves that the kernel does not know: days of four bytes, and decimals of eight and of 16 bytes. */
export const DATE = 6
export const SMALL_DECIMAL = 7
export const LARGE_DECIMAL = 8

// The notations of numbers that a leaf of doubles accepts as text.

/** Any decimal number. */
export const ANY_NOTATION = 0
/** No number. */
export const NO_NUMBER_TEXTS = 1
/** Numbers as JavaScript writes them, except whole numbers. */
export const FRACTIONS_ONLY = 2
/** The same as {@link FRACTIONS_ONLY}, and whole numbers such as `2`. */
export const FRACTIONS_AND_INTEGERS = 3
/** The same as {@link FRACTIONS_ONLY}, and whole numbers such as `2.0`. */
export const FRACTIONS_AND_POINT_ZERO = 4

/** The address of the result of a call, which consists of words of four bytes. */
export const RESULT = 64
/** The counted bytes of appended values. */
export const COUNTED_BYTES_OFFSET = 0
/** The numbers of values and nulls in a finished chunk. */
export const VALUE_COUNT_OFFSET = 4
export const NULL_COUNT_OFFSET = 8
/** The address, bytes and number of its dictionary entries. The number is 0 if the chunk has no dictionary. */
export const ENTRIES_ADDRESS_OFFSET = 12
export const ENTRIES_BYTES_OFFSET = 16
export const ENTRY_COUNT_OFFSET = 20
/** The address and bytes of its bounds. The bytes are -1 if the chunk has no bounds. */
export const MIN_ADDRESS_OFFSET = 24
export const MIN_BYTES_OFFSET = 28
export const MAX_ADDRESS_OFFSET = 32
export const MAX_BYTES_OFFSET = 36

/** The entry of a map that was not appended. */
export const STOPPED_ENTRY_OFFSET = 40
/** The words of an entry of a map. */
export const ENTRY_WORDS = 3

/** Parquet's numbers for encodings. */
export const PLAIN = 0
export const RLE = 3
export const RLE_DICTIONARY = 8

/** A page is closed at the end of a row when it has this many bytes or values. */
export const MAX_PAGE_BYTES = 1 << 20
export const MAX_PAGE_VALUES = 1 << 18
/** Bounds have 64 bytes of a text. One more byte shows whether the text is longer and whether the cut is within a character. */
export const BOUND_TEXT_BYTES = 65

/** The counted bytes of a null and of a boolean. A text counts its bytes plus this. */
export const MIN_COUNTED_BYTES = 1
/** The bytes of the length before a text. */
export const LENGTH_PREFIX_BYTES = 4
/** The bytes of a value that is neither a text nor a bit. */
export const WORD_BYTES = 8

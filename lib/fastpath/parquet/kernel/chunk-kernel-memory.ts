// Constants that the kernel and its caller share. This file is valid TypeScript and AssemblyScript.

/** The address of the result of a call, which consists of words of four bytes. */
export const RESULT = 64
/** The counted bytes of appended values. */
export const COUNTED_BYTES_OFFSET = 0
/** How many values and how many nulls a finished chunk has. */
export const VALUE_COUNT_OFFSET = 4
export const NULL_COUNT_OFFSET = 8
/** The address, bytes and number of the dictionary entries of the chunk. The number is 0 if the chunk has no dictionary. */
export const DICTIONARY_ADDRESS_OFFSET = 12
export const DICTIONARY_BYTES_OFFSET = 16
export const DICTIONARY_ENTRIES_OFFSET = 20
/** The address and bytes of the bounds of the chunk. The bytes are -1 if the chunk has no bounds. */
export const MIN_ADDRESS_OFFSET = 24
export const MIN_BYTES_OFFSET = 28
export const MAX_ADDRESS_OFFSET = 32
export const MAX_BYTES_OFFSET = 36

/** The number of the first entry of a map that was not appended. */
export const STOPPED_MAP_ENTRY_OFFSET = 40
/** The number of words per entry of a map. */
export const MAP_ENTRY_WORDS = 3

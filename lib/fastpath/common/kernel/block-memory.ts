// The addresses in the memory of a kernel that encodes. This file is valid TypeScript and AssemblyScript.

/**
 * The address of five words: the addresses of the bytes of a block, of the starts, ends and flags of its spans, and of the index of the
 * first span of each record.
 */
export const BLOCK = 16
export const SOURCE_OFFSET = 0
export const STARTS_OFFSET = 4
export const ENDS_OFFSET = 8
export const FLAGS_OFFSET = 12
export const VALUE_OFFSETS_OFFSET = 16

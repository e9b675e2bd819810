// The addresses in the memory of a kernel that encodes. This file is TypeScript and AssemblyScript.

/**
 * The address of five words: the addresses of the bytes of a block (`SOURCE`), of its spans (`STARTS`, `ENDS`, `FLAGS`), and of
 * the first span of each record (`VALUE_OFFSETS`).
 */
export const BLOCK = 16
export const SOURCE = 0
export const STARTS = 4
export const ENDS = 8
export const FLAGS = 12
export const VALUE_OFFSETS = 16

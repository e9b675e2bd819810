// Where a kernel that encodes has what it is shown, in words of four bytes; this file is TypeScript and AssemblyScript.

/** Where the bytes of a block, its spans and the first span of each record belong. */
export const BLOCK = 16
export const SOURCE = 0
export const STARTS = 4
export const ENDS = 8
export const FLAGS = 12
export const VALUE_INDEX = 16

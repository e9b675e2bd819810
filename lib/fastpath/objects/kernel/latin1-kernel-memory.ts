// Constants that the kernel and its caller share. This file is valid TypeScript and AssemblyScript.

/** The address of the result of a call, which consists of words of four bytes. */
export const RESULT = 64
export const SOURCE_OFFSET = 0
/** The address of two words for each record: its start and its end, first in the bytes, afterwards in the JSON. */
export const BOUNDS_OFFSET = 4
export const JSON_OFFSET = 8

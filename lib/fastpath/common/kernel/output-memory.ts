// Constants that the kernels that write text share with their callers. This file is valid TypeScript and AssemblyScript.

/** The address of the result of a call, which consists of words of four bytes. */
export const RESULT = 64
/** The record of the block that has the value that the caller must write, and the number of the value in the row or the line. */
export const STOPPED_RECORD_OFFSET = 0
export const STOPPED_VALUE_OFFSET = 4
/** The address of the output, and its number of bytes. */
export const OUTPUT_ADDRESS_OFFSET = 8
export const OUTPUT_BYTES_OFFSET = 12

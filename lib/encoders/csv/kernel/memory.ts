// What the kernel and its caller agree on; this file is TypeScript and AssemblyScript.

/** What is done with a cell. */
export const QUOTED = 0
/** It is quoted if it holds the delimiter. */
export const CHECKED = 1
/** It is JSON text, full of quotes. */
export const JSON_TEXT = 2
/** It is text with escapes; most often those are quotes and line breaks. */
export const ESCAPED_TEXT = 3
export const EMPTY = 4
/** Its value is needed. */
export const BY_VALUE = 5

/** The length of the text of a cell that has none. */
export const NO_TEXT = -1

/** Where a call says what it left behind, in words of four bytes: */
export const REPORT = 64
/** the record of the block and the column of a cell whose value is needed, */
export const RECORD = 0
export const COLUMN = 4
/** where the rows are, and how many bytes they have. */
export const OUT = 8
export const OUT_BYTES = 12

/** Where the caller puts what is done with cells of each flags, a byte each. */
export const ACTIONS = 128

// What the kernel and its caller agree on; this file is TypeScript and AssemblyScript.

/** What is done with a cell. */
export const QUOTED = 0
/** It is quoted if it holds the delimiter. */
export const QUOTED_IF_NEEDED = 1
/** It is JSON text, full of quotes. */
export const JSON_TEXT = 2
/** It is text with escapes; most often those are quotes and line breaks. */
export const ESCAPED_TEXT = 3
export const NULL_CELL = 4
/** Its value is needed. */
export const NEEDS_VALUE = 5

/** The length of the text of a cell that has none. */
export const NULL_TEXT_LENGTH = -1

/** Where a call says what it left behind, in words of four bytes: */
export const RESULT = 64
/** the record of the block and the column of a cell whose value is needed, */
export const STOPPED_RECORD_OFFSET = 0
export const STOPPED_COLUMN_OFFSET = 4
/** where the rows are, and how many bytes they have. */
export const ROWS_ADDRESS_OFFSET = 8
export const ROWS_BYTES_OFFSET = 12

/** Where the caller puts what is done with cells of each flags, a byte each. */
export const ACTIONS = 128

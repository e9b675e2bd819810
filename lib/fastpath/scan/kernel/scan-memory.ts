// The addresses in the kernel's memory, and offsets from them. The window comes last, because only the window grows. Unused memory costs
// nothing, because the system allocates it at the first use. This file is valid TypeScript and AssemblyScript.

export const MAX_NODES = 40_000
export const MAX_VALUES_PER_RECORD = MAX_NODES
export const MAX_LITERAL_BYTES = 4_194_304
/** The limits for records and their spans per call. */
export const MAX_RECORDS_PER_CALL = 4096
export const MAX_SPANS_PER_CALL = 65_536

/** The address of the results of a call. Each is a word of four bytes at an offset from here. */
export const RESULT = 16
export const STOPPED_AT_OFFSET = 0
export const UNKNOWN_ELEMENT_AT_OFFSET = 4
export const RECORDS_FOUND_OFFSET = 8
export const SPANS_FOUND_OFFSET = 12
/** 1 if JSON.stringify may write the records, or the bytes between them, differently, not counting the digits of numbers. */
export const NON_CANONICAL_FOUND_OFFSET = 16
/** The number of lists whose elements were found completely. */
export const LISTS_FOUND_OFFSET = 20

/**
 * The nodes of the tree. A node is a literal, followed by a value or by the end of the object. The first two nodes are roots
 * without a literal: their children are the beginnings of records and of array elements. Each part of a node
 * has an offset from the node.
 */
export const NODES = 64
export const NODE_BYTES = 24
export const RECORD_ROOT = 64
export const ELEMENT_ROOT = 88
/** The address and the length of the literal of a node. */
export const NODE_LITERAL_OFFSET = 0
export const NODE_LENGTH_OFFSET = 4
/** The number of the layout that ends with the node, or -1. */
export const NODE_LAYOUT_OFFSET = 8
/** {@link NEVER_OBJECT}, {@link ALWAYS_LIST} and {@link NON_CANONICAL_LAYOUT}. */
export const NODE_FLAGS_OFFSET = 12
/** The address of the first node that may follow the node; 0 for none. */
export const NODE_CHILD_OFFSET = 16
/** The address of the next node that may come instead of the node; 0 for none. */
export const NODE_SIBLING_OFFSET = 20

/** In this layout the value (of a nested field, or of an entry of it) is not an object. A record with an object here has another layout. */
export const NEVER_OBJECT = 1
/** JSON.stringify would write other bytes between the values. */
export const NON_CANONICAL_LAYOUT = 2
/** The value is a list. A record with another value has another layout. */
export const ALWAYS_LIST = 4

/** Records and spans, in columns: flags are bytes, all others are words. */
export const RECORD_LAYOUTS = NODES + (MAX_NODES + 2) * NODE_BYTES
export const RECORD_VALUE_OFFSETS = RECORD_LAYOUTS + 4 * MAX_RECORDS_PER_CALL
export const RECORD_STARTS = RECORD_VALUE_OFFSETS + 4 * MAX_RECORDS_PER_CALL
export const RECORD_ENDS = RECORD_STARTS + 4 * MAX_RECORDS_PER_CALL
export const RECORD_FLAGS = RECORD_ENDS + 4 * MAX_RECORDS_PER_CALL
export const STARTS = RECORD_FLAGS + MAX_RECORDS_PER_CALL
export const ENDS = STARTS + 4 * MAX_SPANS_PER_CALL
export const FLAGS = ENDS + 4 * MAX_SPANS_PER_CALL

/** The limit for lists per call; then where each list starts in the page, and how many elements each has. */
export const MAX_LISTS_PER_CALL = 4096
export const LIST_STARTS = FLAGS + MAX_SPANS_PER_CALL
export const LIST_COUNTS = LIST_STARTS + 4 * MAX_LISTS_PER_CALL

export const LITERALS = LIST_COUNTS + 4 * MAX_LISTS_PER_CALL

/** The bytes of a page, and zeros after them, because bytes are read 16 at a time. */
export const WINDOW = LITERALS + MAX_LITERAL_BYTES + 64
export const PADDING_BYTES = 16

/** Outcomes of a call. The scan stopped after the closing bracket of the array or of the last list. */
export const CLOSED = 0
/** The scan stopped at bytes that are not an object with a known layout. */
export const UNKNOWN_RECORD = 1
/** The scan stopped at a record that has an array element with an unknown layout. */
export const UNKNOWN_ELEMENT = 2
/** The scan stopped at a record, or a list, that is not completely in the window. */
export const INCOMPLETE = 3
/** The scan stopped before a record, or a list, because the tables are full; the caller copies the results and calls again. */
export const FULL = 4
/** The bytes are not an array: no bracket at the start, or neither a comma nor a bracket after a record. */
export const BROKEN = 5

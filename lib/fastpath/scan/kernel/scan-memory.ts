// What is where in the kernel's memory; this file is TypeScript and AssemblyScript. Only the window grows, so it comes last;
// memory that is never touched costs none.

/** A tree that is larger is not worth its memory. */
export const MAX_NODES = 40_000
/** The bytes of all literals. */
export const MAX_LITERAL_BYTES = 4_194_304
/** Records that one call finds at most, and spans of theirs. */
export const MAX_RECORDS_PER_CALL = 4096
export const MAX_SPANS_PER_CALL = 65_536

/** Where a call says how it ended, in words of four bytes. */
export const RESULT = 16
/** Where it stopped, */
export const STOPPED_AT = 0
/** where the element is that is of no known shape, */
export const UNKNOWN_ELEMENT_AT = 4
/** how many records and spans it found, */
export const RECORDS_FOUND = 8
export const SPANS_FOUND = 12
/** and whether JSON.stringify would write them or what is between them with other bytes, or might. */
export const NON_CANONICAL_FOUND = 16

/**
 * The nodes of the tree. A node is a literal, and the value behind it or the end of the object. The first two are none: their
 * children are what records begin with, and what elements of arrays begin with.
 */
export const NODES = 64
export const NODE_BYTES = 24
export const RECORD_ROOT = 64
export const ELEMENT_ROOT = 88
/** The fields of a node: where its literal is, how long it is, the number of the shape that ends with it or -1, */
export const NODE_LITERAL = 0
export const NODE_LENGTH = 4
export const NODE_LAYOUT = 8
/** {@link NEVER_OBJECT} or {@link NON_CANONICAL_LAYOUT}, */
export const NODE_FLAGS = 12
/** the first of the nodes that may come next, and the next of those that may come in the place of this one; 0 for none. */
export const NODE_CHILD = 16
export const NODE_SIBLING = 20

/** An object in the place of the value would be columns of its own, so it is of another shape. */
export const NEVER_OBJECT = 1
/** JSON.stringify would put other bytes between the values. */
export const NON_CANONICAL_LAYOUT = 2

/** Records and spans, in columns: flags are bytes, all others are words. The flags of a record are those of all its values. */
export const RECORD_LAYOUTS = NODES + (MAX_NODES + 2) * NODE_BYTES
export const RECORD_VALUE_INDEX = RECORD_LAYOUTS + 4 * MAX_RECORDS_PER_CALL
export const RECORD_STARTS = RECORD_VALUE_INDEX + 4 * MAX_RECORDS_PER_CALL
export const RECORD_ENDS = RECORD_STARTS + 4 * MAX_RECORDS_PER_CALL
export const RECORD_FLAGS = RECORD_ENDS + 4 * MAX_RECORDS_PER_CALL
export const STARTS = RECORD_FLAGS + MAX_RECORDS_PER_CALL
export const ENDS = STARTS + 4 * MAX_SPANS_PER_CALL
export const FLAGS = ENDS + 4 * MAX_SPANS_PER_CALL

export const LITERALS = FLAGS + MAX_SPANS_PER_CALL

/** Bytes of a page, and zeros behind them, since bytes are loaded 16 at a time. */
export const WINDOW = LITERALS + MAX_LITERAL_BYTES + 64
export const PADDING_BYTES = 16

/** How a call ended: behind the closing bracket, */
export const CLOSED = 0
/** at an object of no known shape, */
export const NEW_LAYOUT = 1
/** at a record with an element of no known shape in one of its arrays, */
export const UNKNOWN_ELEMENT = 2
/** at a record that goes on behind the window, */
export const INCOMPLETE = 3
/** at a record that there is no room for until the others are taken, */
export const FULL = 4
/** or behind a record, where there is neither a comma nor a bracket. */
export const BROKEN = 5

// Constants that the kernel and its caller share. This file is valid TypeScript and AssemblyScript.

/**
 * The text is copied as it is, because it contains no quote and no line break. It is put in quotes if the dialect quotes every cell, or if
 * the text contains the delimiter. If the dialect's text for null is not empty, cells as long as that text are left to the caller, because
 * the two may be equal.
 */
export const COPIED_TEXT = 0
/** JSON text, which usually contains quotes. */
export const JSON_TEXT = 1
/** A text with escapes, which are usually quotes and line breaks. */
export const ESCAPED_TEXT = 2
export const NULL_CELL = 3
/** The caller must write the cell. */
export const NEEDS_VALUE = 4
export const EMPTY_TEXT = 5
/** A date of Optimize's API, which is written as java.time.OffsetDateTime writes it. */
export const OFFSET_DATE_TIME = 6
/** The same as {@link COPIED_TEXT}, but the caller must write a text that is as long as the placeholder of an object variable. */
export const TEXT_UNLESS_PLACEHOLDER = 7
export const PLACEHOLDER_BYTES = 25

/** Stands for a null cell, in place of the length of its text. */
export const NULL_CELL_LENGTH = -1

/**
 * The address of the tables of actions: one byte for each value of a cell's flags; flags of 0 are a missing cell. The caller writes
 * the tables, and sets the number of the table of each column.
 */
export const ACTION_TABLES = 128
export const ACTION_TABLE_BYTES = 256

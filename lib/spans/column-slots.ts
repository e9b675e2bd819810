// The numbers in place of a slot, for a column without a slot. This file is valid TypeScript and AssemblyScript.

/** The record layout does not have the column; its cells are missing. */
export const MISSING_SLOT = -1
/** The cell is an object made of several values, an `ObjectCell`. */
export const OBJECT_SLOT = -2

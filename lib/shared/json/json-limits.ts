// This file is valid TypeScript and AssemblyScript.

/** A double holds every integer of up to this many digits exactly. */
export const SAFE_DIGITS = 15
/** A value that is nested deeper is left to JSON.parse. This is no limit for the values that an export accepts. */
export const MAX_SCANNED_DEPTH = 100

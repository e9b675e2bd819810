// This file is valid TypeScript and AssemblyScript.

/** A double holds every integer of up to this many digits exactly. */
export const SAFE_DIGITS = 15
/** The limit for the nesting of a value that is checked as bytes. */
export const MAX_DEPTH = 100

// This file is valid TypeScript and AssemblyScript.

/** A double holds every integer of up to this many digits exactly. */
export const SAFE_DIGITS = 15

// Constants that the kernel and its caller share. This file is valid TypeScript and AssemblyScript.

/** A piece of a line is three words: the slot of its value, and the start and the length of the literal before it. */
export const PIECE_WORDS = 3
/** The slot of the last piece, which is a literal only. */
export const NO_SLOT = -1

// Constants that the kernel and its caller share. This file is valid TypeScript and AssemblyScript.

/** The address of the result of a call, which consists of words of four bytes. */
export const RESULT = 64
/** The record of the block and the piece whose value the caller must write. */
export const STOPPED_RECORD_OFFSET = 0
export const STOPPED_PIECE_OFFSET = 4
/** The address of the lines, and their number of bytes. */
export const LINES_ADDRESS_OFFSET = 8
export const LINES_BYTES_OFFSET = 12

/** A piece of a line is three words: the slot of its value, and the start and the length of the literal before it. */
export const PIECE_WORDS = 3
/** The slot of the last piece, which is a literal only. */
export const NO_SLOT = -1

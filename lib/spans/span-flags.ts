// The flags of a span: one of five kinds, and up to three further flags. This file is valid TypeScript and AssemblyScript.

/** A text. The quotes are not in the span. */
export const TEXT = 1
export const NUMBER = 2
export const BOOLEAN = 4
export const NULL = 8
/** An array or an object. */
export const NESTED = 16
/** A TEXT with escapes. A TEXT without this flag contains no quote, no backslash and no character below U+0020. */
export const ESCAPED = 32
/** JSON.stringify may write the value with other bytes, not counting its numbers, which have the flag DIGITS. */
export const NON_CANONICAL = 64
/** The value is or contains a number that may lose digits: -0, or any number except an integer of at most `SAFE_DIGITS` digits. */
export const DIGITS = 128

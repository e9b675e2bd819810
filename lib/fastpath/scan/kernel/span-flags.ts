// What a span is: one of five kinds, and marks. This file is TypeScript and AssemblyScript.

/** It starts and ends inside its quotes. */
export const TEXT = 1
export const NUMBER = 2
export const BOOLEAN = 4
export const NULL = 8
/** An array or an object. */
export const NESTED = 16
/** A TEXT with escapes: its bytes are not its text. Without this mark it holds no quote, no control character and no line break. */
export const ESCAPED = 32
/** JSON.stringify would write the value with other bytes, numbers aside. */
export const NON_CANONICAL = 64
/** It is, or holds, a number that is not an integer of up to 15 digits, or is -0: a double may not have its digits. */
export const DIGITS = 128

// The flags of a span: one of five kinds, and up to three further flags. This file is TypeScript and AssemblyScript.

/** A text. The span starts and ends inside the quotes. */
export const TEXT = 1
export const NUMBER = 2
export const BOOLEAN = 4
export const NULL = 8
/** An array or an object. */
export const NESTED = 16
/** A TEXT with escapes. A TEXT without this flag contains no quote, no control character and no line break. */
export const ESCAPED = 32
/** JSON.stringify may write the value with other bytes. Numbers do not cause it; they cause DIGITS. */
export const NON_CANONICAL = 64
/** It is or contains a number that a double may change: -0, or anything but an integer of up to `SAFE_DIGITS` digits. */
export const DIGITS = 128

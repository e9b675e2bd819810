// The notations of numbers that a leaf of doubles accepts as text. This file is valid TypeScript and AssemblyScript.

/** Any decimal number. */
export const ANY_NOTATION = 0
/** No text is accepted as a number. */
export const NO_NUMBER_TEXTS = 1
/** Numbers as JavaScript writes them, except whole numbers. */
export const FRACTIONS_ONLY = 2
/** The same as {@link FRACTIONS_ONLY}, and whole numbers such as `2`. */
export const FRACTIONS_AND_INTEGERS = 3
/** The same as {@link FRACTIONS_ONLY}, and whole numbers such as `2.0`. */
export const FRACTIONS_AND_POINT_ZERO = 4

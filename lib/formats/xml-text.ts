/** Matches the characters that XML cannot hold, not even as a reference. Source: XML 1.0, production 2 (Char). */
export const invalidXmlCharacters = /[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu

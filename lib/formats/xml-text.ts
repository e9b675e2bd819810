/** Matches the characters that XML cannot hold, not even as a reference. Source: XML 1.0, production 2 (Char). */
export const invalidXmlCharacters = /[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu

/** Escapes a text that is the content of an element. */
export const escapeXmlContent = (text: string): string => text.replace(/[&<>]/g, (unit) => references[unit]!)

/** Escapes a text that is an attribute in double quotes, or the content of an element. Line breaks and tabs stay. */
export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (unit) => references[unit]!)

const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

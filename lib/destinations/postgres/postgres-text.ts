// Texts that PostgreSQL cannot store: U+0000, and halves of surrogate pairs, which have no form in UTF-8.

/** Finds an escaped backslash, a pair of escaped surrogates, and the escapes that `jsonb` refuses: half of a pair, and `\u0000`. */
const JSON_ESCAPES = /\\\\|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|\\ud[89a-f][0-9a-f]{2}|\\u0000/gi

const isRefused = (escape: string) => escape.length === 6

export const isStorableText = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text)

export const isStorableJson = (json: string): boolean =>
  isStorableText(json) && !(json.match(JSON_ESCAPES) ?? []).some(isRefused)

/** Returns the text with U+FFFD in the place of each character that PostgreSQL cannot store. */
export const replaceInText = (text: string): string => text.replace(/[\0\p{Surrogate}]/gu, '\ufffd')

/** Returns the JSON with U+FFFD in the place of each character and each escape that PostgreSQL cannot store. */
export const replaceInJson = (json: string): string =>
  replaceInText(json).replace(JSON_ESCAPES, (escape) => (isRefused(escape) ? '\ufffd' : escape))

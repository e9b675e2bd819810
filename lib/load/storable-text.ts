// Text that PostgreSQL cannot store, and that no database accepts in a name: U+0000, and halves of surrogate pairs, which have no form in
// UTF-8.

export const isStorableText = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text)

/** Returns the text with U+FFFD in the place of each character that cannot be stored. */
export const toStorableText = (text: string): string => text.replace(/[\0\p{Surrogate}]/gu, '\ufffd')

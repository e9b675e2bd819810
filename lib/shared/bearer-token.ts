// The text of an access token.

/** Returns the token without a leading `Bearer `. */
export const stripBearer = (token: string) => token.replace(/^\s*Bearer(?:\s+|$)/i, '').trim()

/** Returns whether a header can carry the token: printable ASCII, not counting its scheme. */
export const isToken = (token: string) => /^[\x20-\x7e]+$/.test(stripBearer(token))

/** Returns the token without a leading `Bearer ` and without white space around it. */
export const stripBearer = (token: string) => token.replace(/^\s*Bearer(?:\s+|$)/i, '').trim()

/** Returns whether the token, without a leading `Bearer `, is printable ASCII, so that a header can carry it. */
export const isToken = (token: string) => /^[\x20-\x7e]+$/.test(stripBearer(token))

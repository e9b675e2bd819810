// Reads the audience and the expiry of a token. Source: RFC 7519 (JSON Web Token), sections 4.1.3 aud, 4.1.4 exp.

export interface TokenClaims {
  /** Undefined if the token has no expiry. */
  readonly expiresAt: Date | undefined
  readonly audience: string | undefined
}

/** Reads a JSON Web Token without checking its signature. Returns undefined for a token of another form. */
export function readTokenClaims(token: string): TokenClaims | undefined {
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token)?.[1]
  if (payload === undefined) return undefined
  try {
    const { exp, aud } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp?: unknown; aud?: unknown }
    const audiences = [aud].flat().filter((name) => typeof name === 'string')
    return {
      expiresAt: typeof exp === 'number' ? new Date(exp * 1000) : undefined,
      audience: audiences.length > 0 ? audiences.join(', ') : undefined,
    }
  } catch {
    return undefined
  }
}

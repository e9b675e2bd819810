// The token rules of each era (docs/server.md section 2). A refused request does not reach the search.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { EraRules } from '../eras.js'
import { createEmptyReply, type ReplyFactory, type Reply } from '../server/reply-factory.js'

interface IssuedToken {
  readonly expiresAtMs: number
  requestsLeft: number
}

export class Tokens {
  #static: string
  readonly #issued = new Map<string, IssuedToken>()
  readonly #now: () => number

  constructor(token: string, now: () => number) {
    this.#static = token
    this.#now = now
  }

  /** The static token; `''` if there is none. */
  get static(): string {
    return this.#static
  }

  issue(lifeMs: number, requests: number): string {
    const token = randomBytes(24).toString('base64url')
    this.#issued.set(token, { expiresAtMs: this.#now() + lifeMs, requestsLeft: requests })
    return token
  }

  /** Makes all tokens invalid and sets the static token to `next`. */
  expire(next: string): void {
    this.#static = next
    this.#issued.clear()
  }

  /** Returns whether the token is valid, and counts the request, if it counts as a use of the token. */
  tryUse(token: string, countsAsUse: boolean): boolean {
    if (token !== '' && token === this.#static) return true
    const issued = this.#issued.get(token)
    if (!issued || issued.expiresAtMs <= this.#now() || (countsAsUse && issued.requestsLeft === 0)) return false
    if (countsAsUse) issued.requestsLeft--
    return true
  }
}

export interface Credentials {
  readonly header: string | undefined
  readonly query: readonly string[]
}

export function readCredentials(request: IncomingMessage, query: URLSearchParams): Credentials {
  return { header: request.headers.authorization, query: query.getAll('access_token') }
}

/** Returns the refusal of a request without a valid token, or undefined. */
export function checkCredentials(
  credentials: Credentials,
  tokens: Tokens,
  { eraRules, replies, countsAsUse }: { eraRules: EraRules; replies: ReplyFactory; countsAsUse: boolean },
): Reply | undefined {
  if (!eraRules.acceptsBareTokens) return checkBearerToken(credentials, tokens, countsAsUse)
  const { header = '', query } = credentials
  const isAccepted = [header.replace(/^Bearer /, ''), ...query].some((token) => tokens.tryUse(token, countsAsUse))
  return isAccepted ? undefined : createRejection(eraRules, replies)
}

export function createRejection(eraRules: EraRules, replies: ReplyFactory): Reply {
  if (!eraRules.rejectsWithJson)
    return createChallenge(
      401,
      'Bearer error="invalid_token", error_description="An error occurred while attempting to decode the Jwt"',
    )
  const reply = replies.error(401, 'notAuthorizedError', 'Could not authenticate.')
  const cookie = 'X-Optimize-Authorization="";Path=/;Max-Age=0;HttpOnly'
  return { ...reply, headers: { ...reply.headers, 'set-cookie': cookie } }
}

/** Checks a token like Spring's DefaultBearerTokenResolver, which reads the parameter only to refuse a request with two tokens. */
function checkBearerToken({ header, query }: Credentials, tokens: Tokens, countsAsUse: boolean): Reply | undefined {
  const isBearer = header !== undefined && /^bearer/i.test(header)
  const token = /^Bearer ([a-zA-Z0-9-._~+/]+=*)$/i.exec(header ?? '')?.[1]
  if (isBearer && token === undefined)
    return createChallenge(401, 'Bearer error="invalid_token", error_description="Bearer token is malformed"')
  if (query.length > 1 || (isBearer && query.length > 0)) {
    return createChallenge(
      400,
      'Bearer error="invalid_request", error_description="Found multiple bearer tokens in the request"',
    )
  }
  if (token === undefined) return createChallenge(401, 'Bearer')
  return tokens.tryUse(token, countsAsUse)
    ? undefined
    : createChallenge(401, 'Bearer error="invalid_token", error_description="Invalid access token"')
}

const createChallenge = (status: number, header: string) =>
  createEmptyReply(status, { 'www-authenticate': header, 'cache-control': 'no-store' })

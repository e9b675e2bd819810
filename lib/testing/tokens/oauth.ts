// The token endpoint for client credentials (RFC 6749 4.4), form or JSON, with a rate limit like the real one.
import type { IncomingHttpHeaders } from 'node:http'
import type { Tokens } from './auth.js'
import { createEmptyReply, type ReplyFactory, type Reply } from '../server/reply-factory.js'
import type { OAuthSettings } from '../options/fake-settings.js'

export interface TokenEndpointParts {
  readonly tokens: Tokens
  readonly replies: ReplyFactory
  /** The clock of the rate limit, in milliseconds. */
  readonly now: () => number
}

export class TokenEndpoint {
  readonly #settings: OAuthSettings
  readonly #parts: TokenEndpointParts
  #nextAllowedAtMs = -Infinity

  constructor(settings: OAuthSettings, parts: TokenEndpointParts) {
    this.#settings = settings
    this.#parts = parts
  }

  handleRequest({ 'content-type': contentType, authorization }: IncomingHttpHeaders, body: string): Reply {
    const { expiresIn, requestsPerToken, rateLimitMs } = this.#settings
    const { tokens, replies, now } = this.#parts
    const waitMs = this.#nextAllowedAtMs - now()
    if (waitMs > 0) return createEmptyReply(429, { 'retry-after': String(Math.ceil(waitMs / 1000)) })
    const given = parseBody(contentType, body)
    if (given['grant_type'] !== 'client_credentials') return this.#createError(400, 'unsupported_grant_type')
    if (!this.#isKnownClient(given, authorization)) return this.#createInvalidClient()
    if (!given['audience']) return this.#createError(400, 'invalid_request', 'audience: expected a text, got nothing')
    this.#nextAllowedAtMs = now() + rateLimitMs
    const token = tokens.issue(expiresIn * 1000, requestsPerToken ?? Infinity)
    return replies.json(200, { access_token: token, expires_in: expiresIn, token_type: 'Bearer' })
  }

  /** Returns whether the credentials are correct. In a Basic header, both values are form-encoded (RFC 6749 2.3.1). */
  #isKnownClient(given: Record<string, unknown>, authorization = ''): boolean {
    const { clientId, clientSecret, auth } = this.#settings
    if (auth === 'body') return given['client_id'] === clientId && given['client_secret'] === clientSecret
    const [, encoded = ''] = /^Basic (.+)$/i.exec(authorization) ?? []
    const [id, secret] = Buffer.from(encoded, 'base64').toString().split(':').map(decodeForm)
    return id === clientId && secret === clientSecret
  }

  #createInvalidClient(): Reply {
    const reply = this.#createError(401, 'invalid_client')
    if (this.#settings.auth === 'body') return reply
    return { ...reply, headers: { ...reply.headers, 'www-authenticate': 'Basic realm="oauth"' } }
  }

  #createError(status: number, error: string, error_description?: string): Reply {
    return this.#parts.replies.json(status, { error, error_description })
  }
}

const decodeForm = (text: string) => new URLSearchParams(`_=${text}`).get('_')

function parseBody(contentType = '', body: string): Record<string, unknown> {
  if (!contentType.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(body))
  try {
    return { ...(JSON.parse(body) as object) }
  } catch {
    return {}
  }
}

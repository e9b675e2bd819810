// The token endpoint for client credentials (RFC 6749 4.4), form or JSON, with the rate limit that the real one has.
import type { IncomingHttpHeaders } from 'node:http'
import type { Tokens } from './auth.js'
import { empty, type Replies, type Reply } from './replies.js'
import type { OAuthSettings } from './settings.js'

export class TokenEndpoint {
  readonly #settings: OAuthSettings
  readonly #tokens: Tokens
  readonly #replies: Replies
  #nextAtMs = 0

  constructor(settings: OAuthSettings, tokens: Tokens, replies: Replies) {
    this.#settings = settings
    this.#tokens = tokens
    this.#replies = replies
  }

  answer({ 'content-type': contentType, authorization }: IncomingHttpHeaders, body: string): Reply {
    const { expiresIn, requestsPerToken, rateLimitMs } = this.#settings
    const waitMs = this.#nextAtMs - performance.now()
    if (waitMs > 0) return empty(429, { 'retry-after': String(Math.ceil(waitMs / 1000)) })
    const given = readBody(contentType, body)
    if (given['grant_type'] !== 'client_credentials') return this.#refuse(400, 'unsupported_grant_type')
    if (!this.#knows(given, authorization)) return this.#invalidClient()
    if (!given['audience']) return this.#refuse(400, 'invalid_request')
    this.#nextAtMs = performance.now() + rateLimitMs
    const token = this.#tokens.issue(expiresIn * 1000, requestsPerToken ?? Infinity)
    return this.#replies.json(200, { access_token: token, expires_in: expiresIn, token_type: 'Bearer' })
  }

  /** RFC 6749 2.3.1: both parts are form-encoded before they are joined. */
  #knows(given: Record<string, unknown>, authorization = ''): boolean {
    const { clientId, clientSecret, auth } = this.#settings
    if (auth === 'body') return given['client_id'] === clientId && given['client_secret'] === clientSecret
    const [, encoded = ''] = /^Basic (.+)$/i.exec(authorization) ?? []
    const [id, secret] = Buffer.from(encoded, 'base64').toString().split(':').map(formDecoded)
    return id === clientId && secret === clientSecret
  }

  #invalidClient(): Reply {
    const reply = this.#refuse(401, 'invalid_client')
    if (this.#settings.auth === 'body') return reply
    return { ...reply, headers: { ...reply.headers, 'www-authenticate': 'Basic realm="oauth"' } }
  }

  #refuse(status: number, error: string): Reply {
    return this.#replies.json(status, { error })
  }
}

const formDecoded = (text: string) => new URLSearchParams(`_=${text}`).get('_')

function readBody(contentType = '', body: string): Record<string, unknown> {
  if (!contentType.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(body))
  try {
    return { ...(JSON.parse(body) as object) }
  } catch {
    return {}
  }
}

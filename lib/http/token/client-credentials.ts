// Gets tokens by the OAuth 2.0 client credentials grant (RFC 6749 section 4.4).
import * as rule from '../../shared/options.js'
import type { FetchLike } from '../transport.js'
import type { TokenContext } from './resolve-token.js'
import { createTokenFunction, oauthClientRules } from './token-endpoint.js'

/** Options of {@link clientCredentials}. */
export interface ClientCredentialsOptions {
  /** The token endpoint: `https://login.cloud.camunda.io/oauth/token`. */
  tokenUrl: string | URL
  /** The id of the client. */
  clientId: string
  /** The secret of the client. No error and no event contains it. */
  clientSecret: string
  /** The audience of the token. SaaS: `optimize.camunda.io`; self-managed: often `optimize-api`. @default none */
  audience?: string | undefined
  /** The scope of the token. @default none */
  scope?: string | undefined
  /** The format of the request: `'json'` for SaaS, `'form'` as in RFC 6749. @default 'form' */
  format?: 'form' | 'json' | undefined
  /**
   * The place of the client id and its secret: `'body'` sends them with the other fields, `'basic'` sends them form-encoded in
   * an `Authorization: Basic` header (RFC 6749 section 2.3.1). @default 'body'
   */
  auth?: 'basic' | 'body' | undefined
  /** A Node `http.Agent` or `https.Agent`. @default agents that reuse connections */
  agent?: object | undefined
  /** A function with the signature of `fetch`. @default node-fetch */
  fetch?: FetchLike | undefined
}

type OptionWithoutDefault = 'audience' | 'scope' | 'agent' | 'fetch'
type ResolvedOptions = rule.Resolved<ClientCredentialsOptions, OptionWithoutDefault, { tokenUrl: URL }>

const { tokenUrl, clientId, clientSecret, ...otherRules } = oauthClientRules
const rules: rule.Rules<ResolvedOptions> = {
  ...{ tokenUrl, clientId, clientSecret },
  audience: rule.optional(rule.text),
  scope: rule.optional(rule.text),
  ...otherRules,
}

/**
 * Returns a function for the option `accessToken`. It caches its token until 30 s before the token expires; a token with a lifetime
 * of 30 s or less is used until it expires. Exports that share the function also share its token requests.
 *
 * @throws OptionError for a bad option, at the call. The returned function rejects with ExportError `ERR_AUTH` if it gets no token;
 * the `status` of the error is that of the endpoint's answer, and undefined without one. An export without a token fails with an
 * error whose `cause` is this one.
 * @example
 * const accessToken = clientCredentials({ tokenUrl, clientId, clientSecret, audience: 'optimize.camunda.io', format: 'json' })
 */
export function clientCredentials(
  options: ClientCredentialsOptions,
): (context?: Partial<TokenContext>) => Promise<string> {
  const { audience, scope, ...client } = rule.resolveOptions<ResolvedOptions>('clientCredentials', options, rules)
  return createTokenFunction(client, {
    grant_type: 'client_credentials',
    ...(audience === undefined ? {} : { audience }),
    ...(scope === undefined ? {} : { scope }),
  })
}

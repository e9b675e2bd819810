// Gets tokens by the OAuth 2.0 client credentials grant (RFC 6749 section 4.4): from Camunda SaaS (JSON), or from Identity or
// Keycloak (form). Tokens are cached until shortly before they expire, because SaaS allows about one token request per second.
import type { ExportError } from '../shared/errors.js'
import { isJsonObject, parseJson } from '../shared/json.js'
import * as rule from '../shared/options.js'
import { toExportError } from './export-error.js'
import { classifyResponse, classifySendError, RequestFailure } from './failure.js'
import { getRetryDelay, wait } from './retry.js'
import { Redactor } from './redactor.js'
import { SingleFlight } from './single-flight.js'
import type { TokenContext } from './token.js'
import { Transport, type HttpResponse, type FetchLike } from './transport.js'

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
  /** A Node `http.Agent` or `https.Agent`. @default keep-alive agents */
  agent?: object | undefined
  /** A function with the signature of `fetch`. @default node-fetch */
  fetch?: FetchLike | undefined
}

interface ResolvedOptions {
  readonly tokenUrl: URL
  readonly clientId: string
  readonly clientSecret: string
  readonly audience: string | undefined
  readonly scope: string | undefined
  readonly format: 'form' | 'json'
  readonly auth: 'basic' | 'body'
  readonly agent: object | undefined
  readonly fetch: FetchLike | undefined
}

const rules: rule.Rules<ResolvedOptions> = {
  tokenUrl: rule.httpUrl,
  clientId: rule.text,
  clientSecret: rule.secret(rule.text),
  audience: rule.maybe(rule.text),
  scope: rule.maybe(rule.text),
  format: rule.optional(rule.oneOf('form', 'json'), 'form'),
  auth: rule.optional(rule.oneOf('basic', 'body'), 'body'),
  agent: rule.maybe(rule.agent),
  fetch: rule.maybe(rule.callable<FetchLike>('a function')),
}

interface Token {
  readonly text: string
  /** Epoch ms; from then on a new token is requested. */
  readonly renewAt: number
}

/** A token is renewed this long before it expires; a token with a shorter lifetime is used until it expires. */
const EXPIRY_MARGIN_MS = 30_000
const TOKEN_REQUEST_TIMEOUT_MS = 30_000
const MAX_TOKEN_RESPONSE_BYTES = 1024 * 1024
const TOKEN_RETRY_POLICY = { attempts: 5, minDelay: 1000, maxDelay: 10_000 }

/**
 * Returns a function for the option `accessToken`. It caches its token until 30 s before the token expires; a token with a
 * shorter lifetime is used until it expires. Exports that share the function also share its token requests.
 *
 * @throws OptionError for a bad option, at the call; the function rejects with ExportError `ERR_AUTH` if it gets no token.
 * @example
 * const accessToken = clientCredentials({ tokenUrl, clientId, clientSecret, audience: 'optimize.camunda.io', format: 'json' })
 */
export function clientCredentials(
  options: ClientCredentialsOptions,
): (context?: Partial<TokenContext>) => Promise<string> {
  const resolved = rule.resolveOptions<ResolvedOptions>('clientCredentials', options, rules)
  const tokenRequest = new SingleFlight((signal) => requestToken(resolved, signal))
  let token: Token | undefined
  return async ({ refresh = false, signal } = {}) => {
    if (token && !refresh && Date.now() < token.renewAt) return token.text
    token = await tokenRequest.run(signal)
    return token.text
  }
}

async function requestToken(options: ResolvedOptions, signal: AbortSignal): Promise<Token> {
  const { fetch, agent } = options
  const transport = new Transport({
    fetch,
    agent,
    timeoutMs: TOKEN_REQUEST_TIMEOUT_MS,
    maxBytes: MAX_TOKEN_RESPONSE_BYTES,
  })
  try {
    return await requestWithRetries(options, transport, signal)
  } finally {
    transport.close()
  }
}

async function requestWithRetries(options: ResolvedOptions, transport: Transport, signal: AbortSignal): Promise<Token> {
  let outcome = await requestOnce(options, transport, signal)
  for (let attempt = 1; outcome instanceof RequestFailure; attempt++) {
    outcome.attempts = attempt
    const delay = getRetryDelay(outcome, attempt, TOKEN_RETRY_POLICY)
    if (delay === undefined) throw toAuthError(options, outcome)
    await wait(delay, signal)
    outcome = await requestOnce(options, transport, signal)
  }
  return outcome
}

async function requestOnce(
  options: ResolvedOptions,
  transport: Transport,
  signal: AbortSignal,
): Promise<Token | RequestFailure> {
  const requestedAt = Date.now()
  try {
    const response = await transport.send({ url: options.tokenUrl, method: 'POST', ...buildGrant(options), signal })
    return response.status === 200 ? parseToken(response.body, requestedAt) : createRefusalFailure(response)
  } catch (error) {
    signal.throwIfAborted()
    return error instanceof RequestFailure ? error : classifySendError(error, false)
  }
}

function buildGrant(options: ResolvedOptions): { headers: Record<string, string>; body: string } {
  const { clientId, clientSecret, audience, scope, format, auth } = options
  const fields = {
    grant_type: 'client_credentials',
    ...(auth === 'body' ? { client_id: clientId, client_secret: clientSecret } : {}),
    ...(audience === undefined ? {} : { audience }),
    ...(scope === undefined ? {} : { scope }),
  }
  const isJson = format === 'json'
  return {
    headers: {
      accept: 'application/json',
      'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded',
      ...(auth === 'basic' ? { authorization: `Basic ${encodeBasicCredentials(options)}` } : {}),
    },
    body: isJson ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
  }
}

const encodeForm = (value: string) => new URLSearchParams([['', value]]).toString().slice(1)

const encodeBasicCredentials = ({ clientId, clientSecret }: ResolvedOptions) =>
  Buffer.from(`${encodeForm(clientId)}:${encodeForm(clientSecret)}`).toString('base64')

/** Returns the token in an answer. A token without a lifetime is used until the server refuses it. */
function parseToken(body: Buffer, requestedAt: number): Token {
  const response = parseBody(body)
  const { access_token: text, expires_in: seconds } = isJsonObject(response) ? response : {}
  if (typeof text !== 'string' || text === '') throw createUnusableFailure('the answer has no valid access_token')
  const lifetime = typeof seconds === 'number' || typeof seconds === 'string' ? Number(seconds) : NaN
  const ms = Number.isNaN(lifetime) ? Infinity : lifetime * 1000
  return { text, renewAt: requestedAt + (ms > EXPIRY_MARGIN_MS ? ms - EXPIRY_MARGIN_MS : ms) }
}

function parseBody(body: Buffer): unknown {
  try {
    return parseJson(body)
  } catch {
    throw createUnusableFailure(`the body is not valid JSON (${body.length} bytes)`)
  }
}

const createUnusableFailure = (message: string) => new RequestFailure('final', 'ERR_AUTH', message, { status: 200 })

/** Returns the failure of a refused request, with the code and the text of the endpoint. Source: RFC 6749 section 5.2. */
function createRefusalFailure(response: HttpResponse): RequestFailure {
  const { category, retryAfterMs, detail } = classifyResponse(response, false)
  const code = /"error"\s*:\s*"([^"\\]{1,100})"/.exec(response.body.toString())?.[1]
  const serverText = [code, detail].filter(Boolean).join(': ')
  const isBasic = response.status === 401 && /^basic\b/i.test(response.headers.get('www-authenticate') ?? '')
  const hint = isBasic ? '; the endpoint expects HTTP Basic: set auth: "basic", or --token-auth basic' : ''
  return new RequestFailure(
    category,
    'ERR_AUTH',
    `expected a token, got status ${response.status}${response.proxySuffix}${hint}`,
    {
      status: response.status,
      retryAfterMs,
      ...(serverText ? { detail: serverText } : {}),
    },
  )
}

function toAuthError(options: ResolvedOptions, failure: RequestFailure): ExportError {
  const { tokenUrl, clientSecret } = options
  const redactor = new Redactor()
  redactor.register(encodeBasicCredentials(options))
  redactor.register(clientSecret)
  const { message, detail } = failure
  return toExportError(failure, `token endpoint ${tokenUrl.origin}`, redactor, {
    code: 'ERR_AUTH',
    message: detail === undefined ? message : `${message}: ${detail}`,
  })
}

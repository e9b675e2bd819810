// Gets tokens from an OAuth 2.0 token endpoint (RFC 6749): from Camunda SaaS (JSON), or from Identity or Keycloak (form). A flow,
// such as client-credentials.ts, adds its grant. Tokens are cached until shortly before they expire, because SaaS allows about
// one token request per second (docs/server.md 2.9).
import type { ExportError } from '../../shared/errors.js'
import { isJsonObject, parseJson } from '../../shared/json/json.js'
import * as rule from '../../shared/options.js'
import { toExportError } from '../export-error.js'
import { classifyResponse, classifyRequestError, RequestFailure } from '../failure.js'
import { Redactor } from '../../shared/secrets/redactor.js'
import { sendWithRetries, TOKEN_RETRY_POLICY } from '../retry.js'
import { Transport, type FetchLike, type HttpRequest, type HttpResponse } from '../transport.js'
import type { TokenContext } from './resolve-token.js'
import { SingleFlight } from './single-flight.js'

export interface OAuthClient {
  readonly tokenUrl: URL
  readonly clientId: string
  readonly clientSecret: string
  readonly format: 'form' | 'json'
  readonly auth: 'basic' | 'body'
  readonly agent: object | undefined
  readonly fetch: FetchLike | undefined
}

export const oauthClientRules: rule.Rules<OAuthClient> = {
  tokenUrl: rule.httpUrl,
  clientId: rule.text,
  clientSecret: rule.secret(rule.text),
  format: rule.withDefault(rule.oneOf('form', 'json'), 'form'),
  auth: rule.withDefault(rule.oneOf('basic', 'body'), 'body'),
  agent: rule.optional(rule.agent),
  fetch: rule.optional(rule.callable<FetchLike>('a function')),
}

/** The fields of a token request that depend on the flow. */
export type Grant = Readonly<Record<string, string>> & { readonly grant_type: string }

interface Token {
  readonly text: string
  /** Milliseconds since 1970; from this time on, a new token is requested. */
  readonly renewAt: number
}

/** A token is renewed this long before it expires; a token that lives no longer than this is used until it expires. */
const EXPIRY_MARGIN_MS = 30_000
const TOKEN_REQUEST_TIMEOUT_MS = 30_000
/**
 * The time in which the last attempt must begin. It then ends within the two minutes that a request waits for its token by default, so
 * that the error is the one of the token endpoint.
 */
const LAST_ATTEMPT_START_MS = 85_000
const MAX_TOKEN_RESPONSE_BYTES = 1024 * 1024

export function createTokenFunction(
  client: OAuthClient,
  grant: Grant,
): (context?: Partial<TokenContext>) => Promise<string> {
  const tokenRequest = new SingleFlight((signal) => requestToken(client, grant, signal))
  let token: Token | undefined
  return async ({ refresh = false, refusedToken, signal } = {}) => {
    // another export may have got a newer token after this request was sent
    const isRefused = refresh && (refusedToken === undefined || refusedToken === token?.text)
    if (token && !isRefused && Date.now() < token.renewAt) return token.text
    token = await tokenRequest.run(signal)
    return token.text
  }
}

function requestToken(client: OAuthClient, grant: Grant, signal: AbortSignal): Promise<Token> {
  const limits = { timeoutMs: TOKEN_REQUEST_TIMEOUT_MS, maxBytes: MAX_TOKEN_RESPONSE_BYTES }
  const transport = new Transport({ ...client, ...limits })
  const request = { url: client.tokenUrl, method: 'POST', ...formatRequest(client, grant), signal } as const
  return sendWithRetries({ retry: TOKEN_RETRY_POLICY, startLimitMs: LAST_ATTEMPT_START_MS, signal }, () =>
    requestOnce(transport, request),
  )
    .catch((error: unknown) => {
      throw error instanceof RequestFailure ? toAuthError(client, error) : error
    })
    .finally(() => transport.close())
}

async function requestOnce(transport: Transport, request: HttpRequest): Promise<{ value: Token } | RequestFailure> {
  const requestedAt = Date.now()
  try {
    const response = await transport.send(request)
    if (response.status !== 200) return createTokenRefusal(response)
    return { value: parseToken(response.body, requestedAt) }
  } catch (error) {
    request.signal.throwIfAborted()
    return error instanceof RequestFailure ? error : classifyRequestError(error, false)
  }
}

function formatRequest(client: OAuthClient, { grant_type, ...rest }: Grant): Pick<HttpRequest, 'headers' | 'body'> {
  const { clientId, clientSecret, format, auth } = client
  const credentials = auth === 'body' ? { client_id: clientId, client_secret: clientSecret } : {}
  const fields = { grant_type, ...credentials, ...rest }
  const isJson = format === 'json'
  return {
    headers: {
      accept: 'application/json',
      'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded',
      ...(auth === 'basic' ? { authorization: `Basic ${encodeBasicCredentials(client)}` } : {}),
    },
    body: isJson ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
  }
}

const encodeForm = (value: string) => new URLSearchParams([['', value]]).toString().slice(1)

const encodeBasicCredentials = ({ clientId, clientSecret }: OAuthClient) =>
  Buffer.from(`${encodeForm(clientId)}:${encodeForm(clientSecret)}`).toString('base64')

/** A token without a lifetime is used until the server refuses it. */
function parseToken(body: Buffer, requestedAt: number): Token {
  const response = parseBody(body)
  const { access_token: text, expires_in: seconds } = isJsonObject(response) ? response : {}
  if (typeof text !== 'string' || text === '') throw createUnusableFailure('the answer has no valid access_token')
  const lifetime =
    typeof seconds === 'number' || (typeof seconds === 'string' && seconds !== '') ? Number(seconds) : NaN
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
function createTokenRefusal(response: HttpResponse): RequestFailure {
  const { category, retryAfterMs, detail, isFromProxy, isThroughProxy } = classifyResponse(response, false)
  const code = /"error"\s*:\s*"([^"\\]{1,100})"/.exec(response.body.toString())?.[1]
  const serverText = [code, detail].filter(Boolean).join(': ')
  const isBasic = response.status === 401 && /^basic\b/i.test(response.headers.get('www-authenticate') ?? '')
  const hint = isBasic ? '; the endpoint expects HTTP Basic: set auth: "basic", or --token-auth basic' : ''
  return new RequestFailure(
    category,
    'ERR_AUTH',
    `expected a token, got status ${response.status}${response.proxySuffix}${hint}`,
    { status: response.status, retryAfterMs, isFromProxy, isThroughProxy, detail: serverText || undefined },
  )
}

function toAuthError(client: OAuthClient, failure: RequestFailure): ExportError {
  const { tokenUrl, clientSecret } = client
  const redactor = new Redactor()
  redactor.register(encodeBasicCredentials(client))
  redactor.register(clientSecret)
  const { message, detail, isFromProxy } = failure
  return toExportError(failure, `token endpoint ${tokenUrl.origin}`, redactor, {
    code: 'ERR_AUTH',
    // the status of a proxy says nothing about the credentials
    ...(isFromProxy ? { status: undefined } : {}),
    message: detail === undefined ? message : `${message}: ${detail}`,
  })
}

// Tokens by the OAuth 2.0 client credentials grant (RFC 6749 section 4.4), as Camunda SaaS (JSON) and Identity or Keycloak
// (form) give them. Cached until shortly before they expire, since SaaS allows about one token request a second.
import type { ExportError } from '../errors.js'
import { isJsonObject, parseJson } from '../json.js'
import * as rule from '../options.js'
import { exportErrorOf } from './export-error.js'
import { failureOfAnswer, failureOfSending, RequestFailure } from './failure.js'
import { delayBeforeRepeat, wait } from './retry.js'
import { Secrets } from './secrets.js'
import { SharedWork } from './shared-work.js'
import type { TokenContext } from './token.js'
import { Transport, type Answer, type FetchLike } from './transport.js'

/** Options of {@link clientCredentials}. */
export interface ClientCredentialsOptions {
  /** The token endpoint: `https://login.cloud.camunda.io/oauth/token`. */
  tokenUrl: string | URL
  /** The client. */
  clientId: string
  /** Its secret; in no error and no event. */
  clientSecret: string
  /** SaaS: `optimize.camunda.io`; self-managed: often `optimize-api`. @default none */
  audience?: string | undefined
  /** @default none */
  scope?: string | undefined
  /** The format of the request: `'json'` for SaaS, `'form'` as in RFC 6749. @default 'form' */
  format?: 'form' | 'json' | undefined
  /**
   * Where the client and its secret are sent: `'body'` with the other fields, `'basic'` in an `Authorization: Basic` header,
   * each form-encoded first (RFC 6749 section 2.3.1). @default 'body'
   */
  auth?: 'basic' | 'body' | undefined
  /** A Node `http.Agent` or `https.Agent`. @default keep-alive agents */
  agent?: object | undefined
  /** Any function with the shape of `fetch`. @default node-fetch */
  fetch?: FetchLike | undefined
}

interface Resolved {
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

const rules: rule.Rules<Resolved> = {
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
  /** Epoch ms from which on it is not used any more. */
  readonly renewAt: number
}

/** A token is renewed this long before it expires; one that lives shorter is used until it expires. */
const SKEW_MS = 30_000
const TIMEOUT_MS = 30_000
const MAX_BYTES = 1024 * 1024
const RETRY = { attempts: 5, minDelay: 1000, maxDelay: 10_000 }

/**
 * Makes an `accessToken` function. Its token is cached until 30 s before it expires; one that lives shorter is used until it
 * expires. If several exports share the function, they share each token request.
 *
 * @throws OptionError for a bad option, at the call; ExportError `ERR_AUTH` when no token can be had.
 * @example
 * const accessToken = clientCredentials({ tokenUrl, clientId, clientSecret, audience: 'optimize.camunda.io', format: 'json' })
 */
export function clientCredentials(
  options: ClientCredentialsOptions,
): (context?: Partial<TokenContext>) => Promise<string> {
  const resolved = rule.resolveOptions<Resolved>('clientCredentials', options, rules)
  const renewal = new SharedWork((signal) => requestToken(resolved, signal))
  let token: Token | undefined
  return async ({ refresh = false, signal } = {}) => {
    if (token && !refresh && Date.now() < token.renewAt) return token.text
    token = await renewal.join(signal)
    return token.text
  }
}

async function requestToken(options: Resolved, signal: AbortSignal): Promise<Token> {
  const { fetch, agent } = options
  const transport = new Transport({ fetch, agent, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
  try {
    return await requestPatiently(options, transport, signal)
  } finally {
    transport.close()
  }
}

async function requestPatiently(options: Resolved, transport: Transport, signal: AbortSignal): Promise<Token> {
  let outcome = await requestOnce(options, transport, signal)
  for (let attempt = 1; outcome instanceof RequestFailure; attempt++) {
    outcome.attempts = attempt
    const delay = delayBeforeRepeat(outcome, attempt, RETRY)
    if (delay === undefined) throw refusal(options, outcome)
    await wait(delay, signal)
    outcome = await requestOnce(options, transport, signal)
  }
  return outcome
}

async function requestOnce(
  options: Resolved,
  transport: Transport,
  signal: AbortSignal,
): Promise<Token | RequestFailure> {
  const asked = Date.now()
  try {
    const answer = await transport.send({ url: options.tokenUrl, method: 'POST', ...grant(options), signal })
    return answer.status === 200 ? tokenOf(answer.body, asked) : refused(answer)
  } catch (error) {
    signal.throwIfAborted()
    return error instanceof RequestFailure ? error : failureOfSending(error, false)
  }
}

function grant(options: Resolved): { headers: Record<string, string>; body: string } {
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
      ...(auth === 'basic' ? { authorization: `Basic ${basicCredentials(options)}` } : {}),
    },
    body: isJson ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
  }
}

const formEncoded = (value: string) => new URLSearchParams([['', value]]).toString().slice(1)

const basicCredentials = ({ clientId, clientSecret }: Resolved) =>
  Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')

/** The token in an answer. A token without a lifetime is used until it is refused. */
function tokenOf(body: Buffer, asked: number): Token {
  const answer = parsed(body)
  const { access_token: text, expires_in: seconds } = isJsonObject(answer) ? answer : {}
  if (typeof text !== 'string' || text === '') throw unusable('expected an access_token in the answer')
  const lifetime = typeof seconds === 'number' || typeof seconds === 'string' ? Number(seconds) : NaN
  const ms = Number.isNaN(lifetime) ? Infinity : lifetime * 1000
  return { text, renewAt: asked + (ms > SKEW_MS ? ms - SKEW_MS : ms) }
}

function parsed(body: Buffer): unknown {
  try {
    return parseJson(body)
  } catch {
    throw unusable(`expected JSON, got ${body.length} bytes that are none`)
  }
}

const unusable = (message: string) => new RequestFailure('final', 'ERR_AUTH', message, { status: 200 })

/** The failure of a refused request, with the endpoint's own code and text. Source: RFC 6749 section 5.2. */
function refused(answer: Answer): RequestFailure {
  const { meaning, retryAfterMs, detail } = failureOfAnswer(answer, false)
  const code = /"error"\s*:\s*"([^"\\]{1,100})"/.exec(answer.body.toString())?.[1]
  const said = [code, detail].filter(Boolean).join(': ')
  const isBasic = answer.status === 401 && /^basic\b/i.test(answer.headers.get('www-authenticate') ?? '')
  const hint = isBasic ? '; it accepts the client by HTTP Basic: auth: "basic", or --token-auth basic' : ''
  return new RequestFailure(meaning, 'ERR_AUTH', `expected a token, got status ${answer.status}${answer.via}${hint}`, {
    status: answer.status,
    retryAfterMs,
    ...(said ? { detail: said } : {}),
  })
}

function refusal(options: Resolved, failure: RequestFailure): ExportError {
  const { tokenUrl, clientSecret } = options
  const secrets = new Secrets()
  secrets.keep(basicCredentials(options))
  secrets.keep(clientSecret)
  const { message, detail } = failure
  return exportErrorOf(failure, `token endpoint ${tokenUrl.origin}`, secrets, {
    code: 'ERR_AUTH',
    message: detail === undefined ? message : `${message}: ${detail}`,
  })
}

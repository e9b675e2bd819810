import { isToken, stripBearer } from '../../shared/secrets/bearer-token.js'
import { ExportError } from '../../shared/errors.js'
import { RequestFailure } from '../failure.js'
import type { Redactor } from '../../shared/secrets/redactor.js'
import { runWithTimeLimit } from '../../shared/abort.js'

/** The argument of a token function. */
export interface TokenContext {
  /** True if the server refused the last token with 401: the function must not return that token again. */
  readonly refresh: boolean
  /** With `refresh`, the refused token, without `Bearer `. A function that several exports share may already have a newer token. */
  readonly refusedToken?: string | undefined
  /** Aborted when the export or the listing of reports ends early, or the function takes too long. */
  readonly signal: AbortSignal
}

/** A function that returns the token for one request. The library calls it before every request, so it should cache the token. */
export type TokenFunction = (context: TokenContext) => string | Promise<string>

/** A token, or a function that returns one. */
export type AccessToken = string | TokenFunction

/**
 * Returns the token for one request, without a leading `Bearer `.
 *
 * @param limitMs milliseconds that the function may take
 * @throws RequestFailure `ERR_AUTH` if there is no valid token; if the function failed, the thrown object itself is the cause.
 * `ERR_TIMEOUT` if the function takes too long.
 */
export async function resolveToken(
  accessToken: AccessToken,
  context: TokenContext,
  { redactor, limitMs }: { redactor: Redactor; limitMs: number },
): Promise<string> {
  const token = typeof accessToken === 'string' ? accessToken : await callTokenFunction(accessToken, context, limitMs)
  const strippedToken = typeof token === 'string' ? stripBearer(token) : ''
  if (strippedToken === '') throw new RequestFailure('final', 'ERR_AUTH', 'accessToken: expected a non-empty string')
  redactor.register(strippedToken)
  if (!isToken(strippedToken))
    throw new RequestFailure('final', 'ERR_AUTH', 'accessToken: expected a token of printable ASCII characters')
  return strippedToken
}

async function callTokenFunction(accessToken: TokenFunction, context: TokenContext, ms: number): Promise<unknown> {
  const createTimeoutError = () =>
    new RequestFailure('final', 'ERR_TIMEOUT', `the accessToken function gave no token within ${ms} ms`)
  try {
    return await runWithTimeLimit(context.signal, { ms, createTimeoutError }, async (signal) =>
      accessToken({ ...context, signal }),
    )
  } catch (cause) {
    context.signal.throwIfAborted()
    if (cause instanceof RequestFailure) throw cause
    const reason = cause instanceof ExportError ? `: ${cause.message}` : ''
    const message = `the accessToken function failed${reason}`
    const status = cause instanceof ExportError && cause.status !== undefined ? { status: cause.status } : {}
    throw new RequestFailure('final', 'ERR_AUTH', message, { cause, isCallerCause: true, ...status })
  }
}

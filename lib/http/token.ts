// Gets the token of a request: from a string, or from a function that is called before every request.
import { ExportError } from '../shared/errors.js'
import { RequestFailure } from './failure.js'
import type { Redactor } from './redactor.js'
import { SendFailure } from './send-failure.js'
import { runWithTimeLimit } from './abortable.js'

/** The argument of a token function. */
export interface TokenContext {
  /** The last token was refused with 401: a cached one is of no use. */
  readonly refresh: boolean
  /** Aborted when the export is. */
  readonly signal: AbortSignal
}

/** Gives the token for one request; asked before each, so cache it. */
export type TokenFunction = (context: TokenContext) => string | Promise<string>

/** A token, or the function that gives one. */
export type AccessToken = string | TokenFunction

/**
 * The token for one request, without a `Bearer ` in front.
 *
 * @param limitMs milliseconds that the function may take
 * @throws RequestFailure `ERR_AUTH` if the function fails, with the very object that it threw as the cause; `ERR_TIMEOUT`
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

const stripBearer = (token: string) => token.replace(/^\s*Bearer(?:\s+|$)/i, '').trim()

/** Whether a request can carry it: printable ASCII, without its scheme. */
export const isToken = (token: string) => /^[\x20-\x7e]+$/.test(stripBearer(token))

async function callTokenFunction(accessToken: TokenFunction, context: TokenContext, ms: number): Promise<unknown> {
  const createTimeoutError = () => new SendFailure('timeout', `the accessToken function gave no token within ${ms} ms`)
  try {
    return await runWithTimeLimit(context.signal, { ms, createTimeoutError }, async (signal) =>
      accessToken({ ...context, signal }),
    )
  } catch (cause) {
    context.signal.throwIfAborted()
    if (cause instanceof SendFailure) throw new RequestFailure('final', 'ERR_TIMEOUT', cause.message)
    const reason = cause instanceof ExportError ? `: ${cause.message}` : ''
    const message = `the accessToken function failed${reason}`
    throw new RequestFailure('final', 'ERR_AUTH', message, { cause, isCallerCause: true })
  }
}

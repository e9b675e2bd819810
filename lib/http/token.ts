// Where the token of a request comes from: a string, or a function asked before every request.
import { ExportError } from '../errors.js'
import { RequestFailure } from './failure.js'
import type { Secrets } from './secrets.js'
import { unlessAborted } from './unless-aborted.js'

/** What a token function is told. */
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

/** The token for one request, without a `Bearer ` in front; a failure of the function is `ERR_AUTH`. */
export async function tokenFor(accessToken: AccessToken, context: TokenContext, secrets: Secrets): Promise<string> {
  const token = typeof accessToken === 'string' ? accessToken : await ask(accessToken, context)
  const bare = typeof token === 'string' ? bareToken(token) : ''
  if (bare === '') throw new RequestFailure('final', 'ERR_AUTH', 'accessToken: expected a non-empty string')
  secrets.keep(bare)
  if (!isToken(bare))
    throw new RequestFailure('final', 'ERR_AUTH', 'accessToken: expected a token of printable ASCII characters')
  return bare
}

const bareToken = (token: string) => token.replace(/^\s*Bearer(?:\s+|$)/i, '').trim()

/** Whether a request can carry it: printable ASCII, without its scheme. */
export const isToken = (token: string) => /^[\x20-\x7e]+$/.test(bareToken(token))

async function ask(accessToken: TokenFunction, context: TokenContext): Promise<unknown> {
  try {
    return await unlessAborted(Promise.resolve(accessToken(context)), context.signal)
  } catch (cause) {
    context.signal.throwIfAborted()
    const reason = cause instanceof ExportError ? `: ${cause.message}` : ''
    throw new RequestFailure('final', 'ERR_AUTH', `the accessToken function failed${reason}`, { cause })
  }
}

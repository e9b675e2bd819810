import type { AccessToken } from '../../index.js'
import { resolveAccessToken } from './access-token.js'
import { createProxyAgent } from './proxy.js'
import type { Settings } from '../settings.js'
import { UsageError } from '../errors/usage-error.js'

/** How requests reach Optimize. Nothing is connected yet. */
export interface ServerAccess {
  readonly baseUrl: string
  readonly accessToken: AccessToken
  readonly agent?: object | undefined
}

/** Reads the access from the settings, and the file of `--token-file` if that gives the token. Sends no request. */
export async function createServerAccess(settings: Settings): Promise<ServerAccess> {
  const baseUrl = settings.text('url')
  if (baseUrl === undefined)
    throw new UsageError('no server: give --url URL, or set OPTIMIZE_URL', { setting: 'url', reason: 'missing' })
  return {
    baseUrl,
    accessToken: await resolveAccessToken(settings),
    agent: await createProxyAgent(baseUrl),
  }
}

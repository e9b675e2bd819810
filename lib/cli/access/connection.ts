import type { AccessToken } from '../../index.js'
import { resolveAccessToken } from './access-token.js'
import { createProxyAgent } from './proxy.js'
import type { Settings } from '../settings.js'
import { UsageError } from '../errors/usage-error.js'

export interface Connection {
  readonly baseUrl: string
  readonly accessToken: AccessToken
  readonly agent?: object | undefined
}

export async function createConnection(settings: Settings): Promise<Connection> {
  const baseUrl = settings.text('url')
  if (baseUrl === undefined)
    throw new UsageError('no server: give --url URL, or set OPTIMIZE_URL', { setting: 'url', reason: 'missing' })
  return {
    baseUrl,
    accessToken: await resolveAccessToken(settings),
    agent: await createProxyAgent(baseUrl),
  }
}

// Finds the access token: a token, a token file or client credentials, from the highest settings level that has one of them.
import { clientCredentials, type AccessToken } from '../../index.js'
import type { SettingsLevel, Settings } from '../settings.js'
import { createFileToken } from './file-token.js'
import { createProxyAgent } from './proxy.js'
import { UsageError } from '../errors/usage-error.js'

/** The settings that give a token. If a level has several of them, the first one of this list counts. */
const tokenSettings = ['token', 'tokenFile', 'clientId'] as const

export function findTokenSetting({ levels }: Settings) {
  for (const level of levels) {
    const name = tokenSettings.find((setting) => level.values[setting] !== undefined)
    if (name !== undefined) return { name, level }
  }
  return undefined
}

export async function resolveAccessToken(settings: Settings): Promise<AccessToken> {
  throwIfTokenArgument(settings)
  const found = findTokenSetting(settings)
  if (!found)
    throw new UsageError(
      'no token: set OPTIMIZE_TOKEN, give --token-file FILE, or set OPTIMIZE_CLIENT_ID, OPTIMIZE_CLIENT_SECRET and OPTIMIZE_TOKEN_URL',
      { setting: 'token', reason: 'missing' },
    )
  const { name, level } = found
  if (name === 'clientId') return createCredentialsToken(settings, level)
  const text = requireText(name, level.values[name])
  return name === 'token' ? text : createFileToken(text)
}

function throwIfTokenArgument({ levels }: Settings): void {
  const flags = levels.find(({ from }) => from === 'flags')
  if (flags?.values['token'] === undefined || flags.values['insecureTokenArgument'] === true) return
  throw new UsageError(
    '--token: refused, since everyone on this machine can read the arguments of a process, and a shell keeps them in its ' +
      'history; use OPTIMIZE_TOKEN or --token-file FILE, or add --insecure-token-argument',
  )
}

function requireText(name: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim()
  throw new UsageError(`${name}: expected text that is not empty`, { setting: name })
}

async function createCredentialsToken(settings: Settings, { values }: SettingsLevel): Promise<AccessToken> {
  const requireSetting = (name: string, variable: string) => {
    const value = values[name] ?? settings.get(name)
    if (value !== undefined) return requireText(name, value)
    throw new UsageError(`client credentials need ${variable} too`)
  }
  settings.checkWord('tokenFormat')
  const tokenUrl = requireSetting('tokenUrl', 'OPTIMIZE_TOKEN_URL or --token-url')
  return clientCredentials({
    tokenUrl,
    clientId: requireSetting('clientId', 'OPTIMIZE_CLIENT_ID or --client-id'),
    clientSecret: requireSetting('clientSecret', 'OPTIMIZE_CLIENT_SECRET'),
    audience: settings.text('audience'),
    scope: settings.text('scope'),
    format: (settings.text('tokenFormat') as 'form' | 'json' | undefined) ?? detectTokenFormat(tokenUrl),
    auth: settings.text('tokenAuth') as 'basic' | 'body' | undefined,
    // the token endpoint may need another proxy than Optimize
    agent: await createProxyAgent(tokenUrl),
  })
}

/** Camunda's SaaS expects JSON; Identity and Keycloak expect a form as in RFC 6749. */
export const detectTokenFormat = (tokenUrl: string) =>
  /^https:\/\/login\.cloud\.camunda\.io\//.test(tokenUrl) ? 'json' : 'form'

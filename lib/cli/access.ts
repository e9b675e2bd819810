// The access to Optimize: a token, a file with one, or client credentials, from the highest level that has any of them.
import { clientCredentials, type AccessToken, type TokenFunction } from '../index.js'
import type { Level, Settings } from './settings.js'
import { readText } from './text-file.js'
import { UsageError } from './usage-error.js'

/** Makes the agent for a URL: the token endpoint may be behind another proxy than Optimize. */
export type AgentFor = (url: string) => object | undefined

/** The `accessToken` option of the library. */
export async function accessTokenOf(settings: Settings, agentFor: AgentFor): Promise<AccessToken> {
  refuseArgument(settings)
  for (const level of settings.levels) {
    const { token, tokenFile, clientId } = level.values
    if (token !== undefined) return textOf('token', token)
    if (tokenFile !== undefined) return fromFile(textOf('tokenFile', tokenFile))
    if (clientId !== undefined) return fromCredentials(settings, level, agentFor)
  }
  throw new UsageError(
    'no token: set OPTIMIZE_TOKEN, give --token-file FILE, or set OPTIMIZE_CLIENT_ID, OPTIMIZE_CLIENT_SECRET and OPTIMIZE_TOKEN_URL',
  )
}

function refuseArgument({ levels: [flags] }: Settings): void {
  if (flags!.values['token'] === undefined || flags!.values['insecureTokenArgument'] === true) return
  throw new UsageError(
    '--token: refused, since everyone on this machine can read the arguments of a process, and a shell keeps them in its ' +
      'history; use OPTIMIZE_TOKEN or --token-file FILE, or add --insecure-token-argument',
  )
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim()
  throw new UsageError(`${name}: expected text that is not empty`)
}

/** Read now, so that a file that is missing is misuse, and again when its token was refused. */
async function fromFile(path: string): Promise<TokenFunction> {
  const read = async () => (await readText('--token-file', path)).trim()
  let token = await read()
  if (token === '') throw new UsageError(`--token-file ${path}: is empty`)
  return async ({ refresh }) => {
    if (refresh) token = await read()
    return token
  }
}

function fromCredentials(settings: Settings, { values }: Level, agentFor: AgentFor): AccessToken {
  const needed = (name: string, variable: string) => {
    const value = values[name] ?? settings.get(name)
    if (value !== undefined) return textOf(name, value)
    throw new UsageError(`client credentials need ${variable} too`)
  }
  const given = settings.text('tokenFormat')
  if (given !== undefined && given !== 'form' && given !== 'json')
    throw new UsageError(`${settings.nameOf('tokenFormat')}: expected 'form' or 'json', got ${JSON.stringify(given)}`)
  const tokenUrl = needed('tokenUrl', 'OPTIMIZE_TOKEN_URL or --token-url')
  return clientCredentials({
    tokenUrl,
    clientId: needed('clientId', 'OPTIMIZE_CLIENT_ID or --client-id'),
    clientSecret: needed('clientSecret', 'OPTIMIZE_CLIENT_SECRET'),
    audience: settings.text('audience'),
    scope: settings.text('scope'),
    format: given ?? formatOf(tokenUrl),
    auth: settings.text('tokenAuth') as 'basic' | 'body' | undefined,
    agent: agentFor(tokenUrl),
  })
}

/** Camunda's SaaS takes JSON; Identity and Keycloak take a form, as RFC 6749 has it. */
export const formatOf = (tokenUrl: string) =>
  /^https:\/\/login\.cloud\.camunda\.io\//.test(tokenUrl) ? 'json' : 'form'

import {
  ExportError,
  exportStream,
  listReports,
  reportIdOf,
  type AccessToken,
  type TokenFunction,
} from '../../index.js'
import { DAY_MS } from '../../shared/milliseconds.js'
import { findTokenSetting, resolveAccessToken } from '../access/access-token.js'
import { describeError, toExitCode } from '../errors/command-errors.js'
import { formatCount, formatDuration, pluralize } from '../output/format-text.js'
import { createProxyAgent, findProxyVariable } from '../access/proxy.js'
import type { Settings } from '../settings.js'
import { readSampleOptions } from '../source/source-options.js'
import { readHeaders } from '../source/source-options.js'
import { CheckFailure, type Finding } from './finding.js'
import {
  connect,
  connectThroughProxy,
  getProxyUserRemedy,
  requestOnce,
  resolveHost,
  type CertificateInfo,
  type FirstAnswer,
  type Peer,
  type ProxyAgent,
} from './network.js'
import { readTokenClaims } from './token-claims.js'

export type CheckFinding = Finding & { readonly check: string; readonly exitCode: number }

/** Yields the findings of the checks, in their order. Ends after the first check that failed. */
export async function* runChecks(settings: Settings, signal: AbortSignal): AsyncGenerator<CheckFinding, undefined> {
  const state: CheckState = { settings, signal }
  for (const [check, run] of checks) {
    try {
      for (const finding of await run(state)) yield { check, exitCode: 0, ...finding }
    } catch (error) {
      signal.throwIfAborted()
      const [message, hint] = describeError(error, settings).split('\n')
      const remedy = error instanceof CheckFailure ? error.remedy : hint?.trim()
      yield { check, result: 'failed', message: message!, remedy, exitCode: toExitCode(error) }
      return
    }
  }
}

interface CheckState {
  readonly settings: Settings
  readonly signal: AbortSignal
  url?: URL
  agent?: ProxyAgent | undefined
  /** The first host to connect to: the proxy, or Optimize. */
  firstPeer?: Peer
  answer?: FirstAnswer
  accessToken?: AccessToken
}

type Check = (state: CheckState) => readonly Finding[] | Promise<readonly Finding[]>

const ok = (message: string): readonly Finding[] => [{ result: 'ok', message }]
const warn = (message: string, remedy: string): readonly Finding[] => [{ result: 'warning', message, remedy }]

const checks: readonly (readonly [string, Check])[] = [
  ['address', checkAddress],
  ['proxy', checkProxy],
  ['DNS', checkHostName],
  ['network', checkConnection],
  ['tunnel', checkTunnel],
  ['server', checkServer],
  ['clock', checkClock],
  ['token', checkToken],
  ['access', checkAccess],
  ['report', checkReport],
]

function checkAddress(state: CheckState): readonly Finding[] {
  const given = state.settings.text('url')
  if (given === undefined) throw new CheckFailure('no address', 'set OPTIMIZE_URL, or give --url URL')
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw new CheckFailure('the address is not an http or https URL', 'give it as https://optimize.example.com')
  const url = new URL(given)
  if (url.username !== '' || url.password !== '')
    throw new CheckFailure('the address contains a user name or password', 'remove it; Optimize takes a token')
  state.url = url
  return ok(`${url.origin}${url.pathname} (${state.settings.describeSetting('url')})`)
}

async function checkProxy(state: CheckState): Promise<readonly Finding[]> {
  const url = state.url!
  state.agent = (await createProxyAgent(url.href)) as ProxyAgent | undefined
  state.firstPeer = { url }
  if (!state.agent) return ok('none for this address')
  const { proxy } = state.agent
  const proxyVariable = findProxyVariable(url.href)
  state.firstPeer = { url: proxy, proxyVariable }
  return ok(`${proxy.origin} (${proxyVariable})`)
}

async function checkHostName({ firstPeer }: CheckState): Promise<readonly Finding[]> {
  const addresses = await resolveHost(firstPeer!)
  return ok(`${firstPeer!.url.hostname} is ${addresses.join(', ')}`)
}

const CERTIFICATE_WARNING_DAYS = 14

async function checkConnection(state: CheckState): Promise<readonly Finding[]> {
  const firstPeer = state.firstPeer!
  return checkCertificate(firstPeer.url.host, await connect(firstPeer, getLimits(state)))
}

async function checkTunnel(state: CheckState): Promise<readonly Finding[]> {
  const { url, agent } = state
  if (!agent || url!.protocol !== 'https:') return []
  return checkCertificate(url!.host, await connectThroughProxy(url!, agent, getLimits(state)))
}

/** The time limit of a connection and of an answer, if `--request-timeout` is not given. */
const TIMEOUT_MS = 10_000

const getLimits = ({ settings, signal }: CheckState) => ({
  signal,
  timeoutMs: Number(settings.get('requestTimeout') ?? TIMEOUT_MS),
})

export function checkCertificate(host: string, certificate: CertificateInfo | undefined): readonly Finding[] {
  if (!certificate) return ok(`connected to ${host}, without TLS`)
  const { protocol, issuer, validTo } = certificate
  const days = Math.floor((validTo.getTime() - Date.now()) / DAY_MS)
  const message = `${protocol}, certificate by ${issuer}, valid until ${validTo.toISOString().slice(0, 10)}`
  if (days < CERTIFICATE_WARNING_DAYS) return warn(message, `it ends in ${pluralize(days, 'day')}: renew it`)
  return ok(message)
}

/** Requests the health endpoint, which needs no token. Source: docs/server.md 8.3. */
async function checkServer(state: CheckState): Promise<readonly Finding[]> {
  const { url, agent } = state
  const health = new URL(`${url!.pathname.replace(/\/$/, '')}/api/readyz`, url)
  state.answer = await requestOnce(health, agent, getLimits(state))
  const { status, ms } = state.answer
  if (status === 200) return ok(`ready, answered in ${formatDuration(ms / 1000)}`)
  // without TLS, this may be an answer of the proxy
  const isPlainThroughProxy = agent && url!.protocol === 'http:'
  if (status === 407)
    throw new CheckFailure(
      'the proxy wants a user name and password (status 407)',
      agent ? getProxyUserRemedy(agent, url!) : 'set HTTP_PROXY to http://user:password@host:port',
    )
  if (isPlainThroughProxy && [403, 502, 503, 504].includes(status))
    throw new CheckFailure(
      `status ${status} through the proxy ${agent.proxy.origin}: it refused the request or cannot reach ${url!.host}, or Optimize is not ready`,
      'look at the log of the proxy; if the host needs no proxy, add it to NO_PROXY',
    )
  if (status === 503)
    throw new CheckFailure('Optimize says that it is not ready (status 503)', 'wait, or look at its log')
  const message = `GET ${health.pathname} answered with status ${status}`
  // Optimize itself needs no token for this path
  if (status === 401 || status === 403)
    return warn(message, 'a gateway may protect this path; that is no problem if the next checks pass')
  return warn(message, 'if the next checks fail, correct the address: it must end before /api or /#/')
}

const MAX_CLOCK_DIFFERENCE_MS = 60_000

function checkClock({ answer }: CheckState): readonly Finding[] {
  const { date } = answer!
  if (!date) return ok('the answer of the server has no Date')
  const difference = Math.abs(date.getTime() - Date.now())
  if (difference <= MAX_CLOCK_DIFFERENCE_MS) return ok('agrees with that of the server')
  return warn(
    `differs from that of the server by ${formatDuration(difference / 1000)}`,
    'set the clock of this machine; tokens and certificates depend on it',
  )
}

const TOKEN_WARNING_MS = 10 * 60_000

async function checkToken(state: CheckState): Promise<readonly Finding[]> {
  const { settings, signal } = state
  state.accessToken = await resolveAccessToken(settings)
  const { accessToken } = state
  const isRenewable = typeof accessToken === 'function'
  const token = isRenewable ? await callTokenFunction(accessToken, signal) : accessToken
  const origin = settings.describeSetting(findTokenSetting(settings)!.name)
  const claims = readTokenClaims(token)
  if (!claims) return ok(`${origin}; not a JSON Web Token, so its expiry is unknown`)
  const { expiresAt, audience } = claims
  const subject = `${origin}${audience === undefined ? '' : `, for ${audience}`}`
  if (!expiresAt) return ok(subject)
  const restMs = expiresAt.getTime() - Date.now()
  if (restMs <= 0)
    throw new CheckFailure(
      `${subject}, expired at ${expiresAt.toISOString()}`,
      'get a new token, or use client credentials',
    )
  const message = `${subject}, valid for ${formatDuration(restMs / 1000)}`
  if (restMs > TOKEN_WARNING_MS || isRenewable) return ok(message)
  return warn(message, 'a long export may outlast it: use client credentials (OPTIMIZE_CLIENT_ID) or --token-file')
}

/** Resolves to the token. Rejects as an export does, so that the exit code and the remedy are the same. */
async function callTokenFunction(accessToken: TokenFunction, signal: AbortSignal): Promise<string> {
  try {
    return await accessToken({ refresh: false, signal })
  } catch (cause) {
    const { message, status } = cause as ExportError
    throw new ExportError('ERR_AUTH', message, { cause, status })
  }
}

/**
 * The collection to list if none is given; it does not exist. A server that accepts the token answers with an empty list. Source:
 * docs/server.md 8.1.
 */
const UNKNOWN_COLLECTION = 'optimize-export-doctor'

async function checkAccess(state: CheckState): Promise<readonly Finding[]> {
  const { settings, signal, url, agent, accessToken } = state
  const collectionId = settings.text('collection') ?? UNKNOWN_COLLECTION
  const options = {
    baseUrl: url!,
    accessToken: accessToken!,
    collectionId,
    headers: readHeaders(settings),
    agent,
    signal,
  }
  const ids = new Set<string>()
  try {
    for await (const id of listReports(options)) ids.add(id)
  } catch (error) {
    if ((error as ExportError).status === 404) throw createPathFailure(url!, settings.describeSetting('url'))
    throw error
  }
  return ok(
    collectionId === UNKNOWN_COLLECTION
      ? 'the token is accepted'
      : `the token is accepted; the collection has ${pluralize(ids.size, 'report')}`,
  )
}

/** Returns the failure for a 404 instead of a list of reports. Every Optimize has that list. Source: docs/server.md 8.1. */
function createPathFailure({ origin, pathname }: URL, setting: string): CheckFailure {
  const message = `there is no list of reports at ${origin}${pathname} (status 404)`
  if (pathname === '/')
    return new CheckFailure(message, `if Optimize has a path at this host, add it to ${setting}; else correct the host`)
  return new CheckFailure(message, `the path of ${setting} is wrong: leave it out or correct it`)
}

async function checkReport(state: CheckState): Promise<readonly Finding[]> {
  const { settings, signal, url, agent, accessToken } = state
  const reports = settings.get('report') as readonly string[] | undefined
  const found: Finding[] = []
  for (const given of reports ?? []) {
    const source = exportStream({
      ...readSampleOptions(settings),
      baseUrl: url!,
      accessToken: accessToken!,
      agent,
      reportId: reportIdOf(given),
      signal,
    })
    const started = performance.now()
    await source.toArray()
    const { total = 0, records } = source.stats
    const time = formatDuration((performance.now() - started) / 1000)
    found.push(...ok(`${given}: ${pluralize(total, 'record')}; the first ${formatCount(records)} took ${time}`))
  }
  return reports ? found : ok('none given; --report ID reads its first records')
}

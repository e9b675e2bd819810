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
import { readHeaders, readSampleOptions } from '../source/source-options.js'
import { CheckFailure, type Finding } from './finding.js'
import {
  connect,
  connectThroughProxy,
  getProxyUserRemedy,
  requestOnce,
  resolveHost,
  type CertificateInfo,
  type FirstAnswer,
  type ProxyAgent,
} from './network.js'
import { readTokenClaims } from './token-claims.js'

export type CheckFinding = Finding & { readonly check: string; readonly exitCode: number }

/** The time limit of a connection and of an answer, if `--request-timeout` is not given. */
const TIMEOUT_MS = 10_000

/** Yields the findings of the checks, in their order. Ends after the first check that failed. */
export async function* runChecks(settings: Settings, signal: AbortSignal): AsyncGenerator<CheckFinding, undefined> {
  const limits = { signal, timeoutMs: Number(settings.get('requestTimeout') ?? TIMEOUT_MS) }
  let check = 'address'
  const toCheckFinding = (finding: Finding): CheckFinding => ({ check, exitCode: 0, ...finding })
  try {
    const url = readUrl(settings)
    yield toCheckFinding(ok(`${url.origin}${url.pathname} (${settings.describeSetting('url')})`))
    check = 'proxy'
    const agent = (await createProxyAgent(url.href)) as ProxyAgent | undefined
    const proxyVariable = findProxyVariable(url.href)
    yield toCheckFinding(ok(agent ? `${agent.proxy.origin} (${proxyVariable})` : 'none for this address'))
    check = 'DNS'
    const firstPeer = { url: agent?.proxy ?? url, proxyVariable }
    const addresses = await resolveHost(firstPeer)
    yield toCheckFinding(ok(`${firstPeer.url.hostname} is ${addresses.join(', ')}`))
    check = 'network'
    yield toCheckFinding(checkCertificate(firstPeer.url.host, await connect(firstPeer, limits)))
    check = 'tunnel'
    if (agent && url.protocol === 'https:')
      yield toCheckFinding(checkCertificate(url.host, await connectThroughProxy(url, agent, limits)))
    check = 'server'
    // the health endpoint needs no token. Source: docs/server.md 8.3
    const health = new URL(`${url.pathname.replace(/\/$/, '')}/api/readyz`, url)
    const answer = await requestOnce(health, agent, limits)
    yield toCheckFinding(checkAnswer(answer, health, agent))
    check = 'clock'
    yield toCheckFinding(checkClock(answer.date))
    check = 'token'
    const accessToken = await resolveAccessToken(settings)
    yield toCheckFinding(await checkToken(accessToken, settings, signal))
    check = 'access'
    const options = { baseUrl: url, accessToken, agent, signal }
    yield toCheckFinding(await checkAccess(options, settings))
    check = 'report'
    for (const finding of await checkReports(options, settings)) yield toCheckFinding(finding)
  } catch (error) {
    signal.throwIfAborted()
    const [message, hint] = describeError(error, settings).split('\n')
    const remedy = error instanceof CheckFailure ? error.remedy : hint?.trim()
    yield { check, result: 'failed', message: message!, remedy, exitCode: toExitCode(error) }
  }
}

const ok = (message: string): Finding => ({ result: 'ok', message })
const warn = (message: string, remedy: string): Finding => ({ result: 'warning', message, remedy })

function readUrl(settings: Settings): URL {
  const given = settings.text('url')
  if (given === undefined) throw new CheckFailure('no address', 'set OPTIMIZE_URL, or give --url URL')
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw new CheckFailure('the address is not an http or https URL', 'give it as https://optimize.example.com')
  const url = new URL(given)
  if (url.username !== '' || url.password !== '')
    throw new CheckFailure('the address contains a user name or password', 'remove it; Optimize takes a token')
  return url
}

const CERTIFICATE_WARNING_DAYS = 14

export function checkCertificate(host: string, certificate: CertificateInfo | undefined): Finding {
  if (!certificate) return ok(`connected to ${host}, without TLS`)
  const { protocol, issuer, validTo } = certificate
  const days = Math.floor((validTo.getTime() - Date.now()) / DAY_MS)
  const message = `${protocol}, certificate by ${issuer}, valid until ${validTo.toISOString().slice(0, 10)}`
  if (days < CERTIFICATE_WARNING_DAYS) return warn(message, `it ends in ${pluralize(days, 'day')}: renew it`)
  return ok(message)
}

function checkAnswer({ status, ms }: FirstAnswer, health: URL, agent: ProxyAgent | undefined): Finding {
  if (status === 200) return ok(`ready, answered in ${formatDuration(ms / 1000)}`)
  // without TLS, this may be an answer of the proxy
  const isPlainThroughProxy = agent && health.protocol === 'http:'
  if (status === 407)
    throw new CheckFailure(
      'the proxy wants a user name and password (status 407)',
      agent ? getProxyUserRemedy(agent, health) : 'set HTTP_PROXY to http://user:password@host:port',
    )
  if (isPlainThroughProxy && [403, 502, 503, 504].includes(status))
    throw new CheckFailure(
      `status ${status} through the proxy ${agent.proxy.origin}: it refused the request or cannot reach ${health.host}, or Optimize is not ready`,
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

function checkClock(date: FirstAnswer['date']): Finding {
  if (!date) return ok('the answer of the server has no Date')
  const difference = Math.abs(date.getTime() - Date.now())
  if (difference <= MAX_CLOCK_DIFFERENCE_MS) return ok('agrees with that of the server')
  return warn(
    `differs from that of the server by ${formatDuration(difference / 1000)}`,
    'set the clock of this machine; tokens and certificates depend on it',
  )
}

const TOKEN_WARNING_MS = 10 * 60_000

async function checkToken(accessToken: AccessToken, settings: Settings, signal: AbortSignal): Promise<Finding> {
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

interface SourceOptions {
  readonly baseUrl: URL
  readonly accessToken: AccessToken
  readonly agent: ProxyAgent | undefined
  readonly signal: AbortSignal
}

/**
 * The id of a collection that does not exist, which is listed if none is given. A server that accepts the token answers with an empty
 * list. Source: docs/server.md 8.1.
 */
const UNKNOWN_COLLECTION = 'optimize-export-doctor'

async function checkAccess(options: SourceOptions, settings: Settings): Promise<Finding> {
  const collectionId = settings.text('collection') ?? UNKNOWN_COLLECTION
  const ids = new Set<string>()
  try {
    for await (const id of listReports({ ...options, collectionId, headers: readHeaders(settings) })) ids.add(id)
  } catch (error) {
    if ((error as ExportError).status === 404) throw createPathFailure(options.baseUrl, settings.describeSetting('url'))
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

async function checkReports(options: SourceOptions, settings: Settings): Promise<readonly Finding[]> {
  const reports = settings.get('report') as readonly string[] | undefined
  const found: Finding[] = []
  for (const given of reports ?? []) {
    const source = exportStream({ ...readSampleOptions(settings), ...options, reportId: reportIdOf(given) })
    const started = performance.now()
    await source.toArray()
    const { total = 0, records } = source.stats
    const time = formatDuration((performance.now() - started) / 1000)
    found.push(ok(`${given}: ${pluralize(total, 'record')}; the first ${formatCount(records)} took ${time}`))
  }
  return reports ? found : [ok('none given; --report ID reads its first records')]
}

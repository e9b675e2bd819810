import { validateHeaderName, validateHeaderValue } from 'node:http'
import { isToken } from '../shared/secrets/bearer-token.js'
import { describeType } from '../shared/describe-value.js'
import { OptionError } from '../shared/errors.js'
import { DEFAULT_RETRY_POLICY, type RetryOptions, type RetryPolicy } from '../http/retry.js'
import type { AccessToken, TokenFunction } from '../http/token/resolve-token.js'
import type { FetchLike } from '../http/transport.js'
import { DEFAULT_LIMIT, DEFAULT_REQUEST_TIMEOUT_MS } from '../shared/source-defaults.js'
import { timeZoneRule } from '../shared/time-zone.js'
import { MAX_TIMER_MS } from '../shared/units.js'
import * as rule from '../shared/options.js'
import type { Rule, Rules } from '../shared/options.js'

/** Options of {@link exportStream} and {@link exportPages}. */
export interface ExportOptions {
  /** The address of Optimize, with its context path: `https://host/optimize`, `https://bru-2.optimize.camunda.io/<cluster id>`. */
  baseUrl: string | URL
  /** The report to export: its id, or its address in the browser, `…/#/collection/<id>/report/<id>/`. */
  reportId: string
  /** The token, or a function that returns it and is called before every request. */
  accessToken: AccessToken
  /** `'query'` sends the token as `access_token`, which only Optimize 3.7 accepts. @default 'header' */
  tokenIn?: 'header' | 'query' | undefined
  /** Records per page, 1 to 10000. @default 1000 */
  limit?: number | undefined
  /**
   * Seconds that the server keeps the search open between two requests, at least 60. The export extends it for a slow sink.
   * @default 120
   */
  paginationTimeout?: number | undefined
  /**
   * The longest `paginationTimeout`, in seconds, that the export may request for a slow sink.
   * @default 3600, or a longer `paginationTimeout`
   */
  maxPaginationTimeout?: number | undefined
  /**
   * Pages to fetch ahead. With 0, the next page is requested when the reader has nearly used up the current one. An encoder that reads the
   * export directly asks for it when at most 1024 records of the page are left to encode. @default 0
   */
  prefetch?: number | undefined
  /** Sent as `X-Optimize-Client-Timezone`, so that dates do not depend on the server's zone; null sends none. @default 'UTC' */
  timezone?: string | null | undefined
  /** The time limit for one request and its whole answer, in milliseconds. @default 120000 */
  requestTimeout?: number | undefined
  /** Attempts and delays for requests that are safe to repeat. @default { attempts: 5, minDelay: 500, maxDelay: 30000 } */
  retry?: RetryOptions | undefined
  /**
   * The reaction to a page that may be lost, or to an expired search: `'restart'` starts a new search and skips the records
   * that were received before; `'fail'` ends the export with an error.
   * @default 'restart'
   */
  recovery?: 'restart' | 'fail' | undefined
  /** Restarts before the export fails. @default 3 */
  maxRestarts?: number | undefined
  /**
   * When all records of a raw data report have arrived, requests the total once more, with a new search of one record. If the totals
   * differ, the export restarts or fails with `ERR_INCOMPLETE`. Use it for reports that do not grow during the export. @default false
   */
  verifyTotal?: boolean | undefined
  /** Stops after this number of records; if the report has more, `stats.complete` is false. @default none */
  maxRecords?: number | undefined
  /** The size limit of the decoded body of a page, in bytes; at most 1073741824 (1 GiB). @default 536870912 */
  maxPageBytes?: number | undefined
  /** Headers to send with every request to Optimize. @default {} */
  headers?: Readonly<Record<string, string>> | undefined
  /** A Node `http.Agent` or `https.Agent`: proxy, CA, client certificate. @default agents that reuse connections */
  agent?: object | undefined
  /** A function with the signature of `fetch`. @default node-fetch */
  fetch?: FetchLike | undefined
  /** Ends the export with an AbortError. @default none */
  signal?: AbortSignal | undefined
  /** Records that the stream of `exportStream` buffers for the consumer. @default 16 */
  highWaterMark?: number | undefined
}

export type ResolvedExportOptions = rule.Resolved<
  ExportOptions,
  'agent' | 'fetch' | 'signal',
  { baseUrl: URL; maxRecords: number; retry: RetryPolicy }
>

/** Accepts the address of a server, and removes double slashes and a slash at the end of its path. */
export const serverUrlRule: Rule<URL> = {
  expected: 'an http or https URL without user, query or hash',
  parse: (value, path) => {
    const url = rule.httpUrl.parse(value, path)
    if (url?.hash.startsWith('#/'))
      throw new OptionError(path.where, path.option, 'expected the address of Optimize; leave out /#/ and what follows')
    if (!url || url.search || url.hash) return undefined
    const clean = new URL(url)
    clean.pathname = url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '')
    return clean
  },
  secret: true,
}

/** Returns the URL of a path of the public API, for a `baseUrl` that {@link serverUrlRule} resolved. */
export function buildApiUrl(baseUrl: URL, path: string): URL {
  const url = new URL(baseUrl)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/api/public/${path}`
  return url
}

const createIdRule = (kind: 'report' | 'collection'): Rule<string> => ({
  expected: `the id of a ${kind}, or its address in the browser`,
  parse: (value, { where, option }) => {
    if (typeof value !== 'string') return undefined
    const given = value.trim()
    const path = /^(?:https?:\/\/|.*#\/)/.test(given) ? given.replace(/^[^#]*#?/, '').replace(/\?.*$/, '') : undefined
    const otherPage = path === undefined ? undefined : describeOtherPage(path, kind)
    if (otherPage !== undefined)
      throw new OptionError(where, option, `expected the address of a ${kind}, got that of ${otherPage}`)
    const id = path === undefined ? given : new RegExp(`/${kind}/([^/]+)`).exec(path)?.[1]
    return id === undefined || /^\.{0,2}$|\p{Surrogate}/u.test(id) ? undefined : id
  },
})

/** Returns a text about the page at a path in the browser, or `undefined` if it may be a page of the kind. */
function describeOtherPage(path: string, kind: 'report' | 'collection'): string | undefined {
  if (/^\/?share\//.test(path)) return `a shared link; open the ${kind} itself and copy that address`
  if (kind === 'report' && /\/report\/new(?:-\w+)?\/edit/.test(path))
    return 'a report that is not saved yet; save it first, then copy the address'
  if (path.includes(`/${kind}/`)) return undefined
  if (path.includes('/dashboard/')) return 'a dashboard'
  return path.includes('/collection/') ? 'a collection; open one of its reports' : undefined
}

export const reportIdRule = createIdRule('report')

/**
 * Returns the id of a report, given its id or its address in the browser, as the option `reportId` accepts it.
 *
 * @throws OptionError for a text that is neither an id nor the address of a report
 */
export const reportIdOf = (given: string): string => resolveId('reportIdOf', 'reportId', given, reportIdRule)

const resolveId = (where: string, option: string, given: string, idRule: Rule<string>): string =>
  rule.resolveOptions<Record<string, string>>(where, { [option]: given }, { [option]: idRule })[option]!

export const collectionIdRule = createIdRule('collection')

/**
 * Returns the id of a collection, given its id or its address in the browser, as the option `collectionId` accepts it.
 *
 * @throws OptionError for a text that is neither an id nor the address of a collection
 */
export const collectionIdOf = (given: string): string =>
  resolveId('collectionIdOf', 'collectionId', given, collectionIdRule)

const tokenRule: Rule<string> = {
  expected: 'a token of printable ASCII characters',
  parse: (value) => (typeof value === 'string' && isToken(value) ? value : undefined),
}

export const accessTokenRule: Rule<AccessToken> = rule.secret(
  rule.either(tokenRule, rule.callable<TokenFunction>('a function')),
)

const retryRules: Rules<RetryPolicy> = {
  attempts: rule.withDefault(rule.integer(1), DEFAULT_RETRY_POLICY.attempts),
  minDelay: rule.withDefault(rule.integer(0, MAX_TIMER_MS), DEFAULT_RETRY_POLICY.minDelay),
  maxDelay: rule.withDefault(rule.integer(0, MAX_TIMER_MS), DEFAULT_RETRY_POLICY.maxDelay),
}

export const TIME_ZONE_HEADER = 'x-optimize-client-timezone'

/** The names become lower case, so that a header of the caller and the same header of the library are not sent twice. */
export const headersRule: Rule<Readonly<Record<string, string>>> = {
  expected: 'an object of header names and values, without Authorization',
  parse: (value, path) => {
    if (!rule.isPlainObject(value)) return undefined
    const headers = Object.entries(value).map(([name, text]) => [name.toLowerCase(), checkHeader(path, name, text)])
    return Object.freeze(Object.fromEntries(headers) as Record<string, string>)
  },
  secret: true,
}

/** Returns the value of a header. The error has no value, and only the beginning of a wrong name, because the value may follow there. */
function checkHeader({ where, option }: rule.OptionPath, name: string, value: unknown): string {
  const shownName = JSON.stringify(name.replace(/[^\w-].*/s, '…'))
  const createError = (problem: string) => new OptionError(where, option, problem)
  if (typeof value !== 'string')
    throw createError(`expected text as the value of the header ${shownName}, got ${describeType(value)}`)
  if (name.toLowerCase() === TIME_ZONE_HEADER)
    throw createError(`expected no header ${shownName}; use the option timezone`)
  if (isAllowedHeader(name, value)) return value
  const expected = 'expected a header name and a value that HTTP allows, and not Authorization'
  throw createError(`${expected}; the header ${shownName} is wrong`)
}

function isAllowedHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return name.toLowerCase() !== 'authorization'
  } catch {
    return false
  }
}

const nullableTimeZoneRule: Rule<string | null> = {
  expected: `${timeZoneRule.expected}, or null`,
  parse: (value, path) => (value === null ? null : timeZoneRule.parse(value, path)),
}

const rules: Rules<ResolvedExportOptions> = {
  baseUrl: serverUrlRule,
  reportId: reportIdRule,
  accessToken: accessTokenRule,
  tokenIn: rule.withDefault(rule.oneOf('header', 'query'), 'header'),
  limit: rule.withDefault(rule.integer(1, 10_000), DEFAULT_LIMIT),
  paginationTimeout: rule.withDefault(rule.integer(60), 120),
  maxPaginationTimeout: rule.withDefault(rule.integer(60), 3600),
  prefetch: rule.withDefault(rule.integer(0, 1000), 0),
  timezone: rule.withDefault(nullableTimeZoneRule, 'UTC'),
  requestTimeout: rule.withDefault(rule.integer(1, MAX_TIMER_MS), DEFAULT_REQUEST_TIMEOUT_MS),
  retry: rule.withDefault(rule.nested(retryRules), DEFAULT_RETRY_POLICY),
  recovery: rule.withDefault(rule.oneOf('restart', 'fail'), 'restart'),
  maxRestarts: rule.withDefault(rule.integer(0), 3),
  verifyTotal: rule.withDefault(rule.boolean, false),
  maxRecords: rule.withDefault(rule.integer(1), Infinity),
  // positions in a page are 32-bit integers
  maxPageBytes: rule.withDefault(rule.integer(1, 1024 ** 3), 512 * 1024 ** 2),
  headers: rule.withDefault(headersRule, {}),
  agent: rule.optional(rule.agent),
  fetch: rule.optional(rule.callable<FetchLike>('a function')),
  signal: rule.optional(rule.signal),
  highWaterMark: rule.withDefault(rule.integer(1, 1_000_000), 16),
}

export function resolveExportOptions(where: string, given: ExportOptions): ResolvedExportOptions {
  const resolved = rule.resolveOptions<ResolvedExportOptions>(where, given, rules)
  const { paginationTimeout, maxPaginationTimeout } = resolved
  if (maxPaginationTimeout >= paginationTimeout) return resolved
  if (given.maxPaginationTimeout === undefined)
    return Object.freeze({ ...resolved, maxPaginationTimeout: paginationTimeout })
  throw new OptionError(
    where,
    'maxPaginationTimeout',
    `expected at least paginationTimeout (${paginationTimeout}), got ${maxPaginationTimeout}`,
  )
}

// The options of the fake server with their defaults and checks.
import {
  anyText,
  callable,
  either,
  flag,
  integer,
  maybe,
  names,
  nested,
  oneOf,
  optional,
  type Resolved,
  resolveOptions,
  type Rule,
  type Rules,
  secret,
  text,
} from '../shared/options.js'
import { findZone } from './dates.js'
import type { FakeOptimizeOptions, LateVariables, OAuthOptions } from './fake-options.js'
import { faultsRule, randomFaultRules, type ResolvedFault, type ResolvedRandomFaults } from './faults.js'
import { collections, contextPath, listOf, matching, positive } from './option-rules.js'
import type { LoggedRequest } from './request-log.js'

type OptionWithoutDefault = 'variableNames' | 'lateVariables' | 'data' | 'chunkBytes' | 'onRequest'

/** {@link FakeOptimizeOptions} with all defaults. */
export type FakeSettings = Resolved<
  FakeOptimizeOptions,
  OptionWithoutDefault,
  {
    oauth: OAuthSettings | undefined
    faults: readonly ResolvedFault[]
    randomFaults: ResolvedRandomFaults | undefined
  }
>

/** Client credentials with their defaults. */
export type OAuthSettings = Resolved<OAuthOptions, 'requestsPerToken'>

/** Returns the checked options with their defaults. */
export function resolveSettings(options: unknown): FakeSettings {
  const settings = resolveOptions<FakeSettings>('startFakeOptimize', options, rules)
  if (!Array.isArray(settings.data)) return settings
  const length = settings.data.length
  return {
    ...settings,
    records: (options as FakeOptimizeOptions).records === undefined ? length : Math.min(length, settings.records),
  }
}

const oauthRules: Rules<OAuthSettings> = {
  clientId: text,
  clientSecret: secret(text),
  auth: optional(oneOf('basic', 'body'), 'body'),
  expiresIn: optional(positive, 300),
  requestsPerToken: maybe(integer(0)),
  rateLimitMs: optional(integer(0), 0),
}

const tooManyContextsRule: Rule<429 | 500> = {
  expected: '429 or 500',
  parse: (value) => (value === 429 || value === 500 ? value : undefined),
}

const rules: Rules<FakeSettings> = {
  era: optional(oneOf('3.7', '8.6', '8.7', '8.8'), '8.6'),
  report: optional(oneOf('process', 'decision', 'number', 'map', 'hyperMap', 'combined', 'incomplete'), 'process'),
  reportId: optional(text, 'e6c5aaa1-6a18-44e7-8480-d562d511ba62'),
  records: optional(integer(0, 2 ** 31), 1000),
  variables: optional(integer(0), 10),
  variableNames: maybe(names),
  lateVariables: maybe(nested<LateVariables>({ at: integer(0), names })),
  hostileValues: optional(flag, false),
  objectVariables: optional(oneOf('none', 'placeholder', 'json'), 'none'),
  flowNodes: optional(integer(0), 8),
  data: maybe(either(listOf, callable<(index: number) => unknown>('a function of the index'))),
  index: optional(flag, true),
  noData: optional(flag, false),
  seed: optional(integer(0), 1),
  token: optional(secret(anyText), 'demo'),
  oauth: maybe(nested(oauthRules)),
  port: optional(integer(0, 65_535), 0),
  contextPath: optional(contextPath, ''),
  collection: optional(collections, {}),
  cursor: optional(oneOf('stable', 'changing', 'long', 'tooLong'), 'stable'),
  maxContexts: optional(integer(0), 500),
  tooManyContexts: optional(tooManyContextsRule, 500),
  maxKeepAlive: optional(integer(60), 86_400),
  reaperSeconds: optional(integer(0), 0),
  shards: optional(integer(1), 1),
  secondMs: optional(positive, 1000),
  serverTimezone: optional(
    matching('a time zone', (name) => findZone(name) !== undefined),
    'Europe/Berlin',
  ),
  latencyMs: optional(integer(0), 0),
  onRequest: maybe(callable<(request: LoggedRequest) => unknown>('a function of the request')),
  now: optional(callable<() => number>('a function'), () => performance.now()),
  gzip: optional(flag, true),
  chunkBytes: maybe(integer(1)),
  validation500: optional(flag, false),
  cachePages: optional(flag, false),
  faults: optional(faultsRule, []),
  randomFaults: maybe(nested(randomFaultRules)),
}

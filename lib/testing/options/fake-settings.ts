// The options of the fake server with their defaults and checks.
import {
  anyText,
  callable,
  either,
  boolean,
  integer,
  optional,
  names,
  nested,
  oneOf,
  withDefault,
  type Resolved,
  resolveOptions,
  type Rule,
  type Rules,
  secret,
  text,
} from '../../shared/options.js'
import { findZone } from '../dates.js'
import type { FakeOptimizeOptions, FakeReportOptions, LateVariables, OAuthOptions } from './fake-options.js'
import { faultsRule, randomFaultRules, type ResolvedFault, type ResolvedRandomFaults } from '../faults/faults.js'
import { collections, contextPath, anyArray, matching, objects, positive } from './option-rules.js'
import type { LoggedRequest } from '../server/request-log.js'

type OptionWithoutDefault = 'name' | 'variableNames' | 'lateVariables' | 'data' | 'chunkBytes' | 'onRequest'

export type FakeSettings = Resolved<
  FakeOptimizeOptions,
  OptionWithoutDefault,
  {
    reports: ReadonlyMap<string, ReportSettings>
    oauth: OAuthSettings | undefined
    faults: readonly ResolvedFault[]
    randomFaults: ResolvedRandomFaults | undefined
  }
>

export type ReportSettings = Pick<FakeSettings, keyof FakeReportOptions>

export type OAuthSettings = Resolved<OAuthOptions, 'requestsPerToken'>

export function resolveSettings(options: unknown): FakeSettings {
  const settings = resolveOptions<Omit<FakeSettings, 'reports'> & { reports: Record<string, object> }>(
    WHERE,
    options,
    rules,
  )
  const ofServer = Object.fromEntries(
    Object.entries(options as object).filter(([name]) => Object.hasOwn(reportRules, name)),
  )
  const reports = Object.entries(settings.reports).map(([id, report]): [string, ReportSettings] => {
    const given = { ...ofServer, ...report }
    return [id, limitRecords(given, resolveOptions<ReportSettings>(WHERE, given, reportRules, `reports.${id}`))]
  })
  return limitRecords(options as FakeOptimizeOptions, { ...settings, reports: new Map(reports) })
}

const WHERE = 'startFakeOptimize'

/** Limits the number of records to the length of `data`, if that is an array. */
function limitRecords<T extends ReportSettings>(given: FakeReportOptions, settings: T): T {
  if (!Array.isArray(settings.data)) return settings
  const { length } = settings.data
  return { ...settings, records: given.records === undefined ? length : Math.min(length, settings.records) }
}

const oauthRules: Rules<OAuthSettings> = {
  clientId: text,
  clientSecret: secret(text),
  auth: withDefault(oneOf('basic', 'body'), 'body'),
  expiresIn: withDefault(positive, 300),
  requestsPerToken: optional(integer(0)),
  rateLimitMs: withDefault(integer(0), 0),
}

const createStatusRule = <S extends 400 | 429>(status: S): Rule<S | 500> => ({
  expected: `${status} or 500`,
  parse: (value) => (value === status || value === 500 ? (value as S | 500) : undefined),
})

const reportRules: Rules<ReportSettings> = {
  report: withDefault(oneOf('process', 'decision', 'number', 'map', 'hyperMap', 'combined', 'incomplete'), 'process'),
  name: optional(text),
  records: withDefault(integer(0, 2 ** 31), 1000),
  variables: withDefault(integer(0), 10),
  variableNames: optional(names),
  lateVariables: optional(nested<LateVariables>({ at: integer(0), names })),
  hostileValues: withDefault(boolean, false),
  objectVariables: withDefault(oneOf('none', 'placeholder', 'json'), 'none'),
  flowNodes: withDefault(integer(0), 8),
  data: optional(either(anyArray, callable<(index: number) => unknown>('a function of the index'))),
  hasImportedData: withDefault(boolean, true),
  noData: withDefault(boolean, false),
  seed: withDefault(integer(0), 1),
}

const rules: Rules<Omit<FakeSettings, 'reports'> & { reports: Record<string, object> }> = {
  ...reportRules,
  era: withDefault(oneOf('3.7', '8.6', '8.7', '8.8'), '8.6'),
  reportId: withDefault(text, 'e6c5aaa1-6a18-44e7-8480-d562d511ba62'),
  reports: withDefault(objects, {}),
  token: withDefault(secret(anyText), 'demo'),
  oauth: optional(nested(oauthRules)),
  port: withDefault(integer(0, 65_535), 0),
  contextPath: withDefault(contextPath, ''),
  collections: withDefault(collections, {}),
  cursor: withDefault(oneOf('stable', 'changing', 'long', 'tooLong'), 'stable'),
  maxContexts: withDefault(integer(0), 500),
  tooManyContextsStatus: withDefault(createStatusRule(429), 500),
  maxKeepAlive: withDefault(integer(60), 86_400),
  reaperSeconds: withDefault(integer(0), 0),
  shards: withDefault(integer(1), 1),
  secondMs: withDefault(positive, 1000),
  serverTimezone: withDefault(
    matching('a time zone', (name) => findZone(name) !== undefined),
    'Europe/Berlin',
  ),
  latencyMs: withDefault(integer(0), 0),
  onRequest: optional(callable<(request: LoggedRequest) => unknown>('a function of the request')),
  now: withDefault(callable<() => number>('a function'), () => performance.now()),
  gzip: withDefault(boolean, true),
  chunkBytes: optional(integer(1)),
  invalidParameterStatus: withDefault(createStatusRule(400), 400),
  cachePages: withDefault(boolean, false),
  faults: withDefault(faultsRule, []),
  randomFaults: optional(nested(randomFaultRules)),
}

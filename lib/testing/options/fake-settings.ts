// The options of the fake server with their defaults and checks.
import * as rule from '../../shared/options.js'
import { findZone } from '../dates.js'
import { rulesByEra, type Era } from '../eras.js'
import {
  fakeReportKinds,
  type FakeOptimizeOptions,
  type FakeReportOptions,
  type LateVariables,
  type OAuthOptions,
} from './fake-options.js'
import { faultsRule, randomFaultRules, type ResolvedFault, type ResolvedRandomFaults } from '../faults/faults.js'
import { collections, contextPath, anyArray, matching, objects, positive } from './option-rules.js'
import type { LoggedRequest } from '../server/request-log.js'

type OptionWithoutDefault = 'name' | 'variableNames' | 'lateVariables' | 'data' | 'chunkBytes' | 'onRequest'

export type FakeSettings = rule.Resolved<
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

export type OAuthSettings = rule.Resolved<OAuthOptions, 'requestsPerToken'>

export function resolveSettings(options: unknown): FakeSettings {
  const settings = rule.resolveOptions<Omit<FakeSettings, 'reports'> & { reports: Record<string, object> }>(
    WHERE,
    options,
    rules,
  )
  const reportDefaults = Object.fromEntries(
    Object.entries(options as object).filter(([name]) => Object.hasOwn(reportRules, name)),
  )
  const reports = Object.entries(settings.reports).map(([id, report]): [string, ReportSettings] => {
    const given = { ...reportDefaults, ...report }
    return [id, limitRecords(given, rule.resolveOptions<ReportSettings>(WHERE, given, reportRules, `reports.${id}`))]
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

const oauthRules: rule.Rules<OAuthSettings> = {
  clientId: rule.text,
  clientSecret: rule.secret(rule.text),
  auth: rule.withDefault(rule.oneOf('basic', 'body'), 'body'),
  expiresIn: rule.withDefault(positive, 300),
  requestsPerToken: rule.optional(rule.integer(0)),
  rateLimitMs: rule.withDefault(rule.integer(0), 0),
}

const createStatusRule = <S extends 400 | 429>(status: S): rule.Rule<S | 500> => ({
  expected: `${status} or 500`,
  parse: (value) => (value === status || value === 500 ? (value as S | 500) : undefined),
})

const reportRules: rule.Rules<ReportSettings> = {
  report: rule.withDefault(rule.oneOf(...fakeReportKinds), 'process'),
  name: rule.optional(rule.text),
  records: rule.withDefault(rule.integer(0, 2 ** 31), 1000),
  variables: rule.withDefault(rule.integer(0), 10),
  variableNames: rule.optional(rule.names),
  lateVariables: rule.optional(rule.nested<LateVariables>({ at: rule.integer(0), names: rule.names })),
  hostileValues: rule.withDefault(rule.boolean, false),
  objectVariables: rule.withDefault(rule.oneOf('none', 'placeholder', 'json'), 'none'),
  flowNodes: rule.withDefault(rule.integer(0), 8),
  data: rule.optional(rule.either(anyArray, rule.callable<(index: number) => unknown>('a function of the index'))),
  hasImportedData: rule.withDefault(rule.boolean, true),
  noData: rule.withDefault(rule.boolean, false),
  seed: rule.withDefault(rule.integer(0), 1),
}

const rules: rule.Rules<Omit<FakeSettings, 'reports'> & { reports: Record<string, object> }> = {
  ...reportRules,
  era: rule.withDefault(rule.oneOf(...(Object.keys(rulesByEra) as Era[])), '8.6'),
  reportId: rule.withDefault(rule.text, 'e6c5aaa1-6a18-44e7-8480-d562d511ba62'),
  reports: rule.withDefault(objects, {}),
  token: rule.withDefault(rule.secret(rule.anyText), 'demo'),
  oauth: rule.optional(rule.nested(oauthRules)),
  port: rule.withDefault(rule.integer(0, 65_535), 0),
  contextPath: rule.withDefault(contextPath, ''),
  collections: rule.withDefault(collections, {}),
  cursor: rule.withDefault(rule.oneOf('stable', 'changing', 'long', 'tooLong'), 'stable'),
  maxContexts: rule.withDefault(rule.integer(0), 500),
  tooManyContextsStatus: rule.withDefault(createStatusRule(429), 500),
  maxKeepAlive: rule.withDefault(rule.integer(60), 86_400),
  reaperSeconds: rule.withDefault(rule.integer(0), 0),
  shards: rule.withDefault(rule.integer(1), 1),
  secondMs: rule.withDefault(positive, 1000),
  serverTimezone: rule.withDefault(
    matching('a time zone', (name) => findZone(name) !== undefined),
    'Europe/Berlin',
  ),
  latencyMs: rule.withDefault(rule.integer(0), 0),
  onRequest: rule.optional(rule.callable<(request: LoggedRequest) => unknown>('a function of the request')),
  now: rule.withDefault(rule.callable<() => number>('a function'), () => performance.now()),
  gzip: rule.withDefault(rule.boolean, true),
  chunkBytes: rule.optional(rule.integer(1)),
  invalidParameterStatus: rule.withDefault(createStatusRule(400), 400),
  cachePages: rule.withDefault(rule.boolean, false),
  faults: rule.withDefault(faultsRule, []),
  randomFaults: rule.optional(rule.nested(randomFaultRules)),
}

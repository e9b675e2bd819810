// The state of one fake server.
import { Tokens } from './auth.js'
import { Zones } from './dates.js'
import { type ApiVersionRules, apiVersionRules } from './api-versions.js'
import { FaultScript } from './fault-script.js'
import { TokenEndpoint } from './oauth.js'
import { PageRenderer } from './page-renderer.js'
import { createRecordSource } from './record-source.js'
import { ReplyFactory } from './reply-factory.js'
import type { MutableRequest } from './request-log.js'
import { SearchContexts } from './search-contexts.js'
import type { FakeSettings } from './fake-settings.js'
import { createVariables } from './variables.js'

export interface ServerState {
  readonly settings: FakeSettings
  readonly versionRules: ApiVersionRules
  readonly replies: ReplyFactory
  readonly tokens: Tokens
  readonly tokenEndpoint: TokenEndpoint | undefined
  readonly contexts: SearchContexts
  readonly faultScript: FaultScript
  readonly renderer: PageRenderer
  readonly zones: Zones
  readonly requests: MutableRequest[]
  readonly knownReports: ReadonlySet<string>
  /** The reports of the option `reports`. They share all but the settings and the records of a report. */
  readonly reports: ReadonlyMap<string, ServerState>
  exportRequests: number
  /** Records inserted since the start; they come first. */
  insertedCount: number
  isReady: boolean
}

export function createServerState(settings: FakeSettings): ServerState {
  const versionRules = apiVersionRules[settings.era]
  const replies = new ReplyFactory(versionRules)
  const tokens = new Tokens(settings.token, settings.now)
  const state: ServerState = {
    settings,
    versionRules,
    replies,
    tokens,
    tokenEndpoint: settings.oauth && new TokenEndpoint(settings.oauth, { tokens, replies, now: settings.now }),
    contexts: new SearchContexts(settings),
    faultScript: new FaultScript(settings.faults, settings.randomFaults),
    renderer: createRenderer(settings, versionRules),
    zones: new Zones(settings.serverTimezone),
    requests: [],
    knownReports: new Set([
      settings.reportId,
      ...settings.reports.keys(),
      ...Object.values(settings.collections).flat(),
    ]),
    reports: new Map(),
    exportRequests: 0,
    insertedCount: 0,
    isReady: true,
  }
  const reports = [...settings.reports].map(([id, report]): [string, ServerState] => {
    const ofReport = { ...settings, ...report, reportId: id }
    return [id, { ...state, settings: ofReport, renderer: createRenderer(ofReport, versionRules) }]
  })
  return { ...state, reports: new Map(reports) }
}

const createRenderer = (settings: FakeSettings, versionRules: ApiVersionRules) =>
  new PageRenderer(createRecordSource(settings, versionRules), createVariables(settings), settings.cachePages)

import { Tokens } from '../tokens/auth.js'
import { Zones } from '../dates.js'
import { type EraRules, rulesByEra } from '../eras.js'
import { FaultScript } from '../faults/fault-script.js'
import { TokenEndpoint } from '../tokens/oauth.js'
import { PageRenderer } from '../records/page-renderer.js'
import { createRecordSource } from '../records/record-source.js'
import { ReplyFactory } from './reply-factory.js'
import type { MutableRequest } from './request-log.js'
import { SearchContexts } from './search-contexts.js'
import type { FakeSettings } from '../options/fake-settings.js'
import { createVariables } from '../records/variables.js'

export interface ReportState {
  readonly settings: FakeSettings
  readonly renderer: PageRenderer
  /** Records inserted since the start; they come first. */
  insertedCount: number
}

export interface ServerState {
  readonly settings: FakeSettings
  readonly eraRules: EraRules
  readonly replies: ReplyFactory
  readonly tokens: Tokens
  readonly tokenEndpoint: TokenEndpoint | undefined
  readonly contexts: SearchContexts
  readonly faultScript: FaultScript
  readonly zones: Zones
  readonly requests: MutableRequest[]
  readonly knownReportIds: ReadonlySet<string>
  readonly mainReport: ReportState
  /** The reports of the option `reports`, by their ids. */
  readonly reports: ReadonlyMap<string, ReportState>
  exportRequestCount: number
  isReady: boolean
}

export function createServerState(settings: FakeSettings): ServerState {
  const eraRules = rulesByEra[settings.era]
  const replies = new ReplyFactory(eraRules)
  const tokens = new Tokens(settings.token, settings.now)
  const reports = [...settings.reports].map(
    ([id, report]) => [id, createReport({ ...settings, ...report, reportId: id }, eraRules)] as const,
  )
  return {
    settings,
    eraRules,
    replies,
    tokens,
    tokenEndpoint: settings.oauth && new TokenEndpoint(settings.oauth, { tokens, replies, now: settings.now }),
    contexts: new SearchContexts(settings),
    faultScript: new FaultScript(settings.faults, settings.randomFaults),
    zones: new Zones(settings.serverTimezone),
    requests: [],
    knownReportIds: new Set([
      settings.reportId,
      ...settings.reports.keys(),
      ...Object.values(settings.collections).flat(),
    ]),
    mainReport: createReport(settings, eraRules),
    reports: new Map(reports),
    exportRequestCount: 0,
    isReady: true,
  }
}

/** Returns a report by its id. An id that is not in `reports` has the records of the main report. */
export const getReport = ({ reports, mainReport }: ServerState, id: string): ReportState =>
  reports.get(id) ?? mainReport

/** Only raw data has pages. */
export const isRaw = ({ report }: FakeSettings): boolean => report === 'process' || report === 'decision'

const createReport = (settings: FakeSettings, eraRules: EraRules): ReportState => ({
  settings,
  renderer: new PageRenderer(createRecordSource(settings, eraRules), createVariables(settings), settings.cachePages),
  insertedCount: 0,
})

// Everything one fake server knows.
import { Tokens } from './auth.js'
import { Zones } from './dates.js'
import { type EraRules, eraRules } from './eras.js'
import { FaultScript } from './fault-script.js'
import { TokenEndpoint } from './oauth.js'
import { Pages } from './pages.js'
import { recordsOf } from './records.js'
import { Replies } from './replies.js'
import type { MutableRequest } from './request-log.js'
import { SearchContexts } from './search-contexts.js'
import type { Settings } from './settings.js'
import { variablesOf } from './variables.js'

export interface Backend {
  readonly settings: Settings
  readonly era: EraRules
  readonly replies: Replies
  readonly tokens: Tokens
  readonly tokenEndpoint: TokenEndpoint | undefined
  readonly contexts: SearchContexts
  readonly script: FaultScript
  readonly pages: Pages
  readonly zones: Zones
  readonly requests: MutableRequest[]
  readonly knownReports: ReadonlySet<string>
  exportRequests: number
  /** Records inserted since the start; they come first. */
  inserted: number
  ready: boolean
}

export function createBackend(settings: Settings): Backend {
  const era = eraRules[settings.era]
  const replies = new Replies(era)
  const tokens = new Tokens(settings.token)
  return {
    settings,
    era,
    replies,
    tokens,
    tokenEndpoint: settings.oauth && new TokenEndpoint(settings.oauth, tokens, replies),
    contexts: new SearchContexts(settings),
    script: new FaultScript(settings.faults, settings.randomFaults),
    pages: new Pages(recordsOf(settings, era), variablesOf(settings), settings.cachePages),
    zones: new Zones(settings.serverTimezone),
    requests: [],
    knownReports: new Set([settings.reportId, ...Object.values(settings.collection).flat()]),
    exportRequests: 0,
    inserted: 0,
    ready: true,
  }
}

// The options of startFakeOptimize. Each has a default.
import type { Era } from './api-versions.js'
import type { Fault, RandomFaults } from './faults.js'

/** Options of {@link startFakeOptimize}; all of them may be left out. */
export interface FakeOptimizeOptions {
  /**
   * How the server authenticates, refuses and shapes its records.
   * `'3.7'` is Camunda 7's first Data Export API; `'8.6'` is also 3.8 to 3.13, `'8.8'` also 8.9 and 8.10.
   * @default '8.6'
   */
  era?: Era | undefined
  /**
   * What the report is. `'combined'` and `'incomplete'` (no definition) are refused by the server.
   * @default 'process'
   */
  report?: FakeReport | undefined
  /**
   * The report's id. Only this one and those in {@link FakeOptimizeOptions.collection} are known.
   * @default 'e6c5aaa1-6a18-44e7-8480-d562d511ba62'
   */
  reportId?: string | undefined
  /**
   * How many records the report has; the number of entries of a map or hyper-map.
   * @default 1000, or the length of `data` if that is an array
   */
  records?: number | undefined
  /**
   * The number of generated variables; the input clauses of a decision.
   * @default 10
   */
  variables?: number | undefined
  /**
   * Variable names that replace the generated ones; any text may be a name.
   * @default undefined
   */
  variableNames?: readonly string[] | undefined
  /**
   * Variables that first exist from the record with that index (from 0, in the order of delivery); records before it lack the key.
   * @default undefined
   */
  lateVariables?: LateVariables | undefined
  /**
   * Half of all values are ones that break careless encoders: formulas, quotes, line breaks, leading zeros, multibyte text.
   * @default false
   */
  hostileValues?: boolean | undefined
  /**
   * Two variables of type Object, `customerProfile` and `attachment`, shown only on pages where a record has them:
   * as `"<<OBJECT_VARIABLE_VALUE>>"`, or as an array of JSON texts or null.
   * @default 'none'
   */
  objectVariables?: 'none' | 'placeholder' | 'json' | undefined
  /**
   * The number of flow nodes in `flowNodeDurations`, of which up to three are in `flowNodeInstances`. Era 3.7 has neither.
   * @default 8
   */
  flowNodes?: number | undefined
  /**
   * Your own records instead of the invented ones, by index in the order of delivery; the entries of a map, the first one a number.
   * A string or Buffer is sent verbatim as JSON text, anything else through JSON.stringify.
   * @default undefined
   */
  data?: readonly unknown[] | ((index: number) => unknown) | undefined
  /**
   * Whether an index exists: without one a raw report has no data and no searchRequestId.
   * @default true
   */
  index?: boolean | undefined
  /**
   * A number, map or hyper-map report without a result: `data` is absent.
   * @default false
   */
  noData?: boolean | undefined
  /**
   * Everything invented follows from it.
   * @default 1
   */
  seed?: number | undefined
  /**
   * The static access token; `''` is a server without one, on which every request is 401.
   * @default 'demo'
   */
  token?: string | undefined
  /**
   * Client credentials at `POST {url}/oauth/token`; the tokens it issues are good for all endpoints, beside the static one.
   * @default undefined
   */
  oauth?: OAuthOptions | undefined
  /**
   * The port on 127.0.0.1; 0 is a free one.
   * @default 0
   */
  port?: number | undefined
  /**
   * A path before `/api`, such as `/optimize`.
   * @default ''
   */
  contextPath?: string | undefined
  /**
   * Report ids by collection id, for the report list. All of them can be exported and have the same records.
   * @default {}
   */
  collection?: Readonly<Record<string, readonly string[]>> | undefined
  /**
   * How the searchRequestId behaves: the same on each page; a new one on each page with the old one invalid; 4 kB long;
   * or so long (12 kB) that the second page's URL is refused.
   * @default 'stable'
   */
  cursor?: 'stable' | 'changing' | 'long' | 'tooLong' | undefined
  /**
   * How many search contexts may be open at a time; one more is a 500.
   * @default 500
   */
  maxContexts?: number | undefined
  /**
   * The status that a search beyond `maxContexts` is answered with.
   * @default 500
   */
  tooManyContexts?: 429 | 500 | undefined
  /**
   * The longest `paginationTimeout` in seconds. A longer one is refused, and on a later page the search is lost with it.
   * @default 86400
   */
  maxKeepAlive?: number | undefined
  /**
   * Seconds between two runs that remove expired searches; until the next run they can be used. Elasticsearch has 60.
   * @default 0
   */
  reaperSeconds?: number | undefined
  /**
   * Shards of the index. With more than one, a page that is asked for while an older request of its search is being answered
   * is a `'tornPage'`, and an expired search is reported once per shard.
   * @default 1
   */
  shards?: number | undefined
  /**
   * How many real milliseconds one second of `paginationTimeout` lasts, so that a test can see leases expire.
   * @default 1000
   */
  secondMs?: number | undefined
  /**
   * The zone of dates where `X-Optimize-Client-Timezone` names none: an IANA zone or an offset such as `'+0200'`.
   * @default 'Europe/Berlin'
   */
  serverTimezone?: string | undefined
  /**
   * Milliseconds between processing an export request and answering it.
   * @default 0
   */
  latencyMs?: number | undefined
  /**
   * Compress what the client accepts compressed; there is no content-length then.
   * @default true
   */
  gzip?: boolean | undefined
  /**
   * Send bodies in pieces of so many bytes, which cuts multibyte characters apart.
   * @default undefined
   */
  chunkBytes?: number | undefined
  /**
   * Answer invalid parameters as early 8.8 versions do: 500 instead of 400.
   * @default false
   */
  validation500?: boolean | undefined
  /**
   * Keep every page rendered (uncompressed, in memory), so that the next export of the same pages costs next to nothing.
   * @default false
   */
  cachePages?: boolean | undefined
  /**
   * What goes wrong, and when.
   * @default []
   */
  faults?: readonly Fault[] | undefined
  /**
   * Faults by seeded chance, where no scripted one applies.
   * @default undefined
   */
  randomFaults?: RandomFaults | undefined
}

/** The kinds of report that the server can have. */
export type FakeReport = 'process' | 'decision' | 'number' | 'map' | 'hyperMap' | 'combined' | 'incomplete'

/** See {@link FakeOptimizeOptions.lateVariables}. */
export interface LateVariables {
  /** The index of the first record that has them, from 0. */
  at: number
  /** Their names. */
  names: readonly string[]
}

/** See {@link FakeOptimizeOptions.oauth}. */
export interface OAuthOptions {
  /** The one client there is. */
  clientId: string
  /** Its secret. */
  clientSecret: string
  /**
   * Where the endpoint wants the client and its secret: in the body, or in an `Authorization: Basic` header. The other way is 401.
   * @default 'body'
   */
  auth?: 'basic' | 'body' | undefined
  /**
   * Seconds that a token lives, real ones; fractions allowed.
   * @default 300
   */
  expiresIn?: number | undefined
  /**
   * How many export requests a token is good for before it is 401.
   * @default undefined
   */
  requestsPerToken?: number | undefined
  /**
   * A token asked for within so many milliseconds after the last one is 429.
   * @default 0
   */
  rateLimitMs?: number | undefined
}

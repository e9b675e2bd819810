import type { Era } from '../eras.js'
import type { Fault, RandomFaults } from '../faults/faults.js'
import type { LoggedRequest } from '../server/request-log.js'

/** Options of {@link startFakeOptimize}; all of them may be left out. */
export interface FakeOptimizeOptions {
  /** The versions of Optimize to behave like. They differ in authentication, refusals and fields of records. @default '8.6' */
  era?: Era | undefined
  /** The kind of the report. The server refuses `'combined'` and `'incomplete'` (no definition). @default 'process' */
  report?: FakeReportKind | undefined
  /**
   * The id of the main report. The server knows only this report and the reports in `reports` and `collections`.
   * @default 'e6c5aaa1-6a18-44e7-8480-d562d511ba62'
   */
  reportId?: string | undefined
  /** The name of the report in its definition. @default `Report ${reportId}` */
  name?: string | undefined
  /** More reports, by their ids. The options of the server are the defaults of their options. @default {} */
  reports?: Readonly<Record<string, FakeReportOptions>> | undefined
  /**
   * The number of records; for a map or hyper-map, of entries; for a number report, the number itself.
   * @default 1000, or the length of `data` if that is an array
   */
  records?: number | undefined
  /** The number of generated variables; for a decision, of input clauses. @default 10 */
  variables?: number | undefined
  /** Variable names that replace the generated ones; any text may be a name. @default undefined */
  variableNames?: readonly string[] | undefined
  /**
   * Variables that exist only from a certain record on (index from 0, in the order of sending); earlier records lack the key.
   * @default undefined
   */
  lateVariables?: LateVariables | undefined
  /**
   * If true, about half of the variables' values are difficult for encoders: formulas, quotes, line breaks, leading zeros, multibyte text.
   * @default false
   */
  hostileValues?: boolean | undefined
  /**
   * Two variables of type Object, `customerProfile` and `attachment`. The records of a page have them if at least one has a value. With
   * `'placeholder'` the value is the text `"<<OBJECT_VARIABLE_VALUE>>"`; with `'json'` it is an array of JSON texts, or null.
   * @default 'none'
   */
  objectVariables?: 'none' | 'placeholder' | 'json' | undefined
  /** The number of flow nodes in `flowNodeDurations`, of which up to three are in `flowNodeInstances`. Era 3.7 has neither. @default 8 */
  flowNodes?: number | undefined
  /**
   * Records that replace the generated ones, in the order of sending. For a map or hyper-map, its entries; for a number
   * report, the first one is the number. A string or Buffer is sent verbatim as JSON text, any other value through JSON.stringify.
   * @default undefined
   */
  data?: readonly unknown[] | ((index: number) => unknown) | undefined
  /** If false, nothing was ever imported (docs/server.md 4.2), so a raw report has no records and no searchRequestId. @default true */
  hasImportedData?: boolean | undefined
  /** Only for number, map and hyper-map reports: if true, the report has no result, so `data` is absent. @default false */
  noData?: boolean | undefined
  /** The seed of all generated data. @default 1 */
  seed?: number | undefined
  /** The static access token. With `''` there is none, so only issued tokens are valid. @default 'demo' */
  token?: string | undefined
  /**
   * Client credentials for `POST {url}/oauth/token`. The tokens of this endpoint and the static token are valid for all endpoints.
   * @default undefined
   */
  oauth?: OAuthOptions | undefined
  /** The port on 127.0.0.1; 0 is a free one. @default 0 */
  port?: number | undefined
  /** A path before `/api`, such as `/optimize`. @default '' */
  contextPath?: string | undefined
  /**
   * Report ids by collection id, for the list of the reports of a collection. Each report can be exported. An id that is not in
   * `reports` has the records of the main report. @default {}
   */
  collections?: Readonly<Record<string, readonly string[]>> | undefined
  /**
   * The searchRequestId: `'stable'` is the same on each page; `'changing'` is new on each page, and the old one becomes
   * invalid; `'long'` has 4 kB; `'tooLong'` has 12 kB, so that the server refuses the URL of the second page. @default 'stable'
   */
  cursor?: 'stable' | 'changing' | 'long' | 'tooLong' | undefined
  /** The largest number of open search contexts; one more is refused. @default 500 */
  maxContexts?: number | undefined
  /** The status of the answer to a search beyond `maxContexts`. @default 500 */
  tooManyContextsStatus?: 429 | 500 | undefined
  /**
   * The longest `paginationTimeout` in seconds. The server refuses a longer one, and on a later page also closes the search.
   * @default 86400
   */
  maxKeepAlive?: number | undefined
  /**
   * Seconds between two runs that remove expired searches. An expired search can be used until the next run. Elasticsearch has 60.
   * @default 0
   */
  reaperSeconds?: number | undefined
  /**
   * The number of shards of the index. With more than one, a request gets a `'tornPage'` if another one of the same search
   * is not answered yet, and an expired search is reported once per shard. @default 1
   */
  shards?: number | undefined
  /** The length of one second of `paginationTimeout` in milliseconds, so that a keep-alive can expire within a test. @default 1000 */
  secondMs?: number | undefined
  /**
   * The time zone of dates if the header `X-Optimize-Client-Timezone` names none: an IANA zone or an offset such as `'+0200'`.
   * @default 'Europe/Berlin'
   */
  serverTimezone?: string | undefined
  /** Milliseconds between processing an export request and answering it. @default 0 */
  latencyMs?: number | undefined
  /**
   * Called when a request has arrived, with its entry in the log. If it returns a promise, the server sends the answer when the promise
   * is fulfilled; an export request has been processed by then. If it throws or rejects, the server closes the connection.
   * @default undefined
   */
  onRequest?: ((request: LoggedRequest) => unknown) | undefined
  /**
   * The clock for the expiry of searches and tokens and for `rateLimitMs`, in milliseconds. Only differences count.
   * @default performance.now
   */
  now?: (() => number) | undefined
  /** If true, JSON is compressed for a client that accepts gzip; compressed answers have no content-length. @default true */
  gzip?: boolean | undefined
  /** The size of the pieces in which bodies are sent, in bytes; multibyte characters may be split. @default undefined */
  chunkBytes?: number | undefined
  /** The status of the answer to an invalid parameter. Early 8.8 versions answered with 500. @default 400 */
  invalidParameterStatus?: 400 | 500 | undefined
  /**
   * If true, keeps every rendered page in memory, uncompressed, so that the next export of the same pages needs little time.
   * @default false
   */
  cachePages?: boolean | undefined
  /** The faults to cause, and when. @default [] */
  faults?: readonly Fault[] | undefined
  /** Random faults with a seed, for requests without a scripted fault. @default undefined */
  randomFaults?: RandomFaults | undefined
}

/** The kinds of report that the server can have. */
export type FakeReportKind = (typeof fakeReportKinds)[number]

export const fakeReportKinds = ['process', 'decision', 'number', 'map', 'hyperMap', 'combined', 'incomplete'] as const

/** The options of one of several reports. See {@link FakeOptimizeOptions.reports}. */
export type FakeReportOptions = Pick<
  FakeOptimizeOptions,
  | 'report'
  | 'name'
  | 'records'
  | 'variables'
  | 'variableNames'
  | 'lateVariables'
  | 'hostileValues'
  | 'objectVariables'
  | 'flowNodes'
  | 'data'
  | 'hasImportedData'
  | 'noData'
  | 'seed'
>

/** See {@link FakeOptimizeOptions.lateVariables}. */
export interface LateVariables {
  /** The index of the first record that has them, from 0. */
  at: number
  /** Their names. */
  names: readonly string[]
}

/** See {@link FakeOptimizeOptions.oauth}. */
export interface OAuthOptions {
  /** The id of the only client. */
  clientId: string
  /** The secret of the client. */
  clientSecret: string
  /**
   * The place where the endpoint expects the client id and the secret: the body, or an `Authorization: Basic` header. The other
   * place is answered with 401. @default 'body'
   */
  auth?: 'basic' | 'body' | undefined
  /** The lifetime of a token in seconds; may be a fraction. @default 300 */
  expiresIn?: number | undefined
  /** The number of export requests for which a token is valid. @default undefined */
  requestsPerToken?: number | undefined
  /** A token request within this number of milliseconds after the last issued token is answered with 429. @default 0 */
  rateLimitMs?: number | undefined
}

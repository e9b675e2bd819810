// The kinds of faults, grouped by the part of a request that goes wrong. Each group has a file in this folder, which causes its faults.
import * as rule from '../../shared/options.js'
import { bytes, fraction, anyArray } from '../options/option-rules.js'

/** The request is not processed: the cursor does not move. */
export const faultsBeforeProcessing = ['hangUp', '503', '429', '401', 'login', 'redirect', 'redirectSame'] as const
/** The search changes while the page is taken from it. */
export const faultsOfSearch = ['expire', 'repeatPage', 'tornPage', 'totalShrinks', 'shardsLost'] as const
/** The cursor has moved, and the records of the page change, or their count. */
export const faultsOfPage = ['missingRows', 'emptyPage', 'wrongCount', 'nullRecord', 'invalidUtf8', 'deep'] as const
/** The cursor has moved, and another reply takes the place of the real one. */
export const faultsOfReply = ['500', '502', '504', 'body', 'wrongType'] as const
/** The cursor has moved, and the real reply is sent late, in part, or not at all. */
export const faultsOfSending = ['drop', 'cut', 'cutGzip', 'truncate', 'delay', 'drip', 'huge'] as const

const kinds = [
  ...faultsBeforeProcessing,
  ...faultsOfSearch,
  ...faultsOfPage,
  ...faultsOfReply,
  ...faultsOfSending,
] as const

/**
 * The kind of fault of one export request.
 *
 * The server does not process the request. The cursor stays, but a client can know that only after `429`, `401` and redirects:
 * - `'hangUp'`: closes the connection without a reply
 * - `'503'`: replies with the HTML of a proxy; `'429'`: the same, with a `Retry-After` of `retryAfter` seconds
 * - `'401'`: rejects the token in the form of the era
 * - `'login'`: replies with status 200 and an HTML login page
 * - `'redirect'`: redirects to `to`; `'redirectSame'`: redirects to the same URL with `redirected=true`, which then works
 *
 * Faults of the search:
 * - `'expire'`: the search context is gone; a first request gets the usual reply
 * - `'repeatPage'`: sends the previous page again, and the cursor stays; a first request gets the usual reply
 * - `'tornPage'`: sends half of this page and half of the next one, and the cursor moves past both. A server with several shards does
 *   so if two requests use one cursor at the same time. A first request gets the usual reply
 * - `'shardsLost'`: from this page on, every second record is missing and the total counts only the others, with status 200. If it
 *   begins with the first page, the total and the records agree, and both are too small
 * - `'totalShrinks'`: from this page on, the total is smaller by `rows`
 *
 * Faults of the page. The cursor has moved:
 * - `'missingRows'`: the last `rows` records are missing, and the count agrees; `'emptyPage'`: all records are missing
 * - `'wrongCount'`: `numberOfRecordsInResponse` is too large by `rows`
 * - `'nullRecord'`: one record is null; `'invalidUtf8'`: one text is not valid UTF-8; `'deep'`: one record has 100,000 nested arrays
 *
 * The reply is replaced. The cursor has moved:
 * - `'500'`: JSON with `serverError`; `'502'`, `'504'`: the HTML of a proxy
 * - `'body'`: `body`, with `status`, `contentType` and `headers`; `'wrongType'`: the page as `text/plain`
 *
 * The reply is not sent as it should be. The cursor has moved:
 * - `'drop'`: closes the connection without a reply
 * - `'cut'`: closes the connection in the middle of a record, before the end that `content-length` announces
 * - `'truncate'`: sends a complete HTTP message whose JSON ends in the middle of a record
 * - `'cutGzip'`: sends a complete HTTP message whose gzip data ends early; like `'truncate'` if `gzip` is false or the client does not
 *   accept it
 * - `'delay'`: sends the reply after `ms`
 * - `'drip'`: sends a few bytes every few milliseconds for `ms`, then the rest; without `ms` it never ends
 * - `'huge'`: sends valid JSON of at least `bytes` bytes, most of them white space, never compressed
 */
export type FaultKind = (typeof kinds)[number]

/** One scripted fault. Without `request` and `page` it applies to the next export request. */
export interface Fault {
  /** The kind of the fault. */
  kind: FaultKind
  /** Applies to the export request with this number, from 1. */
  request?: number | undefined
  /** Applies to a request for this page of its search, from 1. */
  page?: number | undefined
  /** The number of requests that get the fault; Infinity is allowed. @default 1 */
  times?: number | undefined
  /** `'delay'`, `'drip'`: milliseconds. @default 1000 for `'delay'`, for ever for `'drip'` */
  ms?: number | undefined
  /** `'429'`: the seconds of `Retry-After`. @default 1 */
  retryAfter?: number | undefined
  /** `'redirect'`: the location. @default 'https://login.example.invalid/' */
  to?: string | undefined
  /** `'missingRows'`, `'wrongCount'`, `'totalShrinks'`: the number of records. @default 1 */
  rows?: number | undefined
  /** `'huge'`: the bytes of the body. @default 1073741824 */
  bytes?: number | undefined
  /** `'body'`: the body to send. @default '' */
  body?: string | Buffer | undefined
  /** `'body'`: the status. @default 200 */
  status?: number | undefined
  /** `'body'`: the content type. @default 'application/json' */
  contentType?: string | undefined
  /** `'body'`: further headers. @default {} */
  headers?: Readonly<Record<string, string>> | undefined
}

/** Random faults; the same seed selects the same requests. */
export interface RandomFaults {
  /** The share of export requests with a fault, 0 to 1. */
  rate: number
  /** @default 1 */
  seed?: number | undefined
  /**
   * The kinds of faults, all with the same probability and with default parameters.
   * @default all that close a connection or end a body early, 500, 502, 503, 504 and expire
   */
  kinds?: readonly FaultKind[] | undefined
}

export type ResolvedFault = rule.Resolved<Fault, 'request' | 'page' | 'ms'>

/** A fault of one of the groups at the top of this file. */
export type FaultOf<Group extends readonly FaultKind[]> = ResolvedFault & { readonly kind: Group[number] }

export const isFaultOf = <Group extends readonly FaultKind[]>(
  group: Group,
  fault: ResolvedFault | undefined,
): fault is FaultOf<Group> => group.some((kind) => kind === fault?.kind)

export type ResolvedRandomFaults = rule.Resolved<RandomFaults>

const kind = rule.oneOf(...kinds)

const times: rule.Rule<number> = {
  expected: 'an integer of at least 1 or Infinity',
  parse: (value) => (value === Infinity ? Infinity : rule.integer(1).parse(value, { where: '', option: '' })),
}

const faultRules: rule.Rules<ResolvedFault> = {
  kind,
  request: rule.optional(rule.integer(1)),
  page: rule.optional(rule.integer(1)),
  times: rule.withDefault(times, 1),
  ms: rule.optional(rule.integer(0)),
  retryAfter: rule.withDefault(rule.integer(0), 1),
  to: rule.withDefault(rule.text, 'https://login.example.invalid/'),
  rows: rule.withDefault(rule.integer(1), 1),
  bytes: rule.withDefault(rule.integer(0), 2 ** 30),
  body: rule.withDefault(bytes, ''),
  status: rule.withDefault(rule.integer(200, 599), 200),
  contentType: rule.withDefault(rule.text, 'application/json'),
  headers: rule.withDefault(rule.stringRecord, {}),
}

export const faultsRule: rule.Rule<readonly ResolvedFault[]> = {
  expected: 'an array of faults',
  parse: (value, { where, option }) =>
    anyArray
      .parse(value, { where, option })
      ?.map((fault, n) => rule.resolveOptions(where, fault, faultRules, `${option}.${n}`)),
}

export const createDefaultFault = (kind: FaultKind): ResolvedFault => rule.resolveOptions('fault', { kind }, faultRules)

export const randomFaultRules: rule.Rules<ResolvedRandomFaults> = {
  rate: fraction,
  seed: rule.withDefault(rule.integer(0), 1),
  kinds: rule.withDefault(
    {
      expected: `an array of fault kinds`,
      parse: (value) =>
        Array.isArray(value) && value.length > 0 && value.every(isKind) ? (value as FaultKind[]) : undefined,
    },
    ['hangUp', '503', 'drop', 'cut', 'cutGzip', 'truncate', '500', '502', '504', 'expire'],
  ),
}

const isKind = (value: unknown) => kinds.some((known) => known === value)

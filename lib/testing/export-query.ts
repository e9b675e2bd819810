// The parameters of an export: defaults and limits (docs/server.md 1.2 to 1.6). None is required, whatever the documentation says.
import type { EraRules } from './eras.js'
import { Refusal, type Replies } from './replies.js'

export interface ExportQuery {
  readonly limit: number
  /** `paginationTimeout` */
  readonly leaseSeconds: number
  /** Undefined asks for the first page. */
  readonly searchRequestId: string | undefined
}

interface Bounds {
  readonly min: number
  readonly max: number
  /** When the parameter is absent. */
  readonly absent: number
  /** When it is blank and the era takes that for null: what the user interface has. */
  readonly blank: number
}

const bounds: Readonly<Record<'limit' | 'paginationTimeout', Bounds>> = {
  limit: { min: 0, max: 10_000, absent: 1000, blank: 20 },
  paginationTimeout: { min: 60, max: Infinity, absent: 120, blank: 60 },
}

/** @throws Refusal */
export function readQuery(query: URLSearchParams, era: EraRules, against: Refusals): ExportQuery {
  return {
    limit: read('limit', query, era, against),
    leaseSeconds: read('paginationTimeout', query, era, against),
    searchRequestId: query.get('searchRequestId') ?? undefined,
  }
}

/** What a bad parameter is answered with. */
export interface Refusals {
  readonly replies: Replies
  readonly validation500: boolean
  /** Whether the report is raw data: others fail on a blank number. */
  readonly raw: boolean
}

function read(name: keyof typeof bounds, query: URLSearchParams, era: EraRules, against: Refusals): number {
  const { absent, blank, min, max } = bounds[name]
  const text = query.get(name)
  if (text === null) return absent
  if (text === '' && era.blankIsNull && against.raw) return blank
  const value = Number(text)
  if (!/^[+-]?\d{1,10}$/.test(text) || Math.abs(value) >= 2 ** 31) {
    throw new Refusal(
      against.replies.serverError(
        text === '' ? 'java.lang.NullPointerException' : `java.lang.NumberFormatException: For input string: "${text}"`,
      ),
    )
  }
  if (value < min) throw invalid(name, `must be greater than or equal to ${min}`, against)
  if (value > max) throw invalid(name, `must be less than or equal to ${max}`, against)
  return value
}

function invalid(name: string, complaint: string, { replies, validation500 }: Refusals): Refusal {
  const detail = `Validation failed for argument [0] in exportReportData: rejected value of '${name}': ${complaint}`
  return new Refusal(validation500 ? replies.serverError(detail) : replies.invalid(name, complaint))
}

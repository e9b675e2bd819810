// The parameters of an export: defaults and limits (docs/server.md 1.2 to 1.6). No parameter is required, although in Camunda's
// documentation some are.
import type { EraRules } from '../eras.js'
import { ReplyError, type ReplyFactory } from './reply-factory.js'

export interface ExportQuery {
  readonly limit: number
  /** `paginationTimeout` */
  readonly keepAliveSeconds: number
  /** Undefined for the first page. */
  readonly searchRequestId: string | undefined
}

interface Limits {
  readonly min: number
  readonly max: number
  readonly defaultValue: number
  /** The value if the parameter is blank and the era treats that as null: the default of the user interface. */
  readonly blankValue: number
}

const limits: Readonly<Record<'limit' | 'paginationTimeout', Limits>> = {
  limit: { min: 0, max: 10_000, defaultValue: 1000, blankValue: 20 },
  paginationTimeout: { min: 60, max: Infinity, defaultValue: 120, blankValue: 60 },
}

/** @throws ReplyError */
export function readQuery(query: URLSearchParams, rules: QueryRules): ExportQuery {
  return {
    limit: readNumber('limit', query, rules),
    keepAliveSeconds: readNumber('paginationTimeout', query, rules),
    searchRequestId: query.get('searchRequestId') ?? undefined,
  }
}

/** The facts that decide the reply to a blank or an invalid parameter. */
export interface QueryRules {
  readonly eraRules: EraRules
  readonly replies: ReplyFactory
  readonly invalidParameterStatus: 400 | 500
  /** Whether the report is raw data; other reports fail on a blank number. */
  readonly isRaw: boolean
}

function readNumber(name: keyof typeof limits, query: URLSearchParams, rules: QueryRules): number {
  const { defaultValue, blankValue, min, max } = limits[name]
  const text = query.get(name)
  if (text === null) return defaultValue
  if (text === '' && rules.eraRules.isBlankNumberNull && rules.isRaw) return blankValue
  const value = Number(text)
  if (!/^[+-]?\d{1,10}$/.test(text) || Math.abs(value) >= 2 ** 31) {
    throw new ReplyError(
      rules.replies.serverError(
        text === '' ? 'java.lang.NullPointerException' : `java.lang.NumberFormatException: For input string: "${text}"`,
      ),
    )
  }
  if (value < min) throw createInvalidParameterError(name, `must be greater than or equal to ${min}`, rules)
  if (value > max) throw createInvalidParameterError(name, `must be less than or equal to ${max}`, rules)
  return value
}

function createInvalidParameterError(
  name: string,
  problem: string,
  { replies, invalidParameterStatus }: QueryRules,
): ReplyError {
  const detail = `Validation failed for argument [0] in exportReportData: rejected value of '${name}': ${problem}`
  return new ReplyError(invalidParameterStatus === 500 ? replies.serverError(detail) : replies.invalid(name, problem))
}

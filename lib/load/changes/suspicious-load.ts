// Refuses loads that would lose so many rows that the report is probably wrong.
import { ExportError } from '../../shared/errors.js'
import type { LastLoads, RecordedLoad } from '../history/load-history.js'
import { modeFacts } from '../load-modes.js'
import type { LoadInput } from '../load-input.js'
import { formatTableName } from '../table-name.js'

export interface LoadFacts extends Pick<LoadInput, 'options' | 'kind' | 'table' | 'stats'> {
  readonly rows: number
}

const DEFAULT_MAX_LOST_SHARE = 0.5

export function throwIfSuspicious(facts: LoadFacts, { lastComplete, lastCompleteOfReport }: LastLoads): void {
  if (facts.options.maxLostShare === 1) return
  if (modeFacts[facts.options.mode].suspectsLossOf === 'rows') throwIfReplacementIsSuspicious(facts, lastComplete)
  else throwIfReportLostRecords(facts, lastCompleteOfReport)
}

function throwIfReplacementIsSuspicious(facts: LoadFacts, last: RecordedLoad | undefined): void {
  const { options, rows, kind, table } = facts
  const { maxLostShare = DEFAULT_MAX_LOST_SHARE } = options
  if (!last) return
  if (isTooFew(rows, last.rowsInTable, maxLostShare))
    throw createSuspiciousLoadError(
      facts,
      `expected ${findMinRows(last.rowsInTable, maxLostShare)} or more rows, because the table had ${last.rowsInTable} after the last complete load, got ${rows}`,
    )
  if (kind !== 'empty' && last.schema.kind !== 'empty' && last.schema.kind !== kind)
    throw createSuspiciousLoadError(
      facts,
      `expected a report of the kind ${last.schema.kind}, as in the last complete load of ${formatTableName(table)}, got ${kind}`,
    )
}

/**
 * Checks a merge or an append. Compares the records of the report, because the table may have rows that the report no longer has.
 * Checks only if the user gave `maxLostShare`: a report of the last 30 days may lose records every night.
 */
function throwIfReportLostRecords(facts: LoadFacts, last: RecordedLoad | undefined): void {
  const { maxLostShare } = facts.options
  const total = facts.stats.total!
  if (!last || maxLostShare === undefined || !isTooFew(total, last.total, maxLostShare)) return
  throw createSuspiciousLoadError(
    facts,
    `expected a report of ${findMinRows(last.total, maxLostShare)} or more records, because it had ${last.total} in the last complete load, got ${total}`,
  )
}

const isTooFew = (now: number, before: number, maxLostShare: number) =>
  before > 0 && (now === 0 || (before - now) / before > maxLostShare)

function findMinRows(last: number, maxLostShare: number): number {
  let rows = Math.max(1, Math.floor(last * (1 - maxLostShare)))
  while ((last - rows) / last > maxLostShare) rows++
  return rows
}

export function throwIfManyDeleted(input: LoadInput, { lost, before }: Record<'lost' | 'before', number>): void {
  const { deleteMissing, maxLostShare = DEFAULT_MAX_LOST_SHARE } = input.options
  if (deleteMissing === undefined || maxLostShare === 1 || before === 0) return
  if (lost / before > maxLostShare || lost === before)
    throw createSuspiciousLoadError(input, `the report no longer has ${lost} of the ${before} rows`)
}

function createSuspiciousLoadError(
  { table, options }: Pick<LoadInput, 'table' | 'options'>,
  problem: string,
): ExportError {
  const message = `table ${formatTableName(table)}: ${problem}; maxLostShare: 1 turns this check off`
  return new ExportError('ERR_SUSPICIOUS_LOAD', message, { reportId: options.source.reportId })
}

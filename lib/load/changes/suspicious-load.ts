// Refuses loads that would lose so many rows that the report is probably wrong.
import { ExportError } from '../../shared/errors.js'
import type { LastLoads, RecordedLoad } from '../history/load-history.js'
import { modeFacts } from '../load-modes.js'
import type { LoadPlan } from '../load-plan.js'
import { formatTable } from '../table-name.js'

export interface LoadFacts extends Pick<LoadPlan, 'options' | 'kind' | 'table' | 'stats'> {
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
      `expected a report of the kind ${last.schema.kind}, as in the last complete load of ${formatTable(table)}, got ${kind}`,
    )
}

/**
 * Checks a merge or an append. Compares the records of the report, because the table may have rows that the report no longer has.
 * Checks only if the user gave `maxLostShare`: a report of the last 30 days may lose records every night.
 */
function throwIfReportLostRecords(facts: LoadFacts, last: RecordedLoad | undefined): void {
  const { maxLostShare } = facts.options
  const promised = facts.stats.total!
  if (!last || maxLostShare === undefined || !isTooFew(promised, last.recordsPromised, maxLostShare)) return
  throw createSuspiciousLoadError(
    facts,
    `expected a report of ${findMinRows(last.recordsPromised, maxLostShare)} or more records, because it had ${last.recordsPromised} in the last complete load, got ${promised}`,
  )
}

const isTooFew = (now: number, before: number, maxLostShare: number) =>
  before > 0 && (now === 0 || (before - now) / before > maxLostShare)

function findMinRows(last: number, maxLostShare: number): number {
  let rows = Math.max(1, Math.floor(last * (1 - maxLostShare)))
  while ((last - rows) / last > maxLostShare) rows++
  return rows
}

export function throwIfManyDeleted(plan: LoadPlan, { lost, before }: Record<'lost' | 'before', number>): void {
  const { deleteMissing, maxLostShare = DEFAULT_MAX_LOST_SHARE } = plan.options
  if (deleteMissing === undefined || maxLostShare === 1 || before === 0) return
  if (lost / before > maxLostShare || lost === before)
    throw createSuspiciousLoadError(plan, `the report no longer has ${lost} of the ${before} rows`)
}

function createSuspiciousLoadError(
  { table, options }: Pick<LoadPlan, 'table' | 'options'>,
  problem: string,
): ExportError {
  const message = `table ${formatTable(table)}: ${problem}; maxLostShare: 1 turns this check off`
  return new ExportError('ERR_SUSPICIOUS_LOAD', message, { reportId: options.source.reportId })
}

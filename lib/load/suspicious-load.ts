// Finds loads that would destroy data because the report is not the same as before.
import { ExportError } from '../shared/errors.js'
import type { RecordedLoad } from './load-history.js'
import type { LoadPlan } from './load-plan.js'
import { formatTable } from './table-name.js'
import type { RowCounts } from './write-rows.js'

/** The facts about a load that {@link throwIfSuspicious} checks. */
export interface LoadFacts extends Pick<LoadPlan, 'options' | 'kind' | 'table' | 'reportId'> {
  readonly rows: number
}

/** Throws if so much is missing that the report is probably wrong. */
export function throwIfSuspicious(plan: LoadFacts, last: RecordedLoad | undefined): void {
  const { options, rows, kind, table } = plan
  const { mode, maxLostShare } = options
  if (!last || mode !== 'replace' || maxLostShare === 1) return
  const lost = last.rowsInTable - rows
  const isLost = last.rowsInTable > 0 && (rows === 0 || lost / last.rowsInTable > maxLostShare)
  if (isLost)
    throw createSuspiciousLoadError(
      plan,
      `expected at least ${findMinRows(last.rowsInTable, maxLostShare)} rows, because the last complete load had ${last.rowsInTable}, got ${rows}`,
    )
  if (kind !== 'empty' && last.schema.kind !== 'empty' && last.schema.kind !== kind)
    throw createSuspiciousLoadError(
      plan,
      `expected a report of the kind ${last.schema.kind}, as in the last load of ${formatTable(table)}, got ${kind}`,
    )
}

/** Returns the smallest number of rows that is not suspicious. */
function findMinRows(last: number, maxLostShare: number): number {
  let rows = Math.max(1, Math.floor(last * (1 - maxLostShare)))
  while ((last - rows) / last > maxLostShare) rows++
  return rows
}

/** Throws if `deleteMissing` deleted so much that the report is probably wrong. */
export function throwIfManyDeleted(plan: LoadPlan, { lost, before }: RowCounts): void {
  const { deleteMissing, maxLostShare } = plan.options
  if (deleteMissing === undefined || maxLostShare === 1 || before === 0) return
  if (lost / before > maxLostShare || lost === before)
    throw createSuspiciousLoadError(plan, `the report no longer has ${lost} of the ${before} rows`)
}

function createSuspiciousLoadError(
  { table, reportId }: Pick<LoadPlan, 'table' | 'reportId'>,
  problem: string,
): ExportError {
  return new ExportError(
    'ERR_SUSPICIOUS_LOAD',
    `table ${formatTable(table)}: ${problem}; maxLostShare: 1 turns this check off`,
    { reportId },
  )
}

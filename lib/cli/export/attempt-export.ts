import type { Context } from '../context.js'
import { describeError, formatFailure, toExitCode, toJsonError } from '../errors/command-errors.js'
import { exit } from '../errors/exit-codes.js'
import { exportReport, getLabel, type ReportExport } from './export-report.js'
import { formatOutcome, type Outcome } from './outcome.js'

export interface ReportResult {
  readonly status: 'written' | 'failed' | 'skipped' | 'not tried'
  readonly exitCode: number
  readonly outcome: Outcome
}

/** Exports one report, and prints a line with the result unless the command is stopped. Never rejects: a failure is a result too. */
export async function attemptExport(
  reportExport: ReportExport,
  context: Context,
  isFromCollection = false,
): Promise<ReportResult> {
  const { signal, progress, settings } = context
  const { reportId } = reportExport
  const label = getLabel(reportExport)
  try {
    signal.throwIfAborted()
    const result = await exportReport(reportExport, context)
    progress.note(`${label}: ${formatOutcome(result)}`)
    return { status: 'written', exitCode: exit.complete, outcome: result.outcome }
  } catch (error) {
    const reason = signal.aborted ? toJsonError(signal.reason) : toJsonError(error, settings)
    const outcome = { reportId, complete: false, error: reason }
    if (signal.aborted) return { status: 'failed', exitCode: exit.failed, outcome }
    // the exports of a collection must not fail because of one report that Optimize cannot export, such as a combined one
    const skipped = isFromCollection && reason.code === 'ERR_REPORT_NOT_EXPORTABLE'
    if (skipped) progress.note(`${label}: skipped: ${describeError(error, settings)}`)
    else progress.alert(`${label}: ${formatFailure(error, settings)}`)
    const exitCode = skipped ? exit.complete : toExitCode(error)
    return { status: skipped ? 'skipped' : 'failed', exitCode, outcome: { ...outcome, skipped } }
  }
}

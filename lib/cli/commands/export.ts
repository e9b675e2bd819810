import { reportIdOf } from '../../index.js'
import { mapConcurrently } from '../../shared/map-concurrently.js'
import { listCollectionReports } from '../source/collection-reports.js'
import { createServerAccess } from '../access/server-access.js'
import type { Context } from '../context.js'
import { checkExport, checkStores, type ReportExport } from '../export/export-report.js'
import { exit, hasRefusedToken, pickWorstExitCode } from '../errors/exit-codes.js'
import { createJsonError, toJsonError } from '../errors/command-errors.js'
import { attemptExport, type ReportResult } from '../export/attempt-export.js'
import type { Settings } from '../settings.js'
import type { StoppedError } from '../errors/stopped-error.js'
import { formats } from '../flags/formats.js'
import { createFolders } from '../export/output-folders.js'
import { createReportTargets, type ReportTargets } from '../export/report-targets.js'
import { UsageError } from '../errors/usage-error.js'
import { pluralize } from '../output/format-text.js'
import type { OutputStream } from '../progress/progress.js'

export async function runExport(context: Context): Promise<number> {
  const { settings, stdout } = context
  const access = await createServerAccess(settings)
  const given = getGivenReportIds(settings)
  const isOneReport = given?.length === 1
  const createExports = (reportIds: readonly string[]): ReportExport[] =>
    createReportTargets(settings, reportIds, !isOneReport).map((targets, index) => ({
      reportId: reportIds[index]!,
      targets,
      access,
    }))
  // wrong options are wrong for every report, so they are checked before the first request
  const firstExport = createExports(given ?? ['any'])[0]!
  checkTerminal(firstExport.targets, stdout)
  const concurrency = settings.positiveInteger('concurrency', 1)
  const isJson = settings.get('json') === true
  if (isJson && settings.get('out') === '-')
    throw new UsageError('--json: prints its result on stdout, where --out - has the records')
  checkExport(firstExport, settings)
  await checkStores(firstExport, context)
  const reports = given ?? (await listCollectionReports(settings.text('collection')!, access, settings, context.signal))
  const removeEmptyFolders = await createFolders(settings, !isOneReport)
  let isTokenRefused = false
  const results = await mapConcurrently(createExports(reports), concurrency, async (report) => {
    if (isTokenRefused) return createNotTried(report)
    const result = await attemptExport(report, context, given === undefined)
    isTokenRefused ||= hasRefusedToken(result)
    return result
  }).finally(removeEmptyFolders)
  const exitCode = pickWorstExitCode(results.map((result) => result.exitCode))
  const complete = exitCode === exit.complete
  // if every report is complete, the signal came too late and changes nothing
  const stopped = complete ? undefined : (context.signal.reason as StoppedError | undefined)
  printSummary(results, isOneReport, { complete, stopped }, context)
  if (stopped) throw stopped
  return exitCode
}

/** Throws a UsageError if a terminal would get binary data. */
function checkTerminal({ records }: ReportTargets, { isTTY }: OutputStream): void {
  if (!isTTY || !records || records.path !== undefined) return
  const { isCompressed, isBinary } = formats[records.format]
  if (records.gzip || isCompressed || isBinary)
    throw new UsageError('--out -: cannot write binary data to a terminal; redirect stdout to a file or a program')
}

/** Returns the ids in `report`, or undefined for a collection. The highest settings level that has one of the two decides. */
function getGivenReportIds(settings: Settings): readonly string[] | undefined {
  const level = settings.levels.find(
    ({ values }) => values['report'] !== undefined || values['collection'] !== undefined,
  )
  const { report: reports, collection } = level?.values ?? {}
  if (reports !== undefined && collection !== undefined)
    throw new UsageError('--report and --collection: expected one of them')
  if (collection !== undefined) return undefined
  if (Array.isArray(reports) && reports.length > 0 && reports.every((id) => typeof id === 'string'))
    return [...new Set(reports.map((report) => reportIdOf(report)))]
  throw new UsageError('nothing to export: give --report ID, or --collection ID')
}

/** Returns the result of a report that is not requested, because the server refused the token. More requests could lock the client out. */
function createNotTried({ reportId }: ReportExport): ReportResult {
  const error = createJsonError('ERR_NOT_TRIED', 'not tried, because the server had already refused the token')
  return { status: 'not tried', exitCode: exit.authentication, outcome: { reportId, complete: false, error } }
}

function printSummary(
  results: readonly ReportResult[],
  isOneReport: boolean,
  { complete, stopped }: { readonly complete: boolean; readonly stopped: StoppedError | undefined },
  { settings, printJson, progress }: Context,
): void {
  const outcomes = results.map(({ outcome }) => outcome)
  const error = stopped && { error: toJsonError(stopped) }
  if (settings.get('json') === true) printJson(isOneReport ? outcomes[0] : { complete, ...error, reports: outcomes })
  if (isOneReport) return
  const completeCount = outcomes.filter((outcome) => outcome['complete'] === true).length
  const countByStatus = (status: ReportResult['status']) => results.filter((result) => result.status === status).length
  const notTriedCount = countByStatus('not tried')
  progress.note(
    `${pluralize(results.length, 'report')}: ${completeCount} complete, ${countByStatus('failed')} failed, ${countByStatus('skipped')} skipped${notTriedCount > 0 ? `, ${notTriedCount} not tried` : ''}`,
  )
}

// `optimize-export export`: one report, several, or a collection; each its own file and receipt.
import { mkdir } from 'node:fs/promises'
import { reportIdOf } from '../../index.js'
import { reportsIn } from '../collection.js'
import { connectionOf } from '../connection.js'
import type { Context } from '../context.js'
import { checkOrder, exportReport, labelOf, type Order } from '../export-report.js'
import { doneText, type Outcome } from '../outcome.js'
import { errorOf } from '../ending.js'
import { complaintOf, exit, exitCodeOf, worstOf } from '../failures.js'
import { inParallel } from '../in-parallel.js'
import type { Settings } from '../settings.js'
import { isFolder, targetsOf } from '../targets.js'
import { UsageError } from '../usage-error.js'
import { counted } from '../words.js'

/** Exports what the settings name. */
export async function runExport(context: Context): Promise<number> {
  const { settings, stdout } = context
  const connection = await connectionOf(settings)
  const given = namedReports(settings)
  const isSeveral = given?.length !== 1
  const targets = targetsOf(settings, isSeveral, stdout)
  const ordersOf = (reportIds: readonly string[]): Order[] =>
    targets(reportIds).map((targets, at) => ({ reportId: reportIds[at]!, targets, connection }))
  const width = concurrencyIn(settings)
  const isJson = settings.get('json') === true
  if (isJson && settings.get('out') === '-')
    throw new UsageError('--json: prints its result on stdout, where --out - has the records')
  // before the first request: what is wrong with the options is wrong with every report
  checkOrder(ordersOf(given ?? ['any'])[0]!, settings)
  const reports = given ?? (await reportsIn(settings.text('collection')!, connection, context.signal))
  await makeFolders(settings, isSeveral)
  let isRefused = false
  const results = await inParallel(ordersOf(reports), width, async (order) => {
    if (isRefused) return notTried(order)
    const result = await runOrder(order, context, given === undefined)
    isRefused ||= result.code === exit.authentication
    return result
  })
  report(results, isSeveral, context)
  context.signal.throwIfAborted()
  return worstOf(results.map(({ code }) => code))
}

/** Two settings that exclude each other: the highest level that has one of them decides on both. */
function namedReports({ levels }: Settings): readonly string[] | undefined {
  const level = levels.find(({ values }) => values['report'] !== undefined || values['collection'] !== undefined)
  const { report: reports, collection } = level?.values ?? {}
  if (reports !== undefined && collection !== undefined)
    throw new UsageError('--report and --collection: expected one of them')
  if (collection !== undefined) return undefined
  if (Array.isArray(reports) && reports.length > 0 && reports.every((id) => typeof id === 'string'))
    return [...new Set(reports.map(reportIdOf))]
  throw new UsageError('nothing to export: give --report ID, or --collection ID')
}

function concurrencyIn(settings: Settings): number {
  const width = settings.get('concurrency') ?? 1
  if (Number.isSafeInteger(width) && (width as number) >= 1) return width as number
  throw new UsageError(`${settings.nameOf('concurrency')}: expected an integer of at least 1`)
}

async function makeFolders(settings: Settings, isSeveral: boolean): Promise<void> {
  for (const place of [settings.text('out'), settings.text('events')])
    if (place !== undefined && place !== '-' && (isSeveral || isFolder(place))) await makeFolder(place)
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new Error(`folder ${folder}: could not be made: ${(error as NodeJS.ErrnoException).code}`)
  })
}

/** The end of one report. */
export interface Result {
  readonly ending: 'written' | 'failed' | 'skipped' | 'not tried'
  readonly code: number
  readonly outcome: Outcome
}

/** Exports one report and says how it went; one that fails does not keep the others. */
export async function runOrder(order: Order, context: Context, isOfCollection = false): Promise<Result> {
  const { signal, progress, settings } = context
  const { reportId } = order
  const label = labelOf(order)
  try {
    signal.throwIfAborted()
    const outcome = await exportReport(order, context)
    progress.note(`${label}: ${doneText(outcome)}`)
    return { ending: 'written', code: exit.complete, outcome }
  } catch (error) {
    const reason = signal.aborted ? errorOf(signal.reason) : errorOf(error, settings)
    const outcome = { reportId, complete: false, error: reason }
    if (signal.aborted) return { ending: 'failed', code: exit.failed, outcome }
    const complaint = complaintOf(error, settings)
    // a combined report cannot be exported, so that every export of its collection would fail
    const skipped = isOfCollection && reason.code === 'ERR_REPORT_NOT_EXPORTABLE'
    if (skipped) progress.note(`${label}: skipped: ${complaint}`)
    else progress.alarm(`${label}: ${complaint}`)
    const code = skipped ? exit.complete : exitCodeOf(error)
    return { ending: skipped ? 'skipped' : 'failed', code, outcome: { ...outcome, skipped } }
  }
}

/** A token that one report was refused with is refused for all of them, and the server may lock the client out. */
function notTried({ reportId }: Order): Result {
  const error = { code: 'ERR_NOT_TRIED', message: 'not tried, because the server refused the token before' }
  return { ending: 'not tried', code: exit.authentication, outcome: { reportId, complete: false, error } }
}

function report(results: readonly Result[], isSeveral: boolean, context: Context): void {
  const { settings, answer, progress, signal } = context
  const outcomes = results.map(({ outcome }) => outcome)
  const complete = results.every(({ code }) => code === exit.complete)
  const error = signal.aborted ? { error: errorOf(signal.reason) } : {}
  if (settings.get('json') === true) answer(isSeveral ? { complete, ...error, reports: outcomes } : outcomes[0])
  if (!isSeveral) return
  const done = outcomes.filter((outcome) => outcome['complete'] === true).length
  const numberOf = (ending: Result['ending']) => results.filter((result) => result.ending === ending).length
  const untried = numberOf('not tried')
  progress.note(
    `${counted(results.length, 'report')}: ${done} complete, ${numberOf('failed')} failed, ${numberOf('skipped')} skipped${untried > 0 ? `, ${untried} not tried` : ''}`,
  )
}

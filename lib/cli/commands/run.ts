import { dirname, join } from 'node:path'
import { createJsonError, toExitCode, toJsonError } from '../errors/command-errors.js'
import type { Context } from '../context.js'
import { exit } from '../errors/exit-codes.js'
import { formatDuration, pluralize } from '../output/format-text.js'
import { FRESH_FOR_FORM, parseFreshFor } from '../jobs/file/fresh-for.js'
import { runHook } from '../jobs/run/hooks.js'
import { JsonLog, TextLog, type JobLog } from '../jobs/run/job-log.js'
import type { JobResult } from '../jobs/run/job-result.js'
import { StateFile } from '../jobs/state/state-file.js'
import { RunLock } from '../jobs/state/run-lock.js'
import { checkMetricsFile, writeMetrics } from '../jobs/state/metrics.js'
import { openJobsFile, type UncheckedJobsFile, type PlannedJob } from '../jobs/file/plan-jobs.js'
import { PlannedJobsRun, type RunSummary } from '../jobs/run/run-planned-jobs.js'
import { suggestName } from '../parser.js'
import type { Settings } from '../settings.js'
import { StateInUseError } from '../errors/state-in-use-error.js'
import { UsageError } from '../errors/usage-error.js'

const DEFAULT_JOBS = 2

export async function runJobsFile(context: Context): Promise<number> {
  const { settings } = context
  const path = settings.text('file')
  if (path === undefined) throw new UsageError('nothing to run: give a jobs file, such as jobs.yaml')
  const startedAt = new Date()
  const log = createLog(context)
  const file = await openJobsFile(path, context)
  try {
    return await planAndRun(file, path, context, log)
  } catch (error) {
    // no hook runs if another run holds the state, or if the user only checks the file
    if (error instanceof StateInUseError || settings.get('check') === true) throw error
    const summary = createFailedSummary(error, startedAt, settings)
    await runHookOfResult(file, summary, context, (message) => log.note('error', 'hook', message))
    throw error
  }
}

async function planAndRun(file: UncheckedJobsFile, path: string, context: Context, log: JobLog): Promise<number> {
  const { settings, printJson, signal } = context
  settings.checkWord('logFormat')
  const maxJobs = settings.positiveInteger('jobs', DEFAULT_JOBS)
  await checkMetricsFile(settings)
  const plan = await file.plan()
  const jobs = replaceFreshFor(selectJobs(plan, settings.get('only')), settings)
  if (settings.get('check') === true) return showPlan(jobs, context)
  const statePath = settings.text('state') ?? join(dirname(path), '.optimize-export', 'state.json')
  const lock = await RunLock.acquire(statePath, signal)
  try {
    const state = await StateFile.read(statePath)
    const isResumed = settings.get('resume') === true
    const isSubset = settings.get('only') !== undefined
    const result = await new PlannedJobsRun({ maxJobs, isResumed, isSubset, state }, context, log).run(jobs)
    const summary = await finishRun(file, plan, result, state, context, log)
    if (settings.get('json') === true) printJson(summary)
    const { exitCode } = summary
    log.note(exitCode === exit.complete ? 'info' : 'error', 'summary', formatSummary(summary), { exitCode })
    return exitCode
  } finally {
    await lock.release()
  }
}

/** Returns the summary, for the hook, of a run that failed before its first job. */
function createFailedSummary(error: unknown, startedAt: Date, settings: Settings): RunSummary {
  return {
    complete: false,
    exitCode: toExitCode(error),
    run: undefined,
    startedAt,
    finishedAt: new Date(),
    error: toJsonError(error, settings),
    jobs: [],
  }
}

const createLog = ({ settings, progress, stderr }: Context): JobLog =>
  settings.get('logFormat') === 'json' ? new JsonLog(stderr, settings.get('quiet') === true) : new TextLog(progress)

function selectJobs(jobs: readonly PlannedJob[], only: unknown): readonly PlannedJob[] {
  if (!Array.isArray(only)) return jobs
  const names = jobs.map(({ name }) => name)
  for (const name of only as string[]) {
    if (!names.includes(name))
      throw new UsageError(`--only: there is no job ${JSON.stringify(name)}, ${suggestName(name, names)}`)
  }
  return jobs.filter(({ name }) => only.includes(name))
}

function replaceFreshFor(jobs: readonly PlannedJob[], settings: Settings): readonly PlannedJob[] {
  const text = settings.text('freshFor')
  if (text === undefined) return jobs
  const freshForMs = text === '0' ? 0 : parseFreshFor(text)
  if (freshForMs === undefined)
    throw settings.createError('freshFor', `expected ${FRESH_FOR_FORM}, or 0, got ${JSON.stringify(text)}`)
  return jobs.map((job) => ({ ...job, ownValues: { ...job.ownValues, 'fresh-for': freshForMs } }))
}

function showPlan(jobs: readonly PlannedJob[], { settings, stdout, printJson }: Context): number {
  const plan = jobs.map(({ name, kind, reportOrCollection, server, labels }) => ({
    name,
    kind,
    ...reportOrCollection,
    server,
    targets: labels,
  }))
  if (settings.get('json') === true) printJson({ jobs: plan })
  else
    for (const { name, kind, targets } of plan)
      stdout.write(`${name}: ${kind} to ${targets.length > 0 ? targets.join(', ') : 'one target per report'}\n`)
  return exit.complete
}

/** Writes the metrics and runs the hook. Returns the summary. If one of the two fails, a complete run becomes a failed one. */
async function finishRun(
  file: UncheckedJobsFile,
  plan: readonly PlannedJob[],
  result: RunSummary,
  state: StateFile,
  context: Context,
  log: JobLog,
): Promise<RunSummary> {
  let summary = result
  const fail = (event: string, message: string) => {
    log.note('error', event, message)
    if (summary.complete)
      summary = { ...summary, complete: false, exitCode: exit.failed, error: createJsonError('ERR_FAILED', message) }
  }
  const metrics = context.settings.text('metrics')
  const write = async () => {
    if (metrics === undefined) return
    await writeMetrics(metrics, plan, summary, state).catch((error: unknown) =>
      fail('metrics', `--metrics: ${(error as Error).message}`),
    )
  }
  // the metrics are written first, because the hook gets their failure; and once more if the hook changes the exit code
  await write()
  const { exitCode } = summary
  await runHookOfResult(file, summary, context, (message) => fail('hook', message))
  if (summary.exitCode !== exitCode) await write()
  return summary
}

async function runHookOfResult(
  { hooks }: UncheckedJobsFile,
  summary: RunSummary,
  context: Context,
  fail: (message: string) => void,
): Promise<void> {
  const key = summary.complete ? 'on-success' : 'on-failure'
  const command = hooks[key]
  const problem = command === undefined ? undefined : await runHook(command, summary, context)
  if (problem !== undefined) fail(`${key}: the command failed: ${problem}`)
}

/** `3 jobs: 2 complete, 1 failed, in 12 s`. */
function formatSummary({ jobs, startedAt, finishedAt, error }: RunSummary): string {
  const counts = new Map<JobResult['result'], number>()
  for (const { result } of jobs) counts.set(result, (counts.get(result) ?? 0) + 1)
  const parts = [...counts].map(([result, count]) => `${count} ${result}`)
  const seconds = (finishedAt.getTime() - startedAt.getTime()) / 1000
  const reason = error ? ` (${String(error['message'])})` : ''
  return `${pluralize(jobs.length, 'job')}${reason}: ${parts.join(', ')}, in ${formatDuration(seconds)}`
}
